import time

import pytest

from core.errors import ConfigError, RunError
from core.runs import control as control_module
from core.runs.control import Control
from core.training.dials import Dials


@pytest.fixture
def run_id(bench):
    run_id = bench.start(updates=100_000, pause=0.01)
    bench.until(run_id, lambda record: record.step > 0)
    yield run_id
    if bench.pool.is_live(run_id):
        bench.stop(run_id)


def test_a_paused_run_stands_still_and_goes_on(bench, run_id):
    bench.pool.command(run_id, "pause")
    step = bench.until_state(run_id, "paused").step
    time.sleep(0.4)
    assert bench.until_state(run_id, "paused").step == step
    bench.pool.command(run_id, "resume")
    bench.until(run_id, lambda record: record.state == "running" and record.step > step + 5)


def test_a_step_is_exactly_one_round(bench, run_id):
    bench.pool.command(run_id, "pause")
    step = bench.until_state(run_id, "paused").step
    for taken in (1, 2, 3):
        bench.pool.command(run_id, "step")
        record = bench.until(run_id, lambda record, taken=taken: record.step == step + taken)
        assert record.state == "paused"
    time.sleep(0.4)
    assert bench.until_state(run_id, "paused").step == step + 3
    assert bench.until_state(run_id, "paused").columns("m")["step"][-1] == step + 3


def test_a_step_of_a_running_run_pauses_it_after_one_round(bench, run_id):
    bench.pool.command(run_id, "step")
    assert bench.until_state(run_id, "paused").step > 0


@pytest.mark.parametrize("before", [None, "pause"])
def test_a_stop_ends_a_run_cleanly_running_or_paused(bench, run_id, before):
    if before:
        bench.pool.command(run_id, before)
        bench.until_state(run_id, "paused")
    bench.pool.command(run_id, "stop")
    record = bench.finished(run_id)
    assert (record.state, record.cause, record.result) == ("stopped", "", None)
    assert record.step <= len(record.columns("m")["step"]) <= record.step + 1


def test_a_round_that_does_not_end_is_left_as_it_is(bench):
    run_id = bench.start(what="long call")
    bench.until(run_id, lambda record: len(record.columns("m").get("step", [])) == 2)
    began = time.monotonic()
    bench.pool.command(run_id, "stop")
    record = bench.finished(run_id)
    assert (record.state, "within a round" in record.cause) == ("stopped", True)
    assert time.monotonic() - began < control_module.STOP_SECONDS + 3


def test_a_dial_that_is_turned_is_told_by_the_lab(bench, run_id):
    bench.pool.command(run_id, "turn", "clip", 0.25)
    record = bench.until(run_id, lambda record: record.settings)
    assert (record.settings[0]["name"], record.settings[0]["value"]) == ("clip", 0.25)


def test_a_dial_that_a_run_has_not_is_refused_and_recorded(bench, run_id):
    bench.pool.command(run_id, "turn", "volume", 11)
    record = bench.until(run_id, lambda record: record.notes)
    assert "no live setting 'volume'" in record.notes[0]["text"]
    assert record.state == "running"


def test_a_pace_holds_a_run_back_and_lets_it_go(bench):
    run_id = bench.start(updates=1_000_000)
    bench.until(run_id, lambda record: record.step > 500)
    bench.pool.command(run_id, "pace", 20)
    time.sleep(0.5)
    first, began = bench.until(run_id, lambda record: True).step, time.monotonic()
    second = bench.until(run_id, lambda record: record.step >= first + 20).step
    seconds = time.monotonic() - began
    bench.pool.command(run_id, "pace", 0)
    bench.until(run_id, lambda record: record.step > second + 2_000)
    bench.stop(run_id)
    assert 0.5 <= seconds <= 5


def test_a_very_slow_pace_still_obeys_at_once(bench):
    run_id = bench.start(updates=1_000, pause=0.01)
    bench.pool.command(run_id, "pace", 0.01)
    bench.until_state(run_id, "running")
    time.sleep(0.2)
    began = time.monotonic()
    bench.stop(run_id)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1", None, True])
def test_a_value_that_is_no_finite_number_is_refused_at_once(bench, run_id, value):
    with pytest.raises(ConfigError, match="must be a finite number"):
        bench.pool.command(run_id, "turn", "clip", value)


def test_an_unknown_command_is_answered_with_the_known_ones(bench, run_id):
    with pytest.raises(RunError, match="choose from pause, resume, step, stop, turn, pace"):
        bench.pool.command(run_id, "explode")


def test_steering_costs_nothing_while_nothing_is_asked():
    control = Control(report=print, note=print)
    control.obey(0)
    assert not control.busy
    control.dials = Dials(clip=1.0)
    control.ask(("turn", "clip", 2.0))
    assert control.busy
    control.obey(1)
    assert (control.dials["clip"], control.busy) == (2.0, False)
