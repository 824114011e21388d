"""The length lab as a visitor meets it: every picture, both themes, a length to choose."""

import pytest
from kept_runs import keep_run
from lab_page import wait_for_plot, wait_for_state
from test_translation_in_browser import HAS_MARKS, TOO_WIDE

from tests.pages.length_records import CONFIG, lab_events

CARDS = (
    *("curve", "loss", "failing", "remedies", "hidden_norm", "cell_norm", "saturated", "forget"),
    *("chunk_difference", "chunk_memory"),
)
HAS_BARS = f"plot => ({HAS_MARKS})(plot) || plot.querySelector('.bars path')"
SAYS = "(plot, word) => plot.data.some(({text}) => text?.some(said => said.trim() === word))"


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_every_picture_is_drawn_and_remedies_are_shown_at_another_length(
    server, browser, width, scheme
):
    events = [event for event in lab_events() if event.kind != "progress"]
    run = keep_run(server, CONFIG, events, lab="length")
    tab = browser.open(
        f"{server.url}/length?run={run}",
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
    )
    wait_for_state(tab, "Done")
    for card in CARDS:
        wait_for_plot(tab, card, HAS_BARS)
        assert tab.evaluate(TOO_WIDE) == [], card
    wait_for_plot(tab, "remedies", SAYS, "helps +30")
    tab.get_by_role("radio", name="100", exact=True).click()
    wait_for_plot(tab, "remedies", SAYS, "helps +6")
