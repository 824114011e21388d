"""The fused kernel, run layer by layer, so that the states between the layers can be seen.

Shapes: T time, B batch, I width of the input, H hidden units.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias, cast

import torch
from torch import Tensor, nn

from core.errors import ConfigError

Recurrent: TypeAlias = nn.LSTM | nn.GRU | nn.RNN
State: TypeAlias = Tensor | tuple[Tensor, Tensor]
Direction: TypeAlias = Literal["forward", "backward"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FusedRun:
    """One layer and direction after the fused kernel, in the order in which it read."""

    mode: str
    layer: int
    direction: Direction
    weights: list[Tensor | None]  # input and hidden weights, then input and hidden biases
    weight_hh: Tensor
    inputs_TBI: Tensor
    hidden_TBH: Tensor
    hidden_before_TBH: Tensor
    first_cell_BH: Tensor
    lengths_B: Tensor


@torch.no_grad()
def fused_runs(
    recurrent: Recurrent,
    inputs_TBI: Tensor,
    initial: State | None,
    lengths_B: Tensor | None,
    outputs_TBH: Tensor | None,
) -> Iterator[FusedRun]:
    """Run one layer and direction after the other, bottom up, each as a kernel of its own.

    Nothing after a position moves a causal layer's state there, so padding needs no packing: a
    backward layer reads each sequence reversed inside its length, and the results are those of
    `pack_padded_sequence`.

    Raises:
        ConfigError: the module has projections, or `outputs_TBH` came with several layers.
    """
    if recurrent.proj_size:
        raise ConfigError("An LSTM with projections cannot be diagnosed. Use proj_size=0.")
    directions = directions_of(recurrent)
    if outputs_TBH is not None and recurrent.num_layers * len(directions) > 1:
        raise ConfigError("Known outputs are of use for one layer in one direction only.")
    steps, batch = inputs_TBI.shape[:2]
    if lengths_B is None:
        lengths_B = torch.full((batch,), steps)
    lengths_B = lengths_B.to(inputs_TBI.device)
    hidden, cell = _first_states(recurrent, inputs_TBI, initial)
    is_text = text_mask(steps, lengths_B)[..., None]
    for layer in range(recurrent.num_layers):
        outputs: list[Tensor] = []
        for direction in directions:
            row = layer * len(directions) + len(outputs)
            weights = _weights(recurrent, layer, direction)
            ordered = in_reading_order(inputs_TBI, direction, lengths_B)
            found = outputs_TBH
            if found is None:
                found = _run_kernel(recurrent, weights, ordered, hidden[row], cell[row])
            yield FusedRun(
                mode=recurrent.mode,
                layer=layer,
                direction=direction,
                weights=weights,
                weight_hh=cast(Tensor, weights[1]),
                inputs_TBI=ordered,
                hidden_TBH=found.detach(),
                hidden_before_TBH=torch.cat([hidden[row, None], found.detach()])[:-1],
                first_cell_BH=cell[row],
                lengths_B=lengths_B,
            )
            outputs.append(in_reading_order(found, direction, lengths_B) * is_text)
        inputs_TBI = torch.cat(outputs, -1)


def directions_of(recurrent: Recurrent) -> tuple[Direction, ...]:
    """Return the directions of a layer in the order of their outputs."""
    return ("forward", "backward") if recurrent.bidirectional else ("forward",)


def _first_states(
    recurrent: Recurrent, inputs_TBI: Tensor, initial: State | None
) -> tuple[Tensor, Tensor]:
    rows = recurrent.num_layers * len(directions_of(recurrent))
    zeros = inputs_TBI.new_zeros(rows, inputs_TBI.shape[1], recurrent.hidden_size)
    if initial is None:
        return zeros, zeros
    return initial if isinstance(initial, tuple) else (initial, zeros)


def _weights(recurrent: Recurrent, layer: int, direction: Direction) -> list[Tensor | None]:
    suffix = f"_l{layer}" + ("_reverse" if direction == "backward" else "")
    names = [f"{name}{suffix}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    found = [getattr(recurrent, name, None) for name in names]  # without biases, the last two miss
    return [None if weight is None else weight.detach() for weight in found]


_KERNELS: dict[str, Callable[..., Recurrent]] = {
    "LSTM": nn.LSTM,
    "GRU": nn.GRU,
    "RNN_TANH": nn.RNN,
    "RNN_RELU": partial(nn.RNN, nonlinearity="relu"),
}


def _run_kernel(
    recurrent: Recurrent,
    weights: list[Tensor | None],
    inputs_TBI: Tensor,
    hidden_BH: Tensor,
    cell_BH: Tensor,
) -> Tensor:
    if not len(inputs_TBI):
        return inputs_TBI.new_zeros(0, *hidden_BH.shape)
    # A copy, because cuDNN wants each layer's weights in one block and would move the originals;
    # born on the meta device, because initial values would be drawn from the random state.
    kernel = _KERNELS[recurrent.mode](
        inputs_TBI.shape[-1],
        recurrent.hidden_size,
        bias=recurrent.bias,
        device="meta",
        dtype=inputs_TBI.dtype,
    ).to_empty(device=inputs_TBI.device)
    for parameter, weight in zip(kernel.parameters(), weights, strict=False):
        parameter.copy_(cast(Tensor, weight))
    first = (hidden_BH[None], cell_BH[None])
    outputs_TBH, _ = kernel(inputs_TBI, first if recurrent.mode == "LSTM" else first[0])
    return cast(Tensor, outputs_TBH)


def text_mask(steps: int, lengths_B: Tensor) -> Tensor:
    """Return (T, B): True where a position is not padding."""
    return torch.arange(steps, device=lengths_B.device)[:, None] < lengths_B


def in_reading_order(tensor_TBX: Tensor, direction: Direction, lengths_B: Tensor) -> Tensor:
    """Reverse each sequence inside its own length; the same call turns it back."""
    if direction == "forward":
        return tensor_TBX
    steps, batch = tensor_TBX.shape[:2]
    position_T1 = torch.arange(steps, device=lengths_B.device)[:, None]
    index_TB = torch.where(position_T1 < lengths_B, lengths_B - 1 - position_T1, position_T1)
    return tensor_TBX[index_TB, torch.arange(batch, device=lengths_B.device)]
