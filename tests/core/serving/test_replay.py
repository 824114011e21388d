import time

import numpy as np
import pytest

from core.errors import ConfigError
from core.serving.batch_times import ServiceTimes
from core.serving.queueing import Policy, poisson_arrivals, simulate_arrivals
from core.serving.replay import replay, replay_in_steps

POLICY = Policy(max_batch=4, max_wait_ms=2, replicas=2)


class TimedModel:
    """A model whose answers take as long by a clock of its own as they are told."""

    def __init__(self, first_ms, each_ms):
        self.first_ms, self.each_ms, self.now, self.sizes = first_ms, each_ms, 0.0, []

    def answer(self, size):
        self.now += 1e-3 * (self.first_ms + self.each_ms * (size - 1))
        self.sizes.append(size)

    def clock(self):
        return self.now


def test_a_model_that_takes_what_the_simulator_thinks_meets_the_same_queue():
    arrivals, model = poisson_arrivals(600, 2000, seed=7), TimedModel(3.0, 0.5)
    real = replay(model.answer, arrivals, POLICY, clock=model.clock)
    told = simulate_arrivals(arrivals, POLICY, ServiceTimes.fixed(3.0, 0.5))
    assert np.allclose(real.latency_ms, told.latency_ms)
    assert np.array_equal(real.batch_counts, told.batch_counts)
    assert real.utilisation == pytest.approx(told.utilisation)
    assert set(model.sizes) == {1, 2, 3, 4}
    assert (real.load, real.stable) == (None, None)


def test_the_steps_say_how_many_are_answered_and_can_be_left():
    model = TimedModel(3.0, 0.5)
    steps = replay_in_steps(model.answer, np.arange(0.0, 9.0), Policy(max_batch=2))
    answered = list(steps)
    assert answered == np.cumsum(model.sizes).tolist()
    assert answered[-1] == 9
    left = replay_in_steps(model.answer, np.arange(0.0, 9.0), Policy())
    assert next(left) == 1
    left.close()


def test_nobody_sleeps_until_the_next_request_comes():
    started = time.perf_counter()
    real = replay(lambda _: None, np.arange(0.0, 1e6, 1e4), Policy())
    assert time.perf_counter() - started < 1
    assert real.wait_ms.max() == 0


def test_the_time_of_a_real_call_is_its_service_time():
    real = replay(lambda _: time.sleep(0.002), np.arange(0.0, 2000.0, 100.0), Policy())
    assert real.latency_ms.min() >= 2
    assert real.utilisation >= 0.02


def test_what_an_answer_raises_is_not_hidden():
    def answer(size):
        raise ValueError(f"no answer for {size}")

    with pytest.raises(ValueError, match="no answer for 1"):
        replay(answer, np.arange(3.0), Policy())


def test_arrivals_in_no_order_are_refused():
    with pytest.raises(ConfigError, match="not in the order"):
        replay(lambda _: None, np.array([3.0, 1.0]), Policy())
