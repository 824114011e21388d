import math
import time

import numpy as np
import pytest

from core.metrics.intervals import middle
from core.metrics.ranking import (
    AccuracyDifference,
    Ranking,
    compare_accuracy,
    efficient_frontier,
    rank_models,
)

NONE = np.zeros(0, dtype=bool)


def rights(both, won, lost, neither):
    """Return the answers of two classifiers, from how many texts each has right."""
    first = [True] * both + [True] * won + [False] * lost + [False] * neither
    second = [True] * both + [False] * won + [True] * lost + [False] * neither
    return np.array(first, dtype=bool), np.array(second, dtype=bool)


@pytest.mark.parametrize(
    ("table", "difference", "low", "high"),
    [((59, 6, 16, 80), -0.0621, -0.1240, -0.0054), ((1, 1, 7, 12), -0.2857, -0.5172, -0.0260)],
)
def test_the_interval_is_the_published_one(table, difference, low, high):
    # Fagerland, Lydersen and Laake 2017, Statistical analysis of contingency tables, chapter 8
    found = compare_accuracy(*rights(*table))
    assert (found.difference, found.low, found.high) == pytest.approx(
        (difference, low, high), abs=5e-5
    )


def test_p_is_mcnemars_by_hand():
    found = compare_accuracy(*rights(59, 6, 16, 80))
    assert found.n == 161
    assert found.p_value == pytest.approx(math.erfc(10 / 22**0.5 / 2**0.5))
    assert found.p_value == pytest.approx(0.0330, abs=5e-5)


def test_two_that_never_differ_tie_within_what_so_many_texts_could_hide():
    found = compare_accuracy(*rights(70, 0, 0, 30))
    hidden = 1.959964**2 / (100 + 1.959964**2)
    assert (found.difference, found.p_value, found.is_tie) == (0, 1, True)
    assert (found.low, found.high) == pytest.approx((-hidden, hidden))


@pytest.mark.parametrize("n", [1, 2, 3, 12, 5000])
def test_the_interval_holds_0_exactly_where_the_test_does_not_reject(n):
    for won in range(min(n, 12) + 1):
        for lost in range(min(n - won, 12) + 1):
            found = compare_accuracy(*rights(0, won, lost, n - won - lost))
            assert found.is_tie == (found.p_value >= 0.05)
            assert -1 <= found.low <= found.difference <= found.high <= 1


def test_the_order_of_the_two_only_turns_the_sign():
    first, second = rights(40, 20, 7, 33)
    one, other = compare_accuracy(first, second), compare_accuracy(second, first)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert (one.difference, one.p_value) == (-other.difference, other.p_value)


def test_three_wins_to_none_are_no_proof():
    assert compare_accuracy(*rights(20, 3, 0, 7)).is_tie


def test_the_bounds_are_where_the_score_under_the_likeliest_shares_is_1_96():
    won, lost, n = 14, 5, 60
    found = compare_accuracy(*rights(30, won, lost, n - 30 - won - lost))
    for bound in (found.low, found.high):
        lost_share = np.linspace(max(0, -bound), (1 - bound) / 2, 200_001)[1:-1]
        won_share = lost_share + bound
        likelihood = (
            won * np.log(won_share)
            + lost * np.log(lost_share)
            + (n - won - lost) * np.log(1 - won_share - lost_share)
        )
        likeliest = lost_share[likelihood.argmax()]
        deviation = math.sqrt(n * (2 * likeliest + bound - bound**2))
        assert abs(won - lost - n * bound) / deviation == pytest.approx(1.959964, abs=1e-4)


def test_for_many_texts_it_is_the_paired_bootstraps():
    found = compare_accuracy(*rights(2000, 300, 240, 460))
    drawn = np.random.default_rng(0).multinomial(3000, [0.1, 0.08, 0.82], size=20_000)
    low, high = middle((drawn[:, 0] - drawn[:, 1]) / 3000)
    assert (found.low, found.high) == pytest.approx((low, high), abs=4e-4)


def test_the_interval_holds_the_true_difference_about_as_often_as_it_says():
    random = np.random.default_rng(1)
    held = 0
    for won, lost, same in random.multinomial(80, [0.12, 0.06, 0.82], size=400).tolist():
        found = compare_accuracy(*rights(same, won, lost, 0))
        held += found.low <= 0.06 <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_nothing_to_compare_is_a_tie_without_numbers():
    assert compare_accuracy(NONE, NONE) == AccuracyDifference(n=0)
    assert AccuracyDifference(n=0).is_tie


def test_unequal_numbers_of_answers_are_refused():
    with pytest.raises(ValueError, match="2 answers against 3"):
        compare_accuracy(np.ones(2, dtype=bool), np.ones(3, dtype=bool))
    with pytest.raises(ValueError, match=r"models with \[2, 3\] answers"):
        rank_models({"a": np.ones(2, dtype=bool), "b": np.ones(3, dtype=bool)})


def test_models_are_compared_with_the_most_accurate_one():
    worse, better = rights(50, 5, 30, 15)
    close = better.copy()
    close[:2] = False
    ranking = rank_models({"worse": worse, "better": better, "close": close})
    assert ranking.best == "better"
    assert list(ranking.differences) == ["worse", "better", "close"]
    assert ranking.differences["worse"] == compare_accuracy(worse, better)
    assert ranking.differences["better"] == AccuracyDifference(n=100, difference=0.0)
    assert [d.is_tie for d in ranking.differences.values()] == [False, True, True]


def test_of_equally_accurate_models_the_first_is_the_best():
    first, second = rights(10, 4, 4, 2)
    assert rank_models({"b": first, "a": second}).best == "b"


def test_nothing_has_no_best():
    assert rank_models({}) == Ranking(None, {})
    assert rank_models({"a": NONE}) == Ranking(None, {"a": AccuracyDifference(n=0)})


def test_fifteen_models_on_75_000_answers_take_a_moment_and_stay_as_they_were():
    random = np.random.default_rng(3)
    models = {f"m{i}": random.random(75_000) < 0.7 + i / 500 for i in range(15)}
    before = {name: right.copy() for name, right in models.items()}
    start = time.process_time()
    rank_models(models)
    assert time.process_time() - start < 0.2
    assert all((models[name] == right).all() for name, right in before.items())


def test_the_frontier_by_hand():
    costs = [1, 2, 3, 4, None, 0.5]
    gains = [0.70, 0.75, 0.74, 0.80, 0.99, None]
    assert efficient_frontier(costs, gains) == [True, True, False, True, False, False]
    assert efficient_frontier([], []) == []


def test_of_equals_in_one_the_better_in_the_other_is_on_the_frontier_and_twins_both_are():
    assert efficient_frontier([1, 1], [0.7, 0.8]) == [False, True]
    assert efficient_frontier([1, 2], [0.7, 0.7]) == [True, False]
    assert efficient_frontier([1, 1], [0.7, 0.7]) == [True, True]


def test_along_the_frontier_what_costs_more_gains_more_and_the_rest_is_beaten_by_it():
    random = np.random.default_rng(4)
    costs, gains = random.random((2, 40)).tolist()
    on = efficient_frontier(costs, gains)
    front = sorted((c, g) for c, g, is_on in zip(costs, gains, on, strict=True) if is_on)
    assert [g for _, g in front] == sorted(g for _, g in front)
    for cost, gain, is_on in zip(costs, gains, on, strict=True):
        assert is_on or any(c <= cost and g >= gain for c, g in front)
