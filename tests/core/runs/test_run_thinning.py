import math
import random
from itertools import pairwise

import numpy as np
import pytest

from core.runs.thinning import block_means, thinned, thinned_indices


def test_a_short_curve_is_returned_whole():
    assert thinned([1, 2], [3.0, math.nan])[0] == [1, 2]
    assert thinned([], []) == ([], [])


def test_a_spike_a_dip_and_both_ends_stay():
    y = [0.5] * 20_000
    y[7_777], y[12_345] = 9.0, -9.0
    x, kept = thinned(list(range(20_000)), y)
    assert len(x) <= 610
    assert {0, 7_777, 12_345, 19_999} <= set(x)
    assert max(kept) == 9.0
    assert min(kept) == -9.0


def test_a_single_point_that_is_not_finite_stays():
    y = [1.0] * 5_000
    y[1_234], y[4_321] = math.nan, math.inf
    x, kept = thinned(list(range(5_000)), y)
    assert math.isnan(kept[x.index(1_234)])
    assert kept[x.index(4_321)] == math.inf


@pytest.mark.parametrize("value", [math.nan, -math.inf])
def test_a_curve_without_a_finite_point_is_no_trouble(value):
    x, kept = thinned(list(range(5_000)), [value] * 5_000)
    assert x[0] == 0
    assert x[-1] == 4_999
    assert len(kept) <= 610


def test_every_bucket_keeps_its_lowest_and_highest():
    draw = random.Random(0)
    for size in (601, 1_000, 4_321):
        y = np.array([draw.gauss(0, 1) for _ in range(size)])
        chosen = thinned_indices(y, 100)
        assert chosen == sorted(set(chosen))
        starts = [*np.linspace(0, size, 50, endpoint=False).astype(int), size]
        for begin, end in pairwise(starts):
            kept = [y[i] for i in chosen if begin <= i < end]
            assert min(kept) == y[begin:end].min()
            assert max(kept) == y[begin:end].max()


def test_what_was_given_is_not_changed():
    y = [1.0, math.nan] * 1_000
    before = list(y)
    thinned(list(range(2_000)), y)
    assert all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(y, before, strict=True))


def test_blocks_have_the_mean_of_their_points_at_their_end():
    x, means = block_means([1, 2, 3, 4, 5], [1.0, 3.0, 5.0, 7.0, 8.0], 2)
    assert x == [2, 4, 5]
    assert means == [2.0, 6.0, 8.0]
    assert block_means([], [], 2) == ([], [])


def test_a_block_that_is_not_finite_stays_so():
    _, means = block_means([1, 2, 3, 4], [1.0, math.inf, 3.0, 5.0], 2)
    assert means == [math.inf, 4.0]
