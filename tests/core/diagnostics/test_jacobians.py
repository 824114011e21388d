"""Closed-form Jacobians of one step, against autograd through torch's own cells."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.functional import jacobian

from core.diagnostics.gates import LayerGates, read_gates, read_layer
from core.diagnostics.jacobians import step_jacobians

LENGTHS = torch.tensor([4, 7, 1])
CELLS = {"LSTM": nn.LSTMCell, "GRU": nn.GRUCell, "RNN_TANH": nn.RNNCell, "RNN_RELU": nn.RNNCell}


def build_cell(recurrent: Any, gates: LayerGates) -> Any:
    suffix = f"_l{gates.layer}" + ("_reverse" if gates.direction == "backward" else "")
    options = {"nonlinearity": "relu"} if recurrent.mode == "RNN_RELU" else {}
    weights = [getattr(recurrent, f"{n}{suffix}") for n in ("weight_ih", "weight_hh")]
    cell = CELLS[recurrent.mode](weights[0].shape[1], 5, dtype=torch.float64, **options)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(cell, name, getattr(recurrent, f"{name}{suffix}"))
    return cell


def slow_jacobian(cell: Any, token_I: Tensor, gates: LayerGates, step: int, b: int) -> Tensor:
    hidden = gates.hidden_before_TBH[step, b]
    if gates.cell_before_TBH is None:
        return jacobian(lambda h: cell(token_I, h), hidden)

    def move(state: Tensor) -> Tensor:
        shown, carried = cell(token_I, (state[5:], state[:5]))
        return torch.cat([carried, shown])

    return jacobian(move, torch.cat([gates.cell_before_TBH[step, b], hidden]))


def test_a_gru_worked_out_by_hand() -> None:
    gru = nn.GRU(1, 1, dtype=torch.float64)
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.zero_()
        gru.weight_hh_l0[2] = 3.0  # h = n / 2 + h' / 2 with n = tanh(3 h' / 2): slope 1/2 + 3/4
    gates = read_layer(gru, torch.zeros(1, 1, 1, dtype=torch.float64))
    assert step_jacobians(gates).item() == pytest.approx(1.25)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_every_step_is_that_of_autograd(
    build_layers: Any, kind: str, num_layers: int, bidirectional: bool
) -> None:
    layers, inputs_TBI = build_layers(kind, num_layers=num_layers, bidirectional=bidirectional)
    found = read_gates(layers, inputs_TBI, lengths_B=LENGTHS)
    halves = 1 + bidirectional
    for gates in found:
        below = found[halves * (gates.layer - 1) : halves * gates.layer]
        reads = torch.cat([g.hidden_TBH for g in below], -1) if below else inputs_TBI
        fast, cell = step_jacobians(gates), build_cell(layers, gates)
        for b, length in enumerate(LENGTHS.tolist()):
            for step in range(length):
                slow = slow_jacobian(cell, reads[step, b], gates, step, b)
                torch.testing.assert_close(fast[step, b], slow, rtol=1e-8, atol=1e-12)
        assert torch.equal(fast[6, 2], torch.eye(len(fast[6, 2]), dtype=torch.float64))


def test_no_steps_give_no_jacobians(build_layers: Any) -> None:
    layers, inputs_TBI = build_layers("lstm", steps=0)
    assert step_jacobians(read_layer(layers, inputs_TBI)).shape == (0, 3, 10, 10)
