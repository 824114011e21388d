"""What a recurrent model's states and gates do along a sequence: do they drift, do they saturate?

Legend: B batch, T time, I input width, H hidden width, N positions told.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.diagnostics.cell_steps import CellSteps, cell_steps
from core.diagnostics.forced_reading import home, undisturbed
from core.diagnostics.fused_runs import FusedRun, fused_runs
from core.models.recurrent import RecurrentModel
from core.training.events import Columns

SEQUENCES = 3
POSITIONS = 200

SHUT, OPEN = 0.05, 0.95
"""A gate below or above is saturated, and so is a unit of size above the second."""

NAMES = ("position", "hidden_norm", "cell_norm", "saturated", "forget")


def trace_states(
    model: nn.Module, inputs: Tensor, *, sequences: int = SEQUENCES, positions: int = POSITIONS
) -> Columns:
    """Return a row for each of up to `positions` places along `inputs` (T, B[, I]).

    The top layer is traced on the first `sequences` alone, by the fused kernel. There are no rows
    for a model without a state, such as a Transformer. A drift of the norms beyond the trained
    lengths says that the head reads states it never saw, not yet that its answers are wrong.

    Columns: `position`, the steps read so far; `hidden_norm` and `cell_norm`, Euclidean, a mean
    over the sequences (the latter None for a cell without one); `saturated`, the share of
    sigmoid gates below .05 or above .95, in a plain RNN that of units whose size is above .95;
    `forget`, the mean forget gate, a GRU's update gate z (1 keeps all), None in a plain RNN.
    """
    if not isinstance(model, RecurrentModel) or not inputs.numel():
        return {name: [] for name in NAMES}
    with undisturbed(model):
        features_TBI = model.features(inputs[:, :sequences].contiguous().to(home(model)))
        recurrent = model.recurrent
        is_single = recurrent.num_layers == 1 and not recurrent.bidirectional
        outputs_TBH = recurrent(features_TBI)[0] if is_single else None  # saves a copy of it
        *_, run = fused_runs(recurrent, features_TBI, None, None, outputs_TBH)
        told_N = _told(len(inputs), positions).to(run.hidden_TBH.device)
        hidden_NBH = run.hidden_TBH[told_N]
        columns = _measure(hidden_NBH, _steps_told(run, told_N))
    return {"position": (told_N + 1).tolist()} | columns


def _told(steps: int, positions: int) -> Tensor:
    """Return up to `positions` places of equal distance, the last step among them."""
    every = -(-steps // positions)
    return torch.arange(steps - 1, -1, -every).flip(0)


def _steps_told(run: FusedRun, told_N: Tensor) -> CellSteps:
    """Return what the cells did at some places, (N, B, H); a cell that adds up needs all steps."""
    if run.mode == "LSTM":
        step = cell_steps(run)
        return replace(
            step,
            gates={name: gate_TBH[told_N] for name, gate_TBH in step.gates.items()},
            keep_TBH=step.keep_TBH[told_N],
            cell_TBH=None if step.cell_TBH is None else step.cell_TBH[told_N],
        )
    return cell_steps(
        replace(
            run,
            inputs_TBI=run.inputs_TBI[told_N],
            hidden_before_TBH=run.hidden_before_TBH[told_N],
        )
    )


def _measure(hidden_NBH: Tensor, step: CellSteps) -> Columns:
    has_gate = step.log_forget_TBH is not None
    return {
        "hidden_norm": hidden_NBH.norm(dim=-1).mean(1).tolist(),
        "cell_norm": _listed(step.cell_TBH, len(hidden_NBH), lambda c: c.norm(dim=-1).mean(1)),
        "saturated": _saturated(hidden_NBH, step).tolist(),
        "forget": _listed(
            step.keep_TBH if has_gate else None, len(hidden_NBH), lambda f: f.mean((1, 2))
        ),
    }


def _saturated(hidden_NBH: Tensor, step: CellSteps) -> Tensor:
    gates = [step.gates[name] for name in SIGMOIDS[step.cell]]
    if not gates:
        return (hidden_NBH.abs() > OPEN).float().mean((1, 2))
    beyond = [((gate < SHUT) | (gate > OPEN)).float().mean((1, 2)) for gate in gates]
    return torch.stack(beyond).mean(0)


SIGMOIDS = {"lstm": ("input", "forget", "output"), "gru": ("reset", "update"), "rnn": ()}
"""The gates of each cell that are between 0 and 1."""


def _listed(
    tensor: Tensor | None, count: int, measure: Callable[[Tensor], Tensor]
) -> list[float | None]:
    return [None] * count if tensor is None else measure(tensor).tolist()
