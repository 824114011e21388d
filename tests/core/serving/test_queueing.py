import heapq
from dataclasses import replace

import numpy as np
import pytest

from core.errors import ConfigError
from core.serving.batch_times import ServiceTimes
from core.serving.queueing import (
    Policy,
    capacity,
    is_stable,
    poisson_arrivals,
    serve,
    simulate,
    simulate_arrivals,
    summarise,
)

UNEVEN = ServiceTimes.measured({1: [1.0, 1.5], 4: [2.0, 2.5, 4.0], 8: [3.0]})
FIFTY = ServiceTimes.fixed(50.0)


def served_by_hand(arrivals, policy, takes=lambda size: 10.0 + size):
    return serve(np.array(arrivals, float), policy, takes)


def serve_moment_by_moment(arrivals, policy, times):
    """Look at the queue at every moment at which anything can happen: an oracle."""
    moments = [*arrivals, *(at + policy.max_wait_ms for at in arrivals)]
    heapq.heapify(moments)
    waiting, free_at, batches, come = [], [0.0] * policy.replicas, [], 0
    while moments:
        now = heapq.heappop(moments)
        while come < len(arrivals) and arrivals[come] <= now:
            waiting.append(arrivals[come])
            come += 1
        while waiting and min(free_at) <= now:
            if len(waiting) < policy.max_batch and now < waiting[0] + policy.max_wait_ms:
                break
            taken, waiting = waiting[: policy.max_batch], waiting[policy.max_batch :]
            end = now + times[len(batches)][len(taken)]
            free_at[free_at.index(min(free_at))] = end
            heapq.heappush(moments, end)
            batches.append((now, end, len(taken)))
    return batches


def test_one_at_a_time_by_hand():
    batches = served_by_hand([0, 5, 30], Policy(), lambda _: 10.0)
    assert list(zip(*batches, strict=True)) == [(0, 10, 1), (10, 20, 1), (30, 40, 1)]


def test_a_free_replica_takes_what_is_queued_oldest_first():
    batches = served_by_hand([0, 1, 2, 3, 4], Policy(max_batch=3))
    assert list(zip(*batches, strict=True)) == [(0, 11, 1), (11, 24, 3), (24, 35, 1)]


def test_it_waits_for_more_until_the_oldest_waited_enough_or_the_batch_is_full():
    waits = Policy(max_batch=3, max_wait_ms=6)
    assert served_by_hand([0, 5, 7, 40], waits).starts_ms == [6, 18, 46]
    assert served_by_hand([0, 1, 2], waits).starts_ms == [2]
    assert served_by_hand([0, 1, 2], replace(waits, max_batch=9)).starts_ms == [6]


def test_who_comes_when_a_batch_starts_is_in_it():
    assert served_by_hand([0, 6], Policy(max_batch=2, max_wait_ms=6)).sizes == [2]


def test_the_replica_that_is_free_first_takes_the_next():
    times = iter([30.0, 5.0, 5.0, 5.0])
    batches = served_by_hand([0, 1, 2, 3], Policy(replicas=2), lambda _: next(times))
    assert batches.starts_ms == [0, 1, 6, 11]


@pytest.mark.parametrize("seed", range(40))
def test_the_batches_are_those_of_an_oracle_that_looks_at_every_moment(seed):
    draw = np.random.default_rng(seed)
    policy = Policy(
        max_batch=int(draw.integers(1, 6)),
        max_wait_ms=float(draw.choice([0, 0.5, 3, 20])),
        replicas=int(draw.integers(1, 4)),
    )
    arrivals = np.cumsum(draw.exponential(draw.choice([0.3, 1.0, 3.0]), 200))
    times = draw.uniform(0.5, 4.0, (200, policy.max_batch + 1))
    rows = iter(times)
    found = serve(arrivals, policy, lambda size: float(next(rows)[size]))
    expected = serve_moment_by_moment(arrivals.tolist(), policy, times.tolist())
    assert list(zip(*found, strict=True)) == expected


def test_every_request_is_in_one_batch_and_no_batch_is_too_large():
    policy = Policy(max_batch=7, max_wait_ms=2, replicas=3)
    batches = serve(poisson_arrivals(2000, 5000, seed=3), policy, lambda size: 1.0 + size)
    assert sum(batches.sizes) == 5000
    assert 1 <= min(batches.sizes) <= max(batches.sizes) <= 7
    assert batches.starts_ms == sorted(batches.starts_ms)


def test_a_summary_by_hand_leaves_out_the_first_tenth():
    arrivals = np.arange(0.0, 200.0, 10.0)
    policy = Policy(max_batch=2, max_wait_ms=50, replicas=2)
    batches = serve(arrivals, policy, lambda _: 20.0)
    told = summarise(arrivals, batches, policy, load=None)
    assert len(told.latency_ms) == 18
    assert told.wait_ms.tolist() == [10.0, 0.0] * 9
    assert told.latency_ms.tolist() == [30.0, 20.0] * 9
    assert (told.p50, told.mean) == (25, 25)
    assert told.batch_counts.tolist() == [0, 0, 9]
    assert (told.mean_batch, told.batch_shares.tolist()) == (2, [0, 0, 1])
    assert told.utilisation == pytest.approx((8 * 20 + 10) / (170 * 2))
    assert told.in_system == pytest.approx((20 + 8 * 50 + 10) / 170)
    assert told.throughput == pytest.approx(1e3 * 18 / 170)
    assert told.growth == pytest.approx((-10 / 9) / 0.085)
    assert told.load is None
    assert told.stable is None


def test_late_is_after_the_deadline_not_at_it():
    arrivals = np.arange(0.1, 100, 10)
    told = simulate_arrivals(arrivals, Policy(), ServiceTimes.fixed(0.7))
    assert (told.late_share(0.7), told.late_share(0.69)) == (0, 1)


def test_the_load_is_that_of_full_batches():
    ample = ServiceTimes.measured({1: [1.0], 8: [4.0], 32: [32.0]})
    assert capacity(Policy(max_batch=8), ample) == 2000
    assert capacity(Policy(max_batch=32, replicas=3), ample) == 3000
    assert simulate(1500, Policy(max_batch=8), ample, requests=100).load == 0.75
    assert simulate(1500, Policy(max_batch=32), ample, requests=100).stable is False


@pytest.mark.parametrize(("replicas", "stable"), [(40, False), (50, False), (51, True), (60, True)])
def test_1000_requests_a_second_of_50_ms_need_51_replicas(replicas, stable):
    assert simulate(1000, Policy(replicas=replicas), FIFTY, requests=500).stable is stable


def test_an_unstable_queue_grows_as_fast_as_it_is_overloaded():
    told = simulate(1000, Policy(replicas=40), FIFTY)
    assert told.growth == pytest.approx(1e3 * (1000 / 800 - 1), rel=0.1)
    assert simulate(1000, Policy(replicas=80), FIFTY).growth == pytest.approx(0, abs=0.5)


def test_a_load_of_exactly_one_is_not_stable():
    assert not is_stable(1.0)
    assert is_stable(0.999)


@pytest.mark.parametrize("service", [FIFTY, UNEVEN])
def test_the_same_seed_gives_the_same_run(service):
    one, again, other = (simulate(15, Policy(), service, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.latency_ms, again.latency_ms)
    assert not np.array_equal(one.latency_ms, other.latency_ms)


def test_times_are_drawn_from_those_of_the_batch_size():
    told = simulate(1, Policy(), UNEVEN, requests=4000)
    service_ms = (told.latency_ms - told.wait_ms).round(9)
    assert (service_ms.min(), service_ms.max()) == (1.0, 1.5)
    assert service_ms.mean() == pytest.approx(1.25, abs=0.02)


def test_arrivals_are_those_of_another_rate_nearer_together():
    slow, fast = poisson_arrivals(100, 5000, seed=4), poisson_arrivals(400, 5000, seed=4)
    assert np.allclose(slow, 4 * fast)
    gaps = np.diff(slow)
    assert gaps.mean() == pytest.approx(10, rel=0.05)
    assert gaps.std() == pytest.approx(10, rel=0.05)


def test_what_was_given_is_left_as_it_was():
    arrivals = poisson_arrivals(100, 50, seed=0)
    before = arrivals.copy()
    simulate_arrivals(arrivals, Policy(max_batch=4), UNEVEN)
    assert np.array_equal(arrivals, before)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: Policy(max_batch=0), "max_batch is 0; it must be 1 or more"),
        (lambda: Policy(replicas=0), "replicas is 0; it must be 1 or more"),
        (lambda: Policy(max_wait_ms=-1), "max_wait_ms is -1; it must be 0 or more"),
        (lambda: Policy(max_wait_ms=float("nan")), "max_wait_ms is nan"),
        (lambda: poisson_arrivals(0, 10, seed=0), "rate is 0 requests a second"),
        (lambda: poisson_arrivals(float("inf"), 10, seed=0), "rate is inf"),
        (lambda: poisson_arrivals(1, 1, seed=0), "a queue needs 2 or more"),
        (lambda: served_by_hand([1], Policy()), "There are 1 arrivals"),
        (lambda: served_by_hand([2, 1], Policy()), "not in the order of their time; sort"),
        (lambda: served_by_hand([-1, 1], Policy()), "from 0 on"),
        (lambda: served_by_hand([1, float("nan")], Policy()), "from 0 on"),
        (lambda: simulate(1, Policy(max_batch=9), UNEVEN), "times are known from 1 to 8"),
    ],
)
def test_what_cannot_be_simulated_is_said(ask, message):
    with pytest.raises(ConfigError, match=message):
        ask()
