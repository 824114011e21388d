import copy

import pytest
import torch

from core.models.dropout import SteadyDropout

ONES = torch.ones(400, 50)


def dropout(share, seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SteadyDropout(share)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_share_is_dropped_and_the_rest_raised_so_that_the_mean_stays(share):
    found = dropout(share)(ONES)
    assert found.unique().tolist() == pytest.approx([0, 1 / (1 - share)])
    assert float((found == 0).float().mean()) == pytest.approx(share, abs=0.01)
    assert float(found.mean()) == pytest.approx(1, abs=0.05)


def test_nothing_is_dropped_where_nothing_learns_or_nothing_is_to_be_dropped():
    assert dropout(0.5).eval()(ONES) is ONES
    assert dropout(0.0)(ONES) is ONES


def test_what_is_dropped_does_not_depend_on_the_global_generator():
    one, other = dropout(0.5), dropout(0.5)
    state = torch.get_rng_state()
    first = [one(ONES) for _ in range(3)]
    assert torch.equal(torch.get_rng_state(), state)
    for expected in first:
        torch.rand(5)
        assert torch.equal(other(ONES), expected)
    assert not torch.equal(first[0], first[1])


def test_models_of_other_seeds_drop_otherwise():
    assert not torch.equal(dropout(0.5, seed=0)(ONES), dropout(0.5, seed=1)(ONES))


def test_gradients_pass_where_values_do():
    values = ONES.clone().requires_grad_()
    found = dropout(0.5)(values)
    found.sum().backward()
    assert torch.equal(values.grad, found.detach())


def test_a_copy_goes_on_as_the_original():
    one = dropout(0.5)
    one(ONES)
    other = copy.deepcopy(one)
    assert torch.equal(one(ONES), other(ONES))


def test_it_has_no_weights():
    assert dropout(0.5).state_dict() == {}
