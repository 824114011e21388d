import math

import torch

from core.models.positions import alibi_bias, rotated, sinusoidal_codes


def test_sinusoidal_codes_by_hand():
    codes = sinusoidal_codes(torch.tensor([0, 3]), 4)
    wanted = [math.sin(3), math.cos(3), math.sin(0.03), math.cos(0.03)]
    torch.testing.assert_close(codes[0], torch.tensor([0.0, 1.0, 0.0, 1.0]))
    torch.testing.assert_close(codes[1], torch.tensor(wanted))


def test_rotary_scores_depend_on_the_distance_alone():
    query, key = torch.randn(1, 1, 1, 8).double(), torch.randn(1, 1, 1, 8).double()

    def score(at, other):
        places = [torch.tensor([place]) for place in (at, other)]
        return (rotated(query, places[0]) * rotated(key, places[1])).sum()

    torch.testing.assert_close(score(2, 5), score(12, 15), rtol=1e-5, atol=1e-5)
    assert not torch.allclose(score(2, 5), score(2, 6))


def test_alibi_by_hand():
    bias = alibi_bias(torch.tensor([3]), torch.tensor([0, 3, 4]), 4)
    assert bias.shape == (4, 1, 3)
    torch.testing.assert_close(bias[0, 0], torch.tensor([-0.75, 0.0, -0.25]))
    torch.testing.assert_close(bias[3, 0], torch.tensor([-3 / 256, 0.0, -1 / 256]))
