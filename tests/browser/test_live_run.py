"""A run from its first update to its end, as one visitor or two see it."""

import math
import os
import signal
import time

import pytest
from lab_page import (
    plot_data,
    press,
    run_id,
    start_run,
    status,
    step,
    wait_for_chart,
    wait_for_reach,
    wait_for_state,
    wait_for_step,
)

DIAL = ".st-key-dials [role=slider], .st-key-dials input[type=range]"


@pytest.fixture
def tab(server, browser):
    tab = browser.open(f"{server.url}/clipping")
    tab.get_by_role("radio", name="Standard").wait_for()
    return tab


@pytest.fixture
def long_run(server, tab):
    """A run of minutes under way in the tab; stopped at the end if it still lasts."""
    started = start_run(tab, "Standard")
    wait_for_state(tab, "Running")
    wait_for_step(tab, 20)
    yield started
    if server.state(started) in ("running", "paused"):
        press(tab, "stop")
        wait_for_state(tab, "Stopped")


def test_a_run_moves_and_its_link_names_it(tab, long_run):
    assert f"?run={long_run}" in tab.url
    first = step(tab)
    assert wait_for_step(tab, first + 50) > first
    wait_for_chart(tab)


def test_turning_the_threshold_is_drawn_and_the_clipped_norm_follows(server, tab, long_run):
    wait_for_chart(tab)
    lines = "document.querySelector('.st-key-card_norms .live-chart-plot').layout.shapes.length"
    before = tab.evaluate(lines)
    dial = tab.locator(DIAL).first
    for _ in range(4):  # 1, 0.5, 0.2, 0.1, 0.05
        dial.focus()
        dial.press("ArrowLeft")
    turned = wait_for_event(
        server,
        long_run,
        "setting",
        lambda event: event["name"] == "threshold" and event["value"] < 0.06,
    )
    wait_for_step(tab, turned["step"] + 100)
    tab.locator(".st-key-card_norms").scroll_into_view_if_needed()  # out of sight it waits
    tab.wait_for_function(f"{lines} > {before}")
    tab.wait_for_function(
        """step => document.querySelector('.st-key-card_norms .live-chart-plot').data
            .find(trace => trace.name === 'after clipping').x.filter(x => x > step).length > 5""",
        arg=turned["step"],
    )
    traces = {trace["name"]: trace for trace in plot_data(tab, "norms")}
    after = traces["after clipping"]
    later = [y for x, y in zip(after["x"], after["y"], strict=True) if x > turned["step"] and y]
    assert max(later) <= math.log10(turned["value"]) + 0.01
    assert traces["threshold"]["y"][-1] == pytest.approx(math.log10(turned["value"]), abs=0.01)
    assert max(y for y in after["y"] if y is not None) > math.log10(turned["value"]) + 0.5


def test_a_run_is_paused_stepped_once_and_resumed(tab, long_run):
    press(tab, "pause")
    wait_for_state(tab, "Paused")
    paused = step(tab)
    tab.wait_for_timeout(1500)
    assert step(tab) == paused
    press(tab, "step")
    wait_for_step(tab, paused + 1)
    tab.wait_for_timeout(1000)
    assert step(tab) == paused + 1
    assert status(tab).startswith("Paused")
    press(tab, "resume")
    wait_for_state(tab, "Running")
    wait_for_step(tab, paused + 10)


def test_a_run_outlives_a_switch_of_pages_and_a_refresh(tab, long_run):
    left_at = step(tab)
    tab.get_by_role("link", name="Your text").first.click()
    tab.get_by_role("heading", name="Your text").wait_for()
    tab.wait_for_function("!location.search.includes('run=')")
    tab.get_by_role("link", name="Clipping").first.click()
    wait_for_state(tab, "Running")
    tab.wait_for_function("id => location.search.includes(`run=${id}`)", arg=long_run)
    back_at = wait_for_step(tab, left_at + 1)
    tab.reload()
    wait_for_state(tab, "Running")
    wait_for_chart(tab)
    assert run_id(tab) == long_run
    wait_for_step(tab, back_at + 1)
    assert plot_data(tab, "norms")[0]["x"][0] <= 1, "the history is back from its start"


def test_two_visitors_see_and_steer_one_run_through_its_link(browser, tab, long_run):
    other = browser.open(tab.url)
    wait_for_state(other, "Running")
    wait_for_chart(other)
    assert run_id(other) == long_run
    press(other, "pause")
    wait_for_state(other, "Paused")
    wait_for_state(tab, "Paused")
    assert step(tab) == step(other)
    press(tab, "resume")
    wait_for_state(other, "Running")
    press(other, "stop")
    wait_for_state(other, "Stopped")
    wait_for_state(tab, "Stopped")
    assert step(tab) == step(other)


@pytest.mark.skipif(not os.path.exists("/proc"), reason="a worker is found through /proc")
def test_a_killed_worker_is_reported_within_three_seconds_and_its_events_stay(
    server, tab, long_run
):
    wait_for_step(tab, 100)
    killed = time.time()
    os.kill(server.worker(long_run), signal.SIGKILL)
    wait_for_state(tab, "Failed")
    failed = server.events(long_run, "state")[-1]
    assert failed["state"] == "failed"
    assert failed["at"] - killed < 3
    assert "The worker was killed (signal 9, SIGKILL)" in status(tab)
    assert "Its events are kept." in status(tab)
    kept = max(max(event["columns"]["step"]) for event in server.events(long_run, "series"))
    wait_for_reach(tab, "norms", kept)
    tab.reload()
    wait_for_state(tab, "Failed")
    wait_for_chart(tab)
    wait_for_reach(tab, "norms", kept)


def wait_for_event(server, run, kind, condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for event in server.events(run, kind):
            if condition(event):
                return event
        time.sleep(0.1)
    raise AssertionError(f"no such {kind} in the events of the run")
