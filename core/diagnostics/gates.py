"""Every gate of a fused recurrent module, exactly, without training in a Python loop.

The fused kernel returns only the hidden states. Shifted by one step they are the states that
each step started from, so one batched product gives the preactivations of all steps at once.

Shapes: T time, B batch, I width of the input, H hidden units, G gates of the cell.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.diagnostics.cell_steps import Cell, cell_steps, projections
from core.diagnostics.fused_runs import (
    Direction,
    FusedRun,
    Recurrent,
    State,
    directions_of,
    fused_runs,
    in_reading_order,
    text_mask,
)
from core.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerGates:
    """What one direction of one layer did at every position of a batch.

    Positions are those of the text, in both directions: a backward layer starts at the last.
    At padding (a position of `lengths_B[b]` or more) every tensor is zero.

    Attributes:
        layer: 0 is the layer that reads the input.
        direction: the way in which this half of the layer reads.
        cell: the kind of step.
        gates: tensors (T, B, H). lstm: `input`, `forget`, `candidate`, `output`; gru: `reset`,
            `update`, `candidate` and `candidate_recurrent`, the share of the candidate's
            preactivation that the reset gate multiplies; rnn: `preactivation`.
        keep_TBH: the factor on the straight path from one step to the next, 0 to 1: the forget
            gate f of an LSTM, the update gate z of a GRU (h = (1 - z) n + z h'), and the slope
            of the activation in a plain RNN, which has no gate.
        log_forget_TBH: its natural logarithm, exact where the gate itself rounds to 0; None
            for rnn.
        hidden_TBH: the state after each step.
        hidden_before_TBH: the state that each step started from.
        cell_TBH: the LSTM's cell after each step, else None.
        cell_before_TBH: the cell that each step started from, else None.
        weight_hh: (G * H, H), a copy as it was when the gates were read.
        lengths_B: the number of positions that are not padding.
    """

    layer: int
    direction: Direction
    cell: Cell
    gates: dict[str, Tensor]
    keep_TBH: Tensor
    log_forget_TBH: Tensor | None
    hidden_TBH: Tensor
    hidden_before_TBH: Tensor
    cell_TBH: Tensor | None
    cell_before_TBH: Tensor | None
    weight_hh: Tensor
    lengths_B: Tensor

    @property
    def is_text(self) -> Tensor:
        """(T, B): True where a position is not padding."""
        return text_mask(len(self.keep_TBH), self.lengths_B)


@torch.no_grad()
def read_gates(
    recurrent: Recurrent,
    inputs_TBI: Tensor,
    *,
    initial: State | None = None,
    lengths_B: Tensor | None = None,
    outputs_TBH: Tensor | None = None,
) -> list[LayerGates]:
    """Return the gates of every layer and direction, from the bottom up, forward first.

    They are the gates of evaluation: no dropout between the layers. The time comes first in
    `inputs_TBI`, also for a module with `batch_first`. Nothing is changed: neither the module
    nor its gradients, its mode, its hooks or the random state. The gates keep the module's
    dtype and device, but come from MPS to the CPU: it has no float64, which products need.

    Args:
        recurrent: `nn.LSTM`, `nn.GRU` or `nn.RNN` (tanh or relu), without projections.
        inputs_TBI: what the bottom layer reads.
        initial: the first state in the module's own form (layers x directions, B, H); None is
            zeros.
        lengths_B: for a padded batch, the number of positions that count; the result is that
            of `pack_padded_sequence`. None is all.
        outputs_TBH: what the module returned for these inputs, if it is at hand: saves the
            fused pass. Only for one layer in one direction.

    Raises:
        ConfigError: the module has projections, or `outputs_TBH` came with several layers.
    """
    runs = fused_runs(recurrent, inputs_TBI, initial, lengths_B, outputs_TBH)
    return [_gates_of(run) for run in runs]


@torch.no_grad()
def read_layer(
    recurrent: Recurrent,
    inputs_TBI: Tensor,
    *,
    layer: int = -1,
    direction: Direction = "forward",
    initial: State | None = None,
    lengths_B: Tensor | None = None,
    outputs_TBH: Tensor | None = None,
) -> LayerGates:
    """Return the gates of one layer and direction; the others only run, without their gates.

    Arguments and errors are those of `read_gates`; `layer` -1 is the top.

    Raises:
        ConfigError: the module has no such layer or direction.
    """
    layers, directions = recurrent.num_layers, directions_of(recurrent)
    if not -layers <= layer < layers or direction not in directions:
        raise ConfigError(
            f"Layer {layer}, {direction}, is not in this model: it has {layers} layer(s), "
            f"{' and '.join(directions)}."
        )
    for run in fused_runs(recurrent, inputs_TBI, initial, lengths_B, outputs_TBH):
        if run.layer == layer % layers and run.direction == direction:
            return _gates_of(run)
    raise AssertionError("a layer that was checked above did not run")


@torch.no_grad()
def forget_gates(
    recurrent: nn.LSTM,
    inputs_TBI: Tensor,
    *,
    lengths_B: Tensor | None = None,
    outputs_TBH: Tensor | None = None,
) -> Tensor:
    """Return only the forget gates of an LSTM's top layer, forward: (T, B, H), zero at padding.

    A quarter of the product of `read_gates`, and no recurrence for the cell.

    Raises:
        ConfigError: the module has projections, or `outputs_TBH` came with several layers.
    """
    *_, run = (
        run
        for run in fused_runs(recurrent, inputs_TBI, None, lengths_B, outputs_TBH)
        if run.direction == "forward"
    )
    units = slice(recurrent.hidden_size, 2 * recurrent.hidden_size)
    weights = [None if weight is None else weight[units] for weight in run.weights]
    from_input_TBH, from_hidden_TBH = projections(run, weights)
    gate_TBH = (from_input_TBH + from_hidden_TBH).sigmoid()
    return gate_TBH * text_mask(len(gate_TBH), run.lengths_B)[..., None]


def _gates_of(run: FusedRun) -> LayerGates:
    step = cell_steps(run)
    is_text_TB1 = text_mask(len(run.hidden_TBH), run.lengths_B)[..., None]

    def placed(tensor_TBH: Tensor) -> Tensor:
        return _at_home(in_reading_order(tensor_TBH, run.direction, run.lengths_B) * is_text_TB1)

    def placed_if_any(tensor_TBH: Tensor | None) -> Tensor | None:
        return None if tensor_TBH is None else placed(tensor_TBH)

    return LayerGates(
        layer=run.layer,
        direction=run.direction,
        cell=step.cell,
        gates={name: placed(gate_TBH) for name, gate_TBH in step.gates.items()},
        keep_TBH=placed(step.keep_TBH),
        log_forget_TBH=placed_if_any(step.log_forget_TBH),
        hidden_TBH=placed(run.hidden_TBH),
        hidden_before_TBH=placed(run.hidden_before_TBH),
        cell_TBH=placed_if_any(step.cell_TBH),
        cell_before_TBH=placed_if_any(step.cell_before_TBH),
        weight_hh=_at_home(run.weight_hh).clone(),
        lengths_B=_at_home(run.lengths_B),
    )


def _at_home(tensor: Tensor) -> Tensor:
    return tensor.cpu() if tensor.device.type == "mps" else tensor
