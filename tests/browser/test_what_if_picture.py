"""The picture before any training follows its sliders, and the rest of the page does not move."""

import time

from lab_page import status, wait_for_chart, wait_for_state
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PICTURE = "JSON.stringify(document.querySelector('.st-key-card_what_if .live-chart-plot')?.data)"
REST = """[...document.querySelectorAll('h1, h2, h3, .st-key-settings, .st-key-run_bar')]
  .map(node => node.innerText + JSON.stringify(node.getBoundingClientRect()))"""


def test_a_slider_redraws_its_picture_alone(server, browser):
    tab = browser.open(f"{server.url}/gradient-flow")
    wait_for_chart(tab)
    wait_for_state(tab, "Example · Done")
    scripts = []
    tab.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: scripts.append(frame)),  # noqa: PLW0108
    )
    tab.reload()
    wait_for_state(tab, "Example · Done")
    tab.wait_for_function(f"{PICTURE}?.length > 100")
    tab.locator(".st-key-what_if_sliders").scroll_into_view_if_needed()
    turn(tab)
    tab.wait_for_timeout(1000)
    rest, said = tab.evaluate(REST), status(tab)
    scripts.clear()
    seconds = [turn(tab) for _ in range(3)]
    tab.wait_for_timeout(500)
    assert min(seconds) < 2
    assert tab.evaluate(REST) == rest
    assert status(tab) == said
    ends = [end for end in map(end_of_script, scripts) if end is not None]
    assert ends.count(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY) >= 3
    assert ForwardMsg.FINISHED_SUCCESSFULLY not in ends, "the whole page ran"


def turn(tab):
    """Move a slider by one; return how long the new picture took."""
    before = tab.evaluate(PICTURE)
    slider = tab.locator(".st-key-wi_gain [role=slider], .st-key-wi_gain input[type=range]").first
    slider.focus()
    started = time.monotonic()
    slider.press("ArrowRight")
    tab.wait_for_function(f"before => {PICTURE} !== before", arg=before)
    return time.monotonic() - started


def end_of_script(frame):
    """How a run of the page's script ended, if that is what the server says here."""
    if isinstance(frame, str):
        return None
    message = ForwardMsg.FromString(frame)
    return message.script_finished if message.WhichOneof("type") == "script_finished" else None
