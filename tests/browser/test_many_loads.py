"""The white page: loads upon loads while a run draws, and each shows the page."""

import pytest
from lab_page import press, start_run, wait_for_state, wait_for_step


@pytest.mark.slow
def test_forty_loads_during_a_run_show_the_page_every_time(server, browser):
    tab = browser.open(f"{server.url}/gradient-flow")
    start_run(tab, "Large")
    wait_for_state(tab, "Running")
    wait_for_step(tab, 1)
    load_again(tab, browser, "Running", 15)
    press(tab, "pause")  # the page asks as often; the machine has time for more loads
    wait_for_state(tab, "Paused")
    load_again(tab, browser, "Paused", 25)
    press(tab, "stop")
    wait_for_state(tab, "Stopped")


def load_again(tab, browser, state, times):
    for load in range(times):
        tab.goto(tab.url, wait_until="commit")
        tab.locator("h1").wait_for()
        wait_for_state(tab, state)
        assert browser.faults == [], f"load {load + 1}"
