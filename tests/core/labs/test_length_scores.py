import math

import numpy as np
import pytest

from core.labs.length_config import LENGTHS
from core.labs.length_scores import (
    EXACT,
    POSITIONS,
    at_lengths,
    curve_columns,
    estimate,
    first_failure,
    is_open,
    judge,
    score_estimate,
    seed_columns,
)

NAN = math.nan


def constant(*means):
    """Return scores (S, L, N) that are one number for each seed."""
    return np.array(means)[:, None, None] * np.ones((len(means), len(LENGTHS), 4))


def falling(*starts):
    """Return right until a position and wrong from there on, for each seed, (S, P, N)."""
    right = [[float(position < start) for position in POSITIONS] for start in starts]
    return np.array(right)[..., None] * np.ones((1, 1, 4))


def test_an_interval_is_over_seeds_by_hand():
    found = estimate(np.array([[0.0, 0.2], [0.2, 0.2], [0.4, 0.2]]))
    reach = 4.303 * 0.1 / math.sqrt(3)
    assert (found.mean, found.seeds) == (pytest.approx(0.2), 3)
    assert (found.low, found.high) == pytest.approx((0.2 - reach, 0.2 + reach))


def test_the_interval_of_one_seed_is_over_its_sequences():
    found = estimate(np.array([[0.0, 1.0, 0.0, 1.0]]))
    assert found.seeds == 1
    assert found.high - found.mean == pytest.approx(3.182 * math.sqrt(1 / 3) / 2)


def test_a_share_has_no_interval_beyond_none_and_all():
    values = np.array([[0.9], [1.0]])
    bounded = score_estimate(values, is_share=True)
    free = score_estimate(values, is_share=False)
    assert bounded.high == 1.0 < free.high
    assert bounded.low == free.low == pytest.approx(0.95 - 12.706 * 0.05)


def test_seeds_without_an_answer_are_left_out():
    found = estimate(np.array([[NAN, NAN], [0.5, 0.7]]))
    assert (found.mean, found.seeds) == (pytest.approx(0.6), 1)
    none = estimate(np.full((2, 3), NAN))
    assert (none.mean, none.low, none.high, none.seeds) == (None, None, None, 0)


def test_a_curve_tells_where_there_is_no_answer():
    scores = constant(0.5, 0.7)
    scores[:, LENGTHS.index(300) :] = NAN
    columns = curve_columns(scores, is_share=True)
    assert columns["length"] == list(LENGTHS)
    assert columns["score"] == [pytest.approx(0.6)] * 7 + [None] * 3
    assert columns["is_answered"] == [True] * 7 + [False] * 3
    assert columns["seeds"] == [2] * 7 + [0] * 3


def test_each_seed_and_length_is_one_row():
    columns = seed_columns(constant(0.5, NAN), (3, 4))
    assert columns["seed"] == [3] * len(LENGTHS) + [4] * len(LENGTHS)
    assert columns["length"] == [*LENGTHS, *LENGTHS]
    assert columns["score"] == [0.5] * len(LENGTHS) + [None] * len(LENGTHS)


def test_all_lengths_are_among_the_positions():
    scores = np.array(POSITIONS, dtype=float)[None, :, None]
    assert at_lengths(scores).flatten().tolist() == list(LENGTHS)


def failure(scores, *, trained=(50, 100), is_better_high=True, is_exact=True):
    return first_failure(scores, trained=trained, is_better_high=is_better_high, is_exact=is_exact)


def test_an_exact_task_fails_where_the_mean_of_the_seeds_is_under_nine_tenths():
    found = failure(falling(200, 300, 250))
    assert (found.position, found.low, found.high) == (200, 200, 300)
    assert (found.threshold, found.seeds) == (EXACT, 3)


def test_one_that_does_not_fail_has_no_position():
    found = failure(falling(600, 600))
    assert (found.position, found.low, found.high) == (None, None, None)
    assert failure(falling(600, 300)).high is None


def test_shorter_ones_than_those_trained_on_are_not_where_it_fails():
    scores = falling(200)
    scores[:, : POSITIONS.index(50)] = 0.0
    assert failure(scores).position == 200
    assert failure(scores, trained=(10, 100)).position == 10


def test_no_answer_is_a_failure():
    scores = falling(600)
    scores[:, POSITIONS.index(205) :] = NAN
    assert failure(scores).position == 205


def test_a_loss_fails_where_it_is_a_tenth_above_that_of_the_longest_trained_length():
    loss = np.array([2.0 if position < 400 else 2.3 for position in POSITIONS])
    loss[0] = 9.0  # the first steps are hard to guess, which is no failure of length
    found = failure(loss[None, :, None], is_better_high=False, is_exact=False)
    assert found.position == 400
    assert found.threshold == pytest.approx(2.2)


def test_an_accuracy_whose_best_is_not_known_is_held_against_the_longest_trained_length():
    right = np.array([0.8 if position < 250 else 0.7 for position in POSITIONS])
    found = failure(right[None, :, None], is_exact=False)
    assert (found.position, found.threshold) == (250, pytest.approx(0.72))


@pytest.mark.parametrize(
    ("scores", "reference", "is_better_high", "wanted"),
    [
        ((0.5, 0.6, 0.7), (0.1, 0.2, 0.3), True, "helps"),
        ((0.5, 0.6, 0.7), (0.1, 0.2, 0.3), False, "hurts"),
        ((0.1, 0.2, 0.3), (0.5, 0.6, 0.7), True, "hurts"),
        ((0.5, 0.6, 0.7), (0.5, 0.6, 0.7), True, "does not help here"),
        ((0.51, 0.61, 0.71), (0.5, 0.6, 0.7), True, "does not help here"),  # sure, but small
        ((0.9, 0.2, 0.3), (0.1, 0.2, 0.3), True, "does not help here"),  # large, not sure
        ((NAN, NAN, NAN), (0.1, 0.2, 0.3), True, "hurts"),
        ((NAN, NAN, NAN), (NAN, NAN, NAN), True, "does not help here"),
    ],
)
def test_a_verdict_needs_a_difference_that_is_sure_and_not_small(
    scores, reference, is_better_high, wanted
):
    _, verdict = judge(
        constant(*scores)[:, 0], constant(*reference)[:, 0], is_better_high=is_better_high
    )
    assert verdict == wanted


def test_seeds_are_paired():
    found, verdict = judge(
        constant(0.15, 0.55, 0.95)[:, 0], constant(0.1, 0.5, 0.9)[:, 0], is_better_high=True
    )
    assert (found.mean, found.low) == pytest.approx((0.05, 0.05))
    assert verdict == "helps"


def test_what_is_not_sure_is_told_from_what_is_nothing():
    for scores, wanted in (((0.9, 0.2, 0.3), True), ((0.1, 0.2, 0.3), False)):
        found, verdict = judge(
            constant(*scores)[:, 0], constant(0.1, 0.2, 0.3)[:, 0], is_better_high=True
        )
        assert is_open(found, verdict) == wanted
