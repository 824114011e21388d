"""Exponents through QR, against the whole spectrum of multiplied Jacobians."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from core.diagnostics.gates import LayerGates, read_gates, read_layer
from core.diagnostics.jacobians import step_jacobians
from core.diagnostics.lyapunov import lyapunov_exponents

LENGTHS = torch.tensor([4, 7, 1])


def slow_exponents(gates: LayerGates, b: int) -> torch.Tensor:
    """Whole QR of whole Jacobians from the same first frame."""
    jacobians = step_jacobians(gates)[: int(gates.lengths_B[b]), b]
    size = jacobians.shape[-1]
    random = torch.Generator().manual_seed(0)
    frame = torch.linalg.qr(torch.randn(size, size, generator=random, dtype=torch.float64)).Q
    logs = torch.zeros(size, dtype=torch.float64)
    for step in jacobians if gates.direction == "forward" else jacobians.flip(0):
        frame, upper = torch.linalg.qr(step @ frame)
        logs += upper.diagonal().abs().log()
    return logs / len(jacobians)


def test_a_diagonal_map_has_the_logarithms_of_its_diagonal() -> None:
    rnn = nn.RNN(1, 3, nonlinearity="relu", dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(torch.diag(torch.tensor([0.9, 0.5, 0.1])))
        rnn.bias_ih_l0.fill_(10.0)
    gates = read_layer(rnn, torch.zeros(300, 1, 1, dtype=torch.float64))
    found = lyapunov_exponents(gates, count=2)[0].tolist()
    assert found == pytest.approx([math.log(0.9), math.log(0.5)], abs=0.01)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["lstm", "gru", "tanh"])  # not relu: exact zeros have no order
def test_the_whole_spectrum_is_that_of_a_slow_qr(
    build_layers: Any, kind: str, bidirectional: bool
) -> None:
    layers, inputs_TBI = build_layers(kind, bidirectional=bidirectional)
    for gates in read_gates(layers, inputs_TBI, lengths_B=LENGTHS):
        found = lyapunov_exponents(gates, count=99)
        for b in range(3):
            torch.testing.assert_close(found[b], slow_exponents(gates, b))


def test_the_exponents_add_up_to_the_growth_of_volume(build_layers: Any) -> None:
    layers, inputs_TBI = build_layers("gru")
    gates = read_layer(layers, inputs_TBI)
    volume_B = torch.linalg.det(step_jacobians(gates)).abs().log().mean(0)
    torch.testing.assert_close(lyapunov_exponents(gates, count=5).sum(1), volume_B)


def test_fewer_exponents_are_the_first_of_more(build_layers: Any) -> None:
    layers, inputs_TBI = build_layers("lstm", steps=200)
    gates = read_layer(layers, inputs_TBI)
    found, more = lyapunov_exponents(gates, count=2), lyapunov_exponents(gates, count=10)
    torch.testing.assert_close(found, more[:, :2], rtol=0, atol=0.05)


def test_the_random_state_is_left_alone(build_layers: Any) -> None:
    layers, inputs_TBI = build_layers("tanh")
    before = torch.get_rng_state()
    lyapunov_exponents(read_layer(layers, inputs_TBI))
    assert torch.equal(torch.get_rng_state(), before)
