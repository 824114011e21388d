import math

import pytest
import torch

from core.models.build import build_recurrent
from core.models.catalogue import CATALOGUE, find_spec


def build(name, **options):
    torch.manual_seed(0)
    return build_recurrent(find_spec(name), input_size=3, hidden=16, **options)


def bias_sum(recurrent, ending="l0"):
    return recurrent.get_parameter(f"bias_ih_{ending}") + recurrent.get_parameter(
        f"bias_hh_{ending}"
    )


@pytest.mark.parametrize("name", ["rnn", "rnn-relu", "lstm", "gru"])
def test_default_leaves_torchs_own_weights(name):
    assert CATALOGUE[name].initialization == "default"
    limit = 1 / math.sqrt(16)
    for parameter in build(name).parameters():
        assert parameter.abs().max() <= limit
        assert parameter.abs().max() > limit / 2


@pytest.mark.parametrize("name", ["rnn-orthogonal", "rnn-relu-orthogonal"])
def test_an_orthogonal_matrix_keeps_lengths_and_biases_are_0(name):
    recurrent = build(name, layers=2)
    for layer in range(2):
        weight_HH = recurrent.get_parameter(f"weight_hh_l{layer}").detach()
        assert torch.allclose(weight_HH @ weight_HH.T, torch.eye(16), atol=1e-5)
        assert not bias_sum(recurrent, f"l{layer}").any()


@pytest.mark.parametrize("name", ["rnn-identity", "irnn"])
def test_an_identity_matrix_is_one_and_biases_are_0(name):
    recurrent = build(name, layers=2, bidirectional=True)
    for ending in ("l0", "l1", "l0_reverse", "l1_reverse"):
        assert torch.equal(recurrent.get_parameter(f"weight_hh_{ending}"), torch.eye(16))
        assert not bias_sum(recurrent, ending).any()


@pytest.mark.parametrize("bias", [0.0, 1.0, 2.5])
def test_the_sum_of_torchs_two_forget_biases_is_the_one_asked_for(bias):
    recurrent = build("lstm-bias", forget_bias=bias, layers=2, bidirectional=True)
    for ending in ("l0", "l1", "l0_reverse", "l1_reverse"):
        total = bias_sum(recurrent, ending)
        assert torch.equal(total[16:32], torch.full((16,), bias))
        others = torch.cat([total[:16], total[32:]])
        assert (others != 0).all()
        assert others.abs().max() <= 2 / math.sqrt(16)


@pytest.mark.parametrize("horizon", [10, 100, 1000])
def test_chrono_biases_are_logarithms_up_to_the_horizon_and_input_biases_their_opposite(horizon):
    recurrent = build("lstm-chrono", horizon=horizon, layers=2)
    for layer in range(2):
        total = bias_sum(recurrent, f"l{layer}").detach()
        input_bias, forget_bias = total[:16], total[16:32]
        assert forget_bias.min() >= math.log(1)
        assert forget_bias.max() <= math.log(horizon - 1) + 1e-6
        assert forget_bias.max() > math.log(horizon / 2)
        assert torch.equal(input_bias, -forget_bias)


def test_a_chrono_time_scale_is_uniform_over_the_horizon():
    torch.manual_seed(0)
    spec = find_spec("lstm-chrono")
    recurrent = build_recurrent(spec, input_size=1, hidden=2000, horizon=101)
    scales = bias_sum(recurrent)[2000:4000].detach().exp()
    assert float(scales.mean()) == pytest.approx(50.5, rel=0.05)
    assert float(scales.std()) == pytest.approx(99 / math.sqrt(12), rel=0.05)


def test_what_an_initialization_does_not_name_stays_torchs():
    plain, chrono = build("lstm"), build("lstm-chrono")
    assert torch.equal(plain.weight_hh_l0, chrono.weight_hh_l0)
    assert torch.equal(plain.weight_ih_l0, chrono.weight_ih_l0)
    assert torch.equal(plain.bias_ih_l0[32:], chrono.bias_ih_l0[32:])
