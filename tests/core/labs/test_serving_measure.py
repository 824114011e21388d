import time

import numpy as np
import pytest
import torch
from steady_model import SETTINGS, steady_model

from core.labs.serving_config import BATCHES, LENGTHS, ServingConfig
from core.labs.serving_measure import (
    LEAST_CALLS,
    MORE_CALLS,
    TURNS,
    Stopwatch,
    add_samples,
    machine_columns,
)
from core.serving.service_times import ServiceSamples

CPU = torch.device("cpu")
CONFIG = ServingConfig(**SETTINGS)


def samples(*milliseconds):
    times = np.array(milliseconds)
    return ServiceSamples(batch=1, words=10, wall_ms=2 * times, cpu_ms=times)


def measured(model, config=CONFIG, device=CPU):
    stopwatch = Stopwatch(config, model, device)
    tables = list(stopwatch.measure())
    return stopwatch, tables


def test_each_batch_size_has_its_turns_and_each_length_one():
    stopwatch, tables = measured(steady_model())
    lengths = 2 * len(LENGTHS)
    assert stopwatch.rounds == TURNS * len(BATCHES) + lengths
    assert [event.step for event in tables] == sorted(event.step for event in tables)
    assert tables[-1].step == stopwatch.rounds
    assert list(stopwatch.by_batch) == list(BATCHES)


def test_a_length_that_is_the_usual_one_is_not_timed_twice():
    stopwatch, _ = measured(steady_model(words=100))
    assert stopwatch.rounds == TURNS * len(BATCHES) + 2 * (len(LENGTHS) - 1)


def test_quick_calls_are_repeated_more_often_and_slow_ones_as_often_as_asked_for():
    quick = Stopwatch(CONFIG, steady_model(), CPU).time((1, 10))
    slow = Stopwatch(CONFIG, steady_model(lambda ids: time.sleep(0.06)), CPU).time((1, 10))
    assert quick.calls == MORE_CALLS * CONFIG.calls / TURNS
    assert slow.calls == -(-CONFIG.calls // TURNS)


def test_a_pass_of_many_seconds_is_not_repeated_as_often_as_asked_for():
    config = ServingConfig(**{**SETTINGS, "calls": 1000})
    slow = Stopwatch(config, steady_model(lambda ids: time.sleep(0.4)), CPU).time((1, 10))
    assert slow.calls == LEAST_CALLS / TURNS


def test_where_a_pass_takes_seconds_no_larger_one_is_timed(monkeypatch):
    monkeypatch.setattr("core.labs.serving_measure.MOST_PASS_SECONDS", 0.01)
    model = steady_model(lambda ids: time.sleep(0.02 * (ids.numel() > 100)), words=25)
    stopwatch, tables = measured(model)
    assert list(stopwatch.by_batch) == [1, 2, 4, 8]
    cells = set(zip(*(tables[-1].columns[name] for name in ("batch", "words")), strict=True))
    assert cells == {(1, 25), (2, 25), (4, 25), (8, 25), (1, 50), (1, 100), (1, 200)}


@pytest.mark.parametrize(
    ("threads", "device", "clock"), [(1, "cpu", "cpu"), (2, "cpu", "wall"), (1, "cuda", "wall")]
)
def test_the_queue_is_told_the_time_of_one_core_or_what_is_waited(threads, device, clock):
    config = ServingConfig(**SETTINGS, threads=threads)
    stopwatch = Stopwatch(config, steady_model(), torch.device(device))
    assert stopwatch.clock == clock
    told = {"cpu": 1.5, "wall": 3.0}[clock]
    assert stopwatch.service([samples(1.5)]).mean_ms(1) == pytest.approx(told)


def test_calls_of_a_later_turn_stand_behind_those_of_the_first():
    found = {}
    add_samples(found, (1, 10), samples(1.0, 2.0))
    add_samples(found, (1, 10), samples(3.0))
    assert found[(1, 10)].cpu_ms.tolist() == [1.0, 2.0, 3.0]
    assert found[(1, 10)].wall_ms.tolist() == [2.0, 4.0, 6.0]


def test_the_machine_is_told_in_one_row():
    columns = machine_columns(CONFIG, CPU, "cpu")
    assert {len(values) for values in columns.values()} == {1}
    assert columns["device"] == ["cpu"]
    assert columns["cores"][0] >= 1
    assert columns["cpu"][0]
