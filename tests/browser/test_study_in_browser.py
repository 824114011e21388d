"""A whole session of study with hands on the keyboard alone, and a refresh in the middle."""

import pytest
from playwright.sync_api import expect

ANSWER = "It is the norm before clipping, not what its name says. 1 2 3 4"


@pytest.fixture(autouse=True)
def _patience():
    expect.set_options(timeout=60_000)
    yield
    expect.set_options(timeout=5_000)


def test_a_session_is_studied_by_keyboard_alone_and_outlives_a_refresh(server, browser):
    tab = browser.open(f"{server.url}/study?card=clip-return-value&topic=Clipping&new=2")
    keys = tab.keyboard
    question = tab.locator(".st-key-study_focus h3")
    area = tab.locator("[class*=st-key-study_answer_] textarea")
    ready = tab.locator(".st-key-study_keys [data-step]")
    ratings = tab.locator(".st-key-study_rating button")
    expect(question).to_contain_text("total_norm_after")
    expect(tab.get_by_text("1 of 2 today")).to_be_visible()

    ready.wait_for(state="attached")
    keys.press("a")
    expect(area).to_be_focused()
    keys.type(ANSWER)  # its digits and spaces are text here, no ratings
    tab.reload()
    expect(area).to_have_value(ANSWER)
    expect(question).to_contain_text("total_norm_after")

    ready.wait_for(state="attached")
    keys.press("a")
    expect(area).to_be_focused()
    keys.press("Control+Enter")
    expect(ratings).to_have_count(4)
    expect(question).to_be_focused()
    expect(tab.locator(".own-answer mark.point").first).to_have_text("norm before")
    tab.reload()
    expect(tab.locator(".own-answer")).to_have_text(ANSWER)

    for key in "111":  # a key that is held down rates once
        keys.press(key)
    expect(ratings).to_have_count(0)
    expect(question).not_to_contain_text("total_norm_after")
    expect(question).to_be_focused()
    expect(area).to_have_value("")

    keys.press("Space")
    expect(ratings).to_have_count(4)
    keys.press("4")
    expect(ratings).to_have_count(0)
    expect(question).to_contain_text("total_norm_after")  # not known, and so it comes again
    expect(question).to_be_focused()
    keys.press("Space")
    expect(ratings).to_have_count(4)
    keys.press("4")
    end = tab.locator(".st-key-study_end")
    expect(end.get_by_role("heading", name="Done for today")).to_be_focused()
    expect(end).to_contain_text("2 cards studied · Again 1 · Easy 2")
    expect(end).to_contain_text("1 of 3 points named in writing")

    tab.reload()
    expect(end).to_contain_text("2 cards studied · Again 1 · Easy 2")
