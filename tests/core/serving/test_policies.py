from dataclasses import replace

import pytest

from core.errors import ConfigError
from core.serving.batch_times import ServiceTimes
from core.serving.policies import (
    advise,
    best_caps,
    grid_rates,
    known_caps,
    p99_grid,
    rate_sustained,
)
from core.serving.queueing import Policy, capacity, simulate

CHEAP_IN_BATCHES = ServiceTimes.fixed(10.0, 1.0, largest=32)
DEAR_IN_BATCHES = ServiceTimes.measured({1: [10.0], 4: [20.0], 32: [400.0]})
QUICK = {"requests": 600}


def test_caps_beyond_what_was_timed_are_left_out():
    assert known_caps(CHEAP_IN_BATCHES) == (1, 2, 4, 8, 16, 32)
    assert known_caps(ServiceTimes.exponential(1.0)) == (1,)


def test_rates_rise_to_just_beyond_what_the_best_cap_can_answer():
    rates = grid_rates(DEAR_IN_BATCHES, (1, 4, 32), replicas=2)
    most = capacity(Policy(max_batch=4, replicas=2), DEAR_IN_BATCHES)
    assert rates[0] == pytest.approx(0.05 * most, rel=0.05)
    assert most < rates[-1] <= 1.1 * most
    assert list(rates) == sorted(set(rates))


def test_a_cell_is_the_simulation_of_its_rate_and_cap():
    policy = Policy(max_wait_ms=4, replicas=2)
    grid = p99_grid(CHEAP_IN_BATCHES, (50, 400), (1, 8), policy=policy, seed=5, **QUICK)
    cells = list(zip(*grid.values(), strict=True))
    assert [(rate, cap) for rate, cap, *_ in cells] == [(50, 1), (50, 8), (400, 1), (400, 8)]
    for rate, cap, p99, stable in cells:
        alone = simulate(rate, replace(policy, max_batch=cap), CHEAP_IN_BATCHES, seed=5, **QUICK)
        assert (p99, stable) == (alone.p99, alone.stable)
    assert grid["stable"] == [True, True, False, True]


def test_an_empty_grid_has_its_columns():
    grid = p99_grid(CHEAP_IN_BATCHES, (), (1,))
    assert grid == {"rate": [], "max_batch": [], "p99": [], "stable": []}
    assert best_caps(grid) == {"rate": [], "max_batch": [], "p99": []}


def test_the_best_cap_is_the_quickest_stable_one_and_the_smaller_of_equals():
    grid = {
        "rate": [1, 1, 1, 2, 2, 3, 3],
        "max_batch": [1, 4, 8, 1, 4, 1, 4],
        "p99": [9.0, 5.001, 5.0, 3.0, 7.0, 1.0, 1.0],
        "stable": [True, True, True, False, True, False, False],
    }
    assert best_caps(grid) == {
        "rate": [1, 2, 3],
        "max_batch": [4, 4, None],
        "p99": [5.001, 7.0, None],
    }


def test_batches_that_cost_more_per_request_are_not_the_best():
    grid = p99_grid(DEAR_IN_BATCHES, (150,), (1, 4, 32))
    assert best_caps(grid)["max_batch"] == [4]


def test_a_sustained_rate_is_in_time_and_a_little_more_is_not():
    policy = Policy(max_batch=8)
    rate = rate_sustained(policy, CHEAP_IN_BATCHES, 40, requests=4000)
    assert simulate(rate, policy, CHEAP_IN_BATCHES, requests=4000).p99 <= 40
    beyond = rate + capacity(policy, CHEAP_IN_BATCHES) / 400
    assert simulate(beyond, policy, CHEAP_IN_BATCHES, requests=4000).p99 > 40


def test_nothing_is_sustained_where_every_answer_is_late():
    assert rate_sustained(Policy(), CHEAP_IN_BATCHES, 9, **QUICK) == 0
    assert rate_sustained(Policy(max_batch=4, max_wait_ms=50), CHEAP_IN_BATCHES, 5, **QUICK) == 0


def test_many_may_be_in_time_where_few_wait_too_long_for_a_batch():
    policy = Policy(max_batch=4, max_wait_ms=60)
    assert simulate(1, policy, CHEAP_IN_BATCHES, **QUICK).p99 > 50
    assert rate_sustained(policy, CHEAP_IN_BATCHES, 50, **QUICK) > 100


def test_the_most_that_is_sustained_is_less_than_the_limit():
    ample = rate_sustained(Policy(), CHEAP_IN_BATCHES, 1e6, **QUICK)
    assert 0.99 * 100 < ample < 100


def test_advice_takes_the_smallest_cap_that_sustains_nearly_the_most():
    found = advise(CHEAP_IN_BATCHES, 1000, 100)
    assert found.singly == pytest.approx(72, abs=4)
    assert found.max_batch == 32
    assert found.batched > 5 * found.singly
    assert found.replicas_singly.least_stable == 11
    assert found.replicas_batched.least_stable == 2


def test_advice_is_not_to_batch_where_it_saves_nothing():
    alike = ServiceTimes.fixed(10.0, 10.0)
    found = advise(alike, 50, 100)
    assert (found.max_batch, found.batched) == (1, found.singly)
    assert found.replicas_singly == found.replicas_batched


def test_no_cap_is_refused():
    with pytest.raises(ConfigError, match="at least the cap 1"):
        grid_rates(CHEAP_IN_BATCHES, ())
    with pytest.raises(ConfigError, match="at least the cap 1"):
        advise(CHEAP_IN_BATCHES, 10, 10, caps=(64,))
