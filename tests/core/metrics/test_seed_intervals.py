import math

import pytest

from core.metrics.seed_intervals import mean_interval, t_quantile


def test_three_seeds_by_hand():
    mean, low, high = mean_interval([0.1, 0.2, 0.3])
    reach = 4.303 * 0.1 / math.sqrt(3)
    assert mean == pytest.approx(0.2)
    assert (low, high) == pytest.approx((0.2 - reach, 0.2 + reach))


def test_one_value_says_nothing_of_others():
    assert mean_interval([0.5]) is None


@pytest.mark.parametrize(
    ("freedom", "published"),
    [(1, 12.706), (2, 4.303), (9, 2.262), (10, 2.228), (30, 2.042), (120, 1.980), (10**6, 1.960)],
)
def test_the_tails_are_those_of_the_published_table(freedom, published):
    assert t_quantile(freedom) == pytest.approx(published, abs=6e-4)
