"""The serving lab as a visitor meets it: every picture, both themes, a slider that answers."""

import pytest
from kept_runs import keep_run
from lab_page import wait_for_plot, wait_for_state
from test_translation_in_browser import HAS_MARKS, TOO_WIDE

from tests.pages.serving_records import CONFIG, lab_events

CARDS = (
    *("latency", "throughput", "words", "latencies", "batches", "grid", "replicas", "agreement"),
    *("desk_latencies", "desk_batches", "speed", "variant_accuracy", "size", "flips"),
    *("distillation", "difference"),
)
HAS_BARS = f"plot => ({HAS_MARKS})(plot) || plot.querySelector('.bars path')"


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_every_picture_is_drawn_and_a_slider_answers_at_once(server, browser, width, scheme):
    events = [event for event in lab_events() if event.kind != "progress"]
    run = keep_run(server, CONFIG, events, lab="serving")
    tab = browser.open(
        f"{server.url}/serving?run={run}",
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
    )
    wait_for_state(tab, "Done")
    for card in CARDS:
        wait_for_plot(tab, card, HAS_BARS)
        assert tab.evaluate(TOO_WIDE) == [], card
    answer = tab.locator(".st-key-desk_answer")
    answer.get_by_text("Stable.", exact=True).wait_for()
    rate = tab.get_by_role("slider", name="Requests a second")
    rate.focus()
    rate.press("End")
    answer.get_by_text("Unstable.", exact=True).wait_for()
