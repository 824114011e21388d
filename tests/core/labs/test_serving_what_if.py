"""What if: a queue answered at once from the times that a run measured."""

import numpy as np
import pytest

from core.errors import ConfigError
from core.labs.serving_what_if import BINS, latency_bins, service_times, what_if
from core.serving.queueing import Policy

SAMPLES = {"batch": [1, 1, 2], "wall_ms": [11.0, 11.0, 14.0], "cpu_ms": [10.0, 10.0, 12.0]}


def answer(rate, deadline_ms=50.0, **policy):
    return what_if(
        service_times(SAMPLES, "cpu"), Policy(**policy), rate=rate, deadline_ms=deadline_ms
    )


def test_times_are_those_of_the_clock_that_is_asked_for():
    assert service_times(SAMPLES, "cpu").mean_ms(1) == 10
    assert service_times(SAMPLES, "wall").mean_ms(2) == 14


def test_at_half_load_a_request_waits_half_a_service_time():
    found = answer(50)
    assert (found.capacity, found.load) == (pytest.approx(100), pytest.approx(0.5))
    assert found.stable
    assert found.mean == pytest.approx(15, rel=0.05)
    assert found.utilisation == pytest.approx(0.5, rel=0.05)
    assert found.sentence.startswith("**Stable.** 50 requests a second are 50% of the 100")


def test_a_queue_that_never_ends_says_how_many_replicas_would():
    found = answer(200, max_batch=2)
    assert not found.stable
    assert found.load == pytest.approx(1.2)
    assert "From 2 replicas on it does not." in found.sentence
    assert answer(200, max_batch=2, replicas=2).stable


def test_exactly_full_is_not_stable():
    assert not answer(100).stable
    assert "From 2 replicas on" in answer(100).sentence


def test_a_deadline_shorter_than_a_pass_makes_every_request_late():
    found = answer(10, deadline_ms=5)
    assert found.late == 1
    assert "100.0% of the requests are answered after the deadline of 5 ms" in found.sentence


def test_shares_of_requests_and_of_passes_sum_to_one():
    found = answer(120, max_batch=2)
    assert sum(found.latencies["simulated"]) == pytest.approx(1)
    assert sum(found.batches["share_simulated"]) == pytest.approx(1)
    assert found.batches["batch"] == [1, 2]
    assert found.batches["share_replayed"] == [None, None]


def test_the_last_bin_holds_those_that_took_longer():
    columns = latency_bins(np.array([1.0] * 999 + [1000.0]))
    assert len(columns["bin_low"]) == len(columns["replayed"]) == BINS
    assert columns["bin_high"][-1] < 2
    assert sum(columns["simulated"]) == pytest.approx(1)


def test_larger_batches_than_were_timed_are_refused():
    with pytest.raises(ConfigError, match="times are known from 1 to 2"):
        answer(10, max_batch=4)
