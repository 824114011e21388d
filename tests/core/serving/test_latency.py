import time
from types import SimpleNamespace

import pytest

from core.serving import latency
from core.serving.latency import LEAST_CALLS, MOST_CALLS, WARM_UP, measure_latency

TEXTS = [f"text {at}" for at in range(5)]


class TimedAnswers:
    """Answers that take as many seconds by a clock of their own as they are told, in turn."""

    def __init__(self, *seconds):
        self.seconds, self.now, self.lots = seconds, 0.0, []

    def answer(self, lot):
        self.now += self.seconds[len(self.lots) % len(self.seconds)]
        self.lots.append(list(lot))

    def perf_counter(self):
        return self.now


@pytest.fixture
def timed(monkeypatch):
    def of(*seconds):
        answers = TimedAnswers(*seconds)
        monkeypatch.setattr(latency, "time", SimpleNamespace(perf_counter=answers.perf_counter))
        return answers

    return of


def test_quantiles_by_hand(timed):
    answers = timed(*[9.0] * WARM_UP, 0.001, 0.002, 0.003, 0.004, 0.105)
    found = measure_latency(answers.answer, TEXTS, 1, most_seconds=0.1)
    assert (found.calls, found.batch) == (5, 1)
    assert found.p50 == pytest.approx(3)
    assert found.p95 == pytest.approx(4 + 0.8 * 101)


def test_the_warm_up_is_not_counted(timed):
    answers = timed(*[50.0] * WARM_UP, *[0.01] * 60)
    found = measure_latency(answers.answer, TEXTS, 1)
    assert (found.p50, found.p95) == pytest.approx((10, 10))


@pytest.mark.parametrize(
    ("seconds", "calls"), [(1e-6, MOST_CALLS), (1 / 64, 26), (3.0, LEAST_CALLS)]
)
def test_quick_models_are_called_often_and_slow_ones_a_few_times(timed, seconds, calls):
    answers = timed(seconds)
    assert measure_latency(answers.answer, TEXTS, 4).calls == calls
    assert len(answers.lots) == WARM_UP + calls


def test_a_batch_is_drawn_in_turn_and_may_hold_more_than_all_texts(timed):
    answers = timed(1.0)
    measure_latency(answers.answer, TEXTS, 2)
    assert answers.lots[WARM_UP : WARM_UP + 3] == [
        ["text 0", "text 1"],
        ["text 2", "text 3"],
        ["text 4", "text 0"],
    ]
    more = timed(1.0)
    measure_latency(more.answer, TEXTS, 7)
    assert more.lots[0] == [*TEXTS, "text 0", "text 1"]


def test_a_wait_is_measured_by_the_clock_on_the_wall():
    found = measure_latency(lambda _: time.sleep(0.002), TEXTS, 1, most_seconds=0.01)
    assert 2 <= found.p50 <= found.p95
