"""The server ends while a run is under way: nothing trains on unseen, and nothing is lost."""

import os
import time

import pytest
from lab_page import points, start_run, wait_for_chart, wait_for_state, wait_for_step
from lab_server import Server, descendants, is_alive

pytestmark = pytest.mark.skipif(not os.path.exists("/proc"), reason="processes are found in /proc")


@pytest.fixture
def folder(tmp_path):
    """Where the servers of one test live; none outlives it."""
    servers = []

    def serve(port=None):
        servers.append(Server(tmp_path, port))
        return servers[-1]

    yield serve
    for server in servers:
        server.close()
    assert "Traceback" not in servers[-1].said()


def test_a_server_that_ends_leaves_no_process_and_keeps_every_run(folder, browser):
    server = folder()
    tab = browser.open(f"{server.url}/clipping")
    wait_for_state(tab, "Example · Done")
    run = start_run(tab, "Standard")
    wait_for_state(tab, "Running")
    seen = wait_for_step(tab, 100)
    link = tab.url
    left_open = browser.open(link, watched=False)
    wait_for_state(left_open, "Running")
    below = descendants(server.process.pid)
    assert server.worker(run) in below
    tab.goto("about:blank")
    assert server.close() == 0
    assert wait_for_end_of(below) == set()
    assert server.events(run, "state")[-1]["state"] == "interrupted"

    again = folder(server.port)
    tab.goto(link)
    wait_for_state(tab, "Interrupted")
    wait_for_chart(tab)
    assert wait_for_step(tab, seen) >= seen
    assert points(tab, "norms") > 10
    wait_for_state(left_open, "Interrupted")
    tab.get_by_role("link", name="Runs").first.click()
    tab.get_by_text("Interrupted", exact=True).wait_for()
    tab.goto(f"{again.url}/clipping")
    wait_for_state(tab, "Example · Done")
    wait_for_chart(tab)
    examples = [path.name for path in (again.home / "runs").iterdir() if path.name != run]
    assert len(examples) == 1, "the finished example is still there and was not made again"


def wait_for_end_of(processes, seconds=10):
    """Return those of the processes that are still alive after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(map(is_alive, processes)):
        time.sleep(0.05)
    return {pid for pid in processes if is_alive(pid)}
