"""Gradient sizes over a distance, against autograd through the whole stack."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.functional import jacobian

from core.diagnostics.gates import LayerGates, read_gates, read_layer
from core.diagnostics.jacobians import step_jacobians
from core.diagnostics.products import gradient_products

LENGTHS = torch.tensor([4, 7, 1])


def size(block: Tensor) -> float:
    return float(block.norm() / math.sqrt(len(block)))


def slow_sizes(gates: LayerGates, b: int) -> list[tuple[float, float]]:
    """Multiply whole Jacobians: sizes of the first and of the last H x H block."""
    units = gates.keep_TBH.shape[-1]
    jacobians = step_jacobians(gates)[: int(gates.lengths_B[b]), b]
    product = torch.eye(jacobians.shape[-1], dtype=torch.float64)
    sizes = [(1.0, 1.0)]
    for step in jacobians.flip(0) if gates.direction == "forward" else jacobians:
        product = product @ step
        sizes.append((size(product[:units, :units]), size(product[-units:, -units:])))
    return sizes


def test_a_relu_chain_worked_out_by_hand() -> None:
    rnn = nn.RNN(1, 1, nonlinearity="relu", dtype=torch.float64)
    with torch.no_grad():
        for parameter, value in zip(rnn.parameters(), (1.0, 0.5, 0.0, 0.0), strict=True):
            parameter.fill_(value)
    products = gradient_products(read_layer(rnn, torch.ones(3, 1, 1, dtype=torch.float64)))
    halves = [0.0, math.log10(0.5), math.log10(0.25), math.log10(0.125)]
    assert products.hidden_log10_KB[:, 0].tolist() == pytest.approx(halves)
    assert products.textbook_log10_KB[:, 0].tolist() == pytest.approx(halves)
    assert products.cell_log10_KB is None


def test_a_dead_relu_is_minus_infinity_and_never_nan() -> None:
    rnn = nn.RNN(1, 2, nonlinearity="relu")
    with torch.no_grad():
        rnn.bias_ih_l0.fill_(-100.0)
    products = gradient_products(read_layer(rnn, torch.ones(3, 1, 1)))
    for log10_KB in (products.hidden_log10_KB, products.textbook_log10_KB):
        assert log10_KB[:, 0].tolist() == [0.0, -math.inf, -math.inf, -math.inf]


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_sizes_are_those_of_multiplied_jacobians(
    build_layers: Any, kind: str, num_layers: int, bidirectional: bool
) -> None:
    layers, inputs_TBI = build_layers(kind, num_layers=num_layers, bidirectional=bidirectional)
    for gates in read_gates(layers, inputs_TBI, lengths_B=LENGTHS):
        products = gradient_products(gates)
        for b, length in enumerate(LENGTHS.tolist()):
            firsts, lasts = zip(*slow_sizes(gates, b), strict=True)
            hidden = 10 ** products.hidden_log10_KB[: length + 1, b]
            assert hidden.tolist() == pytest.approx(lasts, rel=1e-8)
            assert products.hidden_log10_KB[length + 1 :, b].isnan().all()
            if products.cell_log10_KB is not None:
                cell = 10 ** products.cell_log10_KB[: length + 1, b]
                assert cell.tolist() == pytest.approx(firsts, rel=1e-8)


@pytest.mark.parametrize("layer", [0, 1])
def test_sizes_are_those_of_autograd_through_a_whole_stack(
    build_layers: Any, kind: str, layer: int
) -> None:
    layers, inputs_TBI = build_layers(kind, num_layers=2)
    gates = read_layer(layers, inputs_TBI, layer=layer)
    products = gradient_products(gates)
    for distance in (1, 3, 7):
        _, state = layers(inputs_TBI[: 7 - distance, :1]) if distance < 7 else (None, None)
        zeros = torch.zeros(2, 1, 5, dtype=torch.float64)
        state = state or (zeros, zeros) if kind == "lstm" else zeros if state is None else state
        parts = tuple(s.detach() for s in state) if kind == "lstm" else (state.detach(),)

        def move(*parts: Tensor, distance: int = distance) -> Any:
            start = parts if kind == "lstm" else parts[0]
            return layers(inputs_TBI[7 - distance :, :1], start)[1]

        whole = jacobian(move, parts)
        hidden = whole[0][0] if kind == "lstm" else whole[0]
        expected = size(hidden[layer, 0, :, layer, 0])
        found = 10 ** float(products.hidden_log10_KB[distance, 0])
        assert found == pytest.approx(expected, rel=1e-8)
        if products.cell_log10_KB is not None:
            expected = size(whole[1][1][layer, 0, :, layer, 0])
            found = 10 ** float(products.cell_log10_KB[distance, 0])
            assert found == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_the_textbook_multiplies_the_gates_alone(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind)
    gates = read_layer(layers, inputs_TBI)
    expected = gates.keep_TBH.flip(0).cumprod(0).square().mean(-1).sqrt()
    found = 10 ** gradient_products(gates).textbook_log10_KB[1:]
    torch.testing.assert_close(found, expected)


def test_the_textbook_of_an_rnn_is_the_power_of_one_number(build_layers: Any) -> None:
    layers, inputs_TBI = build_layers("tanh")
    gates = read_layer(layers, inputs_TBI)
    norm = torch.linalg.matrix_norm(layers.weight_hh_l0.detach(), 2)
    slope_B = (1 - gates.hidden_TBH.square()).mean((0, 2))
    found = gradient_products(gates).textbook_log10_KB
    torch.testing.assert_close(found[7], 7 * (norm * slope_B).log10())


def test_a_thousand_steps_do_not_underflow() -> None:
    torch.manual_seed(0)
    lstm = nn.LSTM(16, 64)
    with torch.no_grad():
        for bias in (lstm.bias_ih_l0, lstm.bias_hh_l0):
            bias[64:128] = 0.0
    products = gradient_products(read_layer(lstm, torch.randn(1000, 1, 16)))
    assert products.cell_log10_KB is not None
    assert -320 < products.textbook_log10_KB[-1, 0] < -250
    assert -250 < products.hidden_log10_KB[-1, 0] < products.cell_log10_KB[-1, 0] < -170
    assert products.hidden_log10_KB.isfinite().all()


def test_an_orthogonal_linear_chain_keeps_its_gradient() -> None:
    rnn = nn.RNN(1, 8, nonlinearity="relu", dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(torch.eye(8).roll(1, 0))
        rnn.bias_ih_l0.fill_(100.0)
    products = gradient_products(read_layer(rnn, torch.randn(50, 2, 1, dtype=torch.float64)))
    assert products.hidden_log10_KB.abs().max() < 1e-12


def test_a_diverged_model_gives_nan_and_no_error(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind)
    with torch.no_grad():
        layers.weight_hh_l0.fill_(torch.nan)
    products = gradient_products(read_layer(layers, inputs_TBI))
    assert products.hidden_log10_KB[-1].isnan().all()
    assert products.textbook_log10_KB[-1].isnan().all()


def test_no_steps_leave_the_distance_zero(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind, steps=0)
    products = gradient_products(read_layer(layers, inputs_TBI))
    assert products.hidden_log10_KB.tolist() == [[0.0, 0.0, 0.0]]
    assert products.textbook_log10_KB.tolist() == [[0.0, 0.0, 0.0]]
