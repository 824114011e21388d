import time
from datetime import UTC, datetime

import pytest

from core.practice.clock import RATE, clock_rate, now


def test_it_is_the_time_of_day_in_utc(monkeypatch):
    monkeypatch.delenv(RATE, raising=False)
    assert abs((now() - datetime.now(UTC)).total_seconds()) < 1


def test_a_rate_makes_a_second_a_minute(monkeypatch):
    monkeypatch.setenv(RATE, "60")
    before = now()
    time.sleep(0.05)
    assert 2.9 < (now() - before).total_seconds() < 60


@pytest.mark.parametrize("rate", ["", "fast", "0", "-3", "nan"])
def test_a_rate_that_is_none_leaves_the_time_alone(monkeypatch, rate):
    monkeypatch.setenv(RATE, rate)
    assert clock_rate() == 1.0
