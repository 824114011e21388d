import numpy as np
import pytest
import torch
from steady_model import SETTINGS, steady_model

from core.labs.serving_config import ServingConfig
from core.labs.serving_measure import Stopwatch
from core.labs.serving_queue import LEAST_REPLAYED, REPLAY_PARTS, WRITTEN_MS, Desk
from core.serving.service_times import ServiceSamples


class SteadyStopwatch(Stopwatch):
    """Says of each batch size that it takes `first_ms`, and as much again for each 8 more."""

    first_ms = 1.0

    def time(self, cell):
        times = np.full(5, self.first_ms * (1 + (cell[0] - 1) / 8))
        return ServiceSamples(batch=cell[0], words=cell[1], wall_ms=times, cpu_ms=times)


def desk(first_ms=1.0, model=None, **settings):
    config = ServingConfig(**{**SETTINGS, **settings})
    served = model or steady_model()
    stopwatch = SteadyStopwatch(config, served, torch.device("cpu"))
    stopwatch.first_ms = first_ms
    list(stopwatch.measure())
    return Desk(config, served, stopwatch)


def last(events, name):
    return [each for each in events if not isinstance(each, float) and each.name == name][-1]


def test_the_chosen_policy_is_tried_first_beside_other_caps_and_waits():
    found = desk(max_batch=16)
    columns = last(found.simulate(), "served").columns
    tried = list(zip(columns["max_batch"], columns["max_wait_ms"], strict=True))
    assert tried == [(16, 0.0), (1, 0.0), (8, 0.0), (32, 0.0), (128, 0.0), (16, 5.0), (16, 20.0)]
    assert columns["is_chosen"] == [True] + [False] * 6


def test_no_batch_is_larger_than_the_largest_that_was_timed():
    found = desk(model=steady_model(batches=(1,)), max_batch=32)
    columns = last(found.simulate(), "served").columns
    assert columns["max_batch"] == [1]


def test_one_request_a_millisecond_is_unstable_alone_and_stable_in_batches():
    columns = last(desk(first_ms=1.2, max_batch=8).simulate(), "served").columns
    stable = dict(zip(columns["max_batch"], columns["stable"], strict=True))
    assert not stable[1]
    assert stable[8]


def test_real_passes_are_told_by_part_and_held_against_the_same_arrivals():
    found = desk(rate=200.0)
    events = list(found.check())
    shares = [each for each in events if isinstance(each, float)]
    assert shares == [(part + 1) / REPLAY_PARTS for part in range(REPLAY_PARTS)]
    replay = last(events, "replay").columns
    assert replay["quantity"] == ["p50", "p95", "p99", "mean", "utilisation"]
    for simulated, real, error in zip(*list(replay.values())[1:], strict=True):
        assert error == pytest.approx(simulated / real - 1)


def test_of_a_slow_model_fewer_requests_are_replayed_yet_some():
    answered = []
    model = steady_model(lambda ids: answered.append(len(ids)))
    found = desk(first_ms=100_000.0, model=model, replayed=20_000, max_batch=1, rate=0.1)
    list(found.check())
    assert len(answered) == LEAST_REPLAYED


def test_replicas_are_counted_for_this_model_and_for_the_challenge_as_it_is_asked():
    found = desk(first_ms=2.0, max_batch=8)
    replicas = last(found.plan(), "replicas").columns
    assert replicas["least_stable"] == [3, 1, 51]
    assert replicas["service_ms"] == pytest.approx([2.0, 2 * (1 + 7 / 8) / 8, WRITTEN_MS])
    assert found.advice.replicas_singly.least_stable == 3


def test_little_s_law_holds_for_the_chosen_policy():
    theory = last(desk(requests=20_000).plan(), "theory").columns
    assert theory["law"][0] == "Little's law"
    assert theory["error"][0] < 0.05


def test_the_best_cap_of_each_rate_is_one_of_the_grid():
    events = list(desk().compare())
    grid, best = (last(events, name).columns for name in ("grid", "best"))
    assert set(best["rate"]) == set(grid["rate"])
    assert set(best["max_batch"]) <= {*grid["max_batch"], None}
