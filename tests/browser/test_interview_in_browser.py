"""A mock interview of a quarter of an hour, in which a minute takes a second and a half."""

import re

import pytest
from lab_server import Server

RATE = 40
SAID = "It was not typed in vain: the gradient vanishes"
QUESTION = "document.querySelector('.st-key-interview_question')?.innerText"


@pytest.fixture
def hasty(tmp_path):
    server = Server(tmp_path, environment={"SEQSCOPE_CLOCK_RATE": str(RATE)})
    yield server
    server.close()
    assert "Traceback" not in server.said()


def seconds_left(tab):
    told = tab.locator(".interview-clock .whole .time").first.inner_text()
    return sum(int(part) * unit for part, unit in zip(told.split(":"), (60, 1), strict=True))


def test_an_interview_survives_a_refresh_and_ends_by_the_clock_in_a_review(hasty, browser):
    tab = browser.open(f"{hasty.url}/mock-interview")
    tab.get_by_role("radio", name="Senior").click()
    begin = tab.get_by_role("button", name="Begin the interview")
    tab.get_by_text("questions of 3:00 minutes").wait_for()
    begin.focus()
    tab.keyboard.press("Enter")

    # typed by keyboard alone: the text has the focus; and refreshed before it is given
    tab.wait_for_function("document.activeElement?.tagName === 'TEXTAREA'")
    first, before = tab.evaluate(QUESTION), seconds_left(tab)
    tab.keyboard.insert_text(SAID)
    tab.wait_for_function(
        "said => localStorage.getItem('seqscope-drafts')?.includes(said)", arg=SAID
    )
    address = tab.url
    assert re.search(r"\?interview=[0-9a-f]{16}$", address)
    tab.reload()

    # the clock went on, and the draft is there; on a slow machine its time is up by now
    tab.locator(".interview-clock").wait_for()
    assert tab.url == address
    assert seconds_left(tab) < before <= 15 * 60
    tab.wait_for_function(
        f"([said, first]) => document.querySelector('textarea')?.value === said"
        f" || {QUESTION} !== first",
        arg=[SAID, first],
    )
    if tab.evaluate(QUESTION) == first:
        tab.keyboard.press("Control+Enter")
    tab.wait_for_function(f"first => {QUESTION} && {QUESTION} !== first", arg=first)

    # nobody answers any more: each question's time runs out, and the review comes by itself
    tab.get_by_text("Points by topic", exact=True).wait_for()
    tab.get_by_role("button", name="Report (HTML)").wait_for()
    told = tab.locator(".own-answer").all_text_contents()
    assert told.count(SAID) == 1
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Report (HTML)").click()
    report = download.value.path().read_text(encoding="utf-8")
    assert SAID in report
    assert "taken when the time was up" in report
