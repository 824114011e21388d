"""The diagnosed loops against the bare PyTorch loop, and fused gates against a loop of cells.

Legend: B batch, T time, I input width, H hidden width.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.measure import Row, ratio_of_calls, ratio_of_streams
from core.diagnostics.gates import forget_gates
from core.labs import clipping, gradient_flow
from core.labs.config import ClippingConfig, GradientFlowConfig
from core.labs.prepare import prepare_clipping, prepare_gradient_flow
from core.labs.race import build_racers
from core.training.events import Event
from core.training.learner import Learner

CPU = torch.device("cpu")


def rounds(events: Iterator[Event]) -> Iterator[Event]:
    """Yield once a round: what a lab does between two rounds counts to the second."""
    for event in events:
        if event.kind in ("progress", "result"):
            yield event


def bare_loop(
    learners: list[tuple[Learner, float]], task: object, *, updates: int, batch: int, seed: int
) -> Iterator[int]:
    """Train as one writes it in PyTorch: no events, no numbers read, norm clipping by torch."""
    generator = torch.Generator().manual_seed(seed)
    for step in range(1, updates + 1):
        drawn = task.batch(batch, generator)  # type: ignore[attr-defined]
        for learner, threshold in learners:
            learner.optimizer.zero_grad()
            loss = task.loss(learner.model(drawn.inputs), drawn)  # type: ignore[attr-defined]
            loss.backward()
            if threshold:
                nn.utils.clip_grad_norm_(learner.parameters, threshold)
            learner.optimizer.step()
        yield step


def gradient_flow_row(pairs: int) -> Row:
    """The gradient-flow lab at its defaults, every look inside included."""
    config = GradientFlowConfig()
    task = prepare_gradient_flow(config, None).task

    def bare() -> Iterator[object]:
        racers = [(racer, config.clip) for racer in build_racers(config, task, CPU)]
        return bare_loop(
            racers, task, updates=config.updates, batch=config.batch_size, seed=config.seed
        )

    ratio = ratio_of_streams(lambda: rounds(gradient_flow.run(config)), bare, pairs=pairs)
    return Row(
        name="gradient-flow lab / bare loop",
        kind="ratio",
        measured=ratio,
        unit="x time",
        sense="at most",
        limit=1.05,
    )


def clipping_row(pairs: int) -> Row:
    """The clipping lab at its defaults; the bare loop trains the clipped twin alone.

    The unclipped twin diverges within a few updates; those count against the lab.
    """
    config = ClippingConfig(updates=1200)
    task = prepare_clipping(config, None).task

    def bare() -> Iterator[object]:
        twin = clipping.build_twins(config, task, CPU)[1]
        return bare_loop(
            [(twin, config.threshold)],
            task,
            updates=config.updates,
            batch=config.batch_size,
            seed=config.seed,
        )

    ratio = ratio_of_streams(lambda: rounds(clipping.run(config)), bare, pairs=pairs)
    return Row(
        name="clipping lab / bare loop",
        kind="ratio",
        measured=ratio,
        unit="x time",
        sense="at most",
        limit=1.05,
    )


def gate_row(pairs: int) -> Row:
    """Training on the fused kernel with a gate probe against a cell loop that collects gates."""
    steps, batch, width, hidden, probed = 100, 32, 32, 64, 4
    torch.manual_seed(0)
    fused, cell = nn.LSTM(width, hidden), nn.LSTMCell(width, hidden)
    inputs_TBI = torch.randn(steps, batch, width)

    def with_probe() -> Tensor:
        hidden_TBH, _ = fused(inputs_TBI)
        hidden_TBH.square().mean().backward()
        return forget_gates(fused, inputs_TBI[:, :probed])

    def cell_loop() -> Tensor:
        h_BH = c_BH = torch.zeros(batch, hidden)
        outputs, gates = [], []
        for x_BI in inputs_TBI:
            with torch.no_grad():
                pre = F.linear(x_BI[:probed], cell.weight_ih, cell.bias_ih)
                pre = pre + F.linear(h_BH[:probed], cell.weight_hh, cell.bias_hh)
                gates.append(pre.chunk(4, -1)[1].sigmoid())
            h_BH, c_BH = cell(x_BI, (h_BH, c_BH))
            outputs.append(h_BH)
        torch.stack(outputs).square().mean().backward()  # type: ignore[no-untyped-call]
        return torch.stack(gates)

    ratio = ratio_of_calls(cell_loop, with_probe, pairs=pairs)
    return Row(
        name="cell loop with gates / fused with gate probe",
        kind="ratio",
        measured=ratio,
        unit="x time",
        sense="at least",
        limit=2.5,
    )
