"""What looking inside costs on long sequences, against the pass that is looked at.

Legend: T time, B batch, I input width.
"""

import time
from collections.abc import Iterator

import torch

from benchmarks.measure import Row, ratio_of_calls
from core.data.counting import RunningCount
from core.diagnostics.state_trace import trace_states
from core.models.build import build_model
from core.models.catalogue import find_spec
from core.models.chunked_reading import ChunkedReader
from core.models.recurrent import RecurrentModel

CLOCK = time.process_time  # no bench here waits: what other work the machine does is left out
STEPS, SEQUENCES, HIDDEN, CHUNK = 500, 256, 64, 100
TRACED: dict[str, float | None] = {"lstm-bias": 0.10, "gru": 0.10, "rnn": None}
"""Limits. A step of a plain RNN is so short that starting its kernel for a few sequences again is
a tenth of the pass over all; so that is only told."""


def rows() -> Iterator[Row]:
    """Measure the state trace of every cell, and reading in chunks."""
    for name, limit in TRACED.items():
        yield trace_row(name, limit, pairs=15)
    yield chunk_row(pairs=15)


def trace_row(name: str, limit: float | None, pairs: int) -> Row:
    """The lab's state trace against one pass of the tested sequences, without gradients."""
    model, inputs_TBI = _build(name), _inputs()

    @torch.no_grad()
    def one_pass() -> object:
        return model(inputs_TBI)

    ratio = ratio_of_calls(
        lambda: trace_states(model, inputs_TBI), one_pass, pairs=pairs, clock=CLOCK
    )
    return Row(
        name=f"state trace / pass, {find_spec(name).label}",
        kind="ratio",
        measured=ratio,
        unit="x time",
        sense="at most",
        limit=limit,
    )


def chunk_row(pairs: int) -> Row:
    """Reading in chunks with the state carried against one pass: what less memory costs in time."""
    model, inputs_TBI = _build("lstm-bias"), _inputs()
    reader = ChunkedReader(model, CHUNK)

    @torch.no_grad()
    def one_pass() -> object:
        return model(inputs_TBI)

    return Row(
        name=f"chunks of {CHUNK} steps / pass",
        kind="ratio",
        measured=ratio_of_calls(lambda: reader(inputs_TBI), one_pass, pairs=pairs, clock=CLOCK),
        unit="x time",
        sense="at most",
        limit=1.10,
    )


def _build(name: str) -> RecurrentModel:
    task = RunningCount()
    model = build_model(
        find_spec(name),
        input_size=task.input_size,
        output_size=task.output_size,
        vocabulary_size=task.vocabulary_size,
        hidden=HIDDEN,
        layers=1,
        horizon=STEPS,
        seed=0,
    )
    assert isinstance(model, RecurrentModel)
    return model


def _inputs() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return RunningCount().draw(STEPS, SEQUENCES, generator).inputs
