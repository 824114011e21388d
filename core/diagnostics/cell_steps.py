"""The equations of each cell, for all steps at once, from the states that the steps started from.

Shapes: T time, B batch, H hidden units, G gates of the cell.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from core.diagnostics.fused_runs import FusedRun

Cell: TypeAlias = Literal["lstm", "gru", "rnn"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellSteps:
    """What the cells differ in; tensors (T, B, H) in the order of reading."""

    cell: Cell
    gates: dict[str, Tensor]
    keep_TBH: Tensor
    log_forget_TBH: Tensor | None = None
    cell_TBH: Tensor | None = None
    cell_before_TBH: Tensor | None = None


def cell_steps(run: FusedRun) -> CellSteps:
    """Return every gate of a run; `LayerGates` says what the gates are called."""
    return _CELLS[run.mode](run, *projections(run, run.weights))


def projections(run: FusedRun, weights: list[Tensor | None]) -> tuple[Tensor, Tensor]:
    """Return what the inputs and the previous states add to the preactivations: (T, B, G * H).

    `weights` may hold only some rows of the run's own.
    """
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    assert weight_ih is not None
    assert weight_hh is not None
    return (
        F.linear(run.inputs_TBI, weight_ih, bias_ih),
        F.linear(run.hidden_before_TBH, weight_hh, bias_hh),
    )


def _lstm_step(run: FusedRun, from_input: Tensor, from_hidden: Tensor) -> CellSteps:
    """Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000, as `nn.LSTM`."""
    into, forget, candidate, out = (from_input + from_hidden).chunk(4, -1)
    gates = {
        "input": into.sigmoid(),
        "forget": forget.sigmoid(),
        "candidate": candidate.tanh(),
        "output": out.sigmoid(),
    }
    cells = [run.first_cell_BH]
    written_TBH = gates["input"] * gates["candidate"]
    for kept_BH, new_BH in zip(gates["forget"].unbind(), written_TBH.unbind(), strict=True):
        cells.append(torch.addcmul(new_BH, kept_BH, cells[-1]))
    cells_TBH = torch.stack(cells)
    return CellSteps(
        cell="lstm",
        gates=gates,
        keep_TBH=gates["forget"],
        log_forget_TBH=F.logsigmoid(forget),
        cell_TBH=cells_TBH[1:],
        cell_before_TBH=cells_TBH[:-1],
    )


def _gru_step(run: FusedRun, from_input: Tensor, from_hidden: Tensor) -> CellSteps:
    """Cho et al. 2014 in the variant of `nn.GRU`: the reset gate acts after the product."""
    reset_in, update_in, candidate_in = from_input.chunk(3, -1)
    reset_re, update_re, candidate_re = from_hidden.chunk(3, -1)
    reset = (reset_in + reset_re).sigmoid()
    update = (update_in + update_re).sigmoid()
    gates = {
        "reset": reset,
        "update": update,
        "candidate": (candidate_in + reset * candidate_re).tanh(),
        "candidate_recurrent": candidate_re,
    }
    log_update = F.logsigmoid(update_in + update_re)
    return CellSteps(cell="gru", gates=gates, keep_TBH=update, log_forget_TBH=log_update)


def _tanh_step(run: FusedRun, from_input: Tensor, from_hidden: Tensor) -> CellSteps:
    """Elman 1990. The slope 1 - tanh^2 is written so that saturation does not round it to 0."""
    before = from_input + from_hidden
    slope = 4 * (2 * before).sigmoid() * (-2 * before).sigmoid()
    return CellSteps(cell="rnn", gates={"preactivation": before}, keep_TBH=slope)


def _relu_step(run: FusedRun, from_input: Tensor, from_hidden: Tensor) -> CellSteps:
    before = from_input + from_hidden
    return CellSteps(cell="rnn", gates={"preactivation": before}, keep_TBH=(before > 0).to(before))


_CELLS: dict[str, Callable[[FusedRun, Tensor, Tensor], CellSteps]] = {
    "LSTM": _lstm_step,
    "GRU": _gru_step,
    "RNN_TANH": _tanh_step,
    "RNN_RELU": _relu_step,
}
