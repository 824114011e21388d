import time
from types import SimpleNamespace

import numpy as np
import pytest

from core.serving import service_times
from core.serving.service_times import (
    LEAST_CALLS,
    WARM_UP,
    ServiceSamples,
    measure_service,
    race_service,
)

BATCH = np.zeros((4, 25), dtype=np.int64)


class Clocks:
    """Two clocks that answers turn on: one on the wall, one of the CPU."""

    def __init__(self):
        self.wall, self.cpu, self.calls = 0.0, 0.0, []

    def perf_counter(self):
        return self.wall

    def process_time(self):
        return self.cpu

    def answer(self, *, wall, cpu=(), name=""):
        def answer(_):
            at = self.calls.count(name)
            self.calls.append(name)
            self.wall += wall[at % len(wall)]
            self.cpu += cpu[at % len(cpu)] if cpu else 0

        return answer


@pytest.fixture
def clocks(monkeypatch):
    clocks = Clocks()
    there = SimpleNamespace(perf_counter=clocks.perf_counter, process_time=clocks.process_time)
    monkeypatch.setattr(service_times, "time", there)
    return clocks


def test_every_call_is_timed_by_both_clocks_and_the_warm_up_is_not(clocks):
    wall = [9.0] * WARM_UP + [0.001, 0.002, 0.003, 0.004]
    cpu = [9.0] * WARM_UP + [0.002, 0.004, 0.006, 0.008]
    found = measure_service(clocks.answer(wall=wall, cpu=cpu), BATCH, calls=4)
    assert found.wall_ms == pytest.approx([1, 2, 3, 4])
    assert found.cpu_ms == pytest.approx([2, 4, 6, 8])
    assert (found.batch, found.words, found.calls) == (4, 25, 4)


def test_the_row_of_the_table_by_hand():
    samples = ServiceSamples(
        batch=8, words=100, wall_ms=np.arange(101.0), cpu_ms=2 * np.arange(101.0)
    )
    assert samples.row() == {
        "batch": 8,
        "words": 100,
        "wall_p50": 50,
        "wall_p95": 95,
        "wall_p99": 99,
        "cpu_p50": 100,
        "cpu_p95": 190,
        "cpu_p99": 198,
        "throughput": 1000 * 8 / 50,
        "calls": 101,
    }


def test_slow_answers_end_the_calls_early_but_not_before_the_least(clocks):
    slow = measure_service(clocks.answer(wall=[2.0]), BATCH, calls=30, most_seconds=1)
    assert slow.calls == LEAST_CALLS
    few = measure_service(clocks.answer(wall=[2.0]), BATCH, calls=2, most_seconds=1)
    assert few.calls == 2


def test_a_race_takes_turns_and_who_begins_changes(clocks):
    first = clocks.answer(wall=[0.002], name="first")
    second = clocks.answer(wall=[0.001], name="second")
    race = race_service(first, second, BATCH, calls=4)
    turns = ["second", "first", "first", "second"]
    assert clocks.calls[2 * WARM_UP :] == [*turns, *turns]
    assert race.speedup == pytest.approx(2)
    assert (race.low, race.high) == pytest.approx((2, 2))
    assert race.verdict == "faster"


@pytest.mark.parametrize(
    ("second", "verdict"),
    [([0.004], "slower"), ([0.00201], "the same"), ([0.0005, 0.008], "the same")],
)
def test_the_verdict_holds_only_where_the_interval_leaves_no_doubt(clocks, second, verdict):
    race = race_service(
        clocks.answer(wall=[0.002], name="first"),
        clocks.answer(wall=second, name="second"),
        BATCH,
        calls=20,
    )
    assert race.low <= race.speedup <= race.high
    assert race.verdict == verdict


def test_a_race_may_be_judged_by_the_cpu(clocks):
    first = clocks.answer(wall=[0.001], cpu=[0.004], name="first")
    second = clocks.answer(wall=[0.001], cpu=[0.001], name="second")
    assert race_service(first, second, BATCH, calls=5, clock="cpu").speedup == pytest.approx(4)


def test_waiting_costs_the_wall_and_not_the_cpu():
    found = measure_service(lambda _: time.sleep(0.002), BATCH, calls=5)
    assert found.quantile(0.5) >= 2
    assert found.quantile(0.5, "cpu") < found.quantile(0.5)
