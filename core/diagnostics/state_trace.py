"""What a recurrent model's states and gates do along a sequence: do they drift, do they saturate?

Legend: B batch, T time, I input width, H hidden width, N positions told.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from core.diagnostics.cell_steps import CellSteps, cell_steps
from core.diagnostics.forced_reading import home, undisturbed
from core.diagnostics.fused_runs import FusedRun, fused_runs
from core.models.recurrent import RecurrentModel
from core.training.events import Columns

SEQUENCES = 4
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
        features_TBI = model.features(inputs[:, :sequences].to(home(model)))
        *_, run = fused_runs(model.recurrent, features_TBI, None, None, None)
        step = cell_steps(run)
        told_N = _told(len(inputs), positions).to(run.hidden_TBH.device)
        columns = _measure(run, step, told_N)
    return {"position": (told_N + 1).tolist()} | columns


def _told(steps: int, positions: int) -> Tensor:
    """Return up to `positions` places of equal distance, the last step among them."""
    every = -(-steps // positions)
    return torch.arange(steps - 1, -1, -every).flip(0)


def _measure(run: FusedRun, step: CellSteps, told_N: Tensor) -> Columns:
    hidden_NBH = run.hidden_TBH[told_N]
    cell_NBH = None if step.cell_TBH is None else step.cell_TBH[told_N]
    forget_NBH = None if step.log_forget_TBH is None else step.keep_TBH[told_N]
    return {
        "hidden_norm": hidden_NBH.norm(dim=-1).mean(1).tolist(),
        "cell_norm": _listed(cell_NBH, len(told_N), lambda some: some.norm(dim=-1).mean(1)),
        "saturated": _saturated(hidden_NBH, step, told_N).tolist(),
        "forget": _listed(forget_NBH, len(told_N), lambda some: some.mean((1, 2))),
    }


def _saturated(hidden_NBH: Tensor, step: CellSteps, told_N: Tensor) -> Tensor:
    gates = [step.gates[name][told_N] for name in SIGMOIDS[step.cell]]
    if not gates:
        return (hidden_NBH.abs() > OPEN).float().mean((1, 2))
    return torch.stack(
        [((gate < SHUT) | (gate > OPEN)).float().mean((1, 2)) for gate in gates]
    ).mean(0)


SIGMOIDS = {"lstm": ("input", "forget", "output"), "gru": ("reset", "update"), "rnn": ()}
"""The gates of each cell that are between 0 and 1."""


def _listed(
    tensor: Tensor | None, count: int, measure: Callable[[Tensor], Tensor]
) -> list[float | None]:
    return [None] * count if tensor is None else measure(tensor).tolist()
