"""The page Study: a session of some cards, and what must not be lost or stored twice."""

import itertools
import re
from datetime import UTC, datetime, timedelta

import pytest

from core.practice.deck import deck, find_card
from pages.components import cache, similar_sentences, study_session

STUDY = "pages/practice/study.py"
FIRST = "clip-return-value"
ANSWER = "It is the norm before clipping. It returns the norm after clipping, too. <b>& 1 < 2</b>"


@pytest.fixture
def store(engine, monkeypatch, tmp_path):
    """A store of this test alone, and a learner of this test alone."""
    monkeypatch.setattr(study_session, "practice_store", lambda: found)
    found = cache.PracticeStore(f"sqlite:///{tmp_path}/practice.db")
    return found


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test turns on."""
    times = {"now": datetime(2026, 11, 25, 12, tzinfo=UTC)}
    monkeypatch.setattr(study_session, "now", lambda: times["now"])
    return times


def who(at):
    return f"key:{at.session_state['visitor']}"


def shown(at):
    return at.query_params.get("card", None)


def reveal(at):
    return at.button(key="study_reveal").click().run()


def ratings(at):
    return [button for button in at.button if (button.key or "").startswith("rate:")]


def rate(at, number):
    return ratings(at)[number - 1].click().run()


def test_an_answer_is_compared_with_the_card_and_the_rating_is_stored(visit, store, clock):
    at = visit(STUDY, card=FIRST)
    assert not said(at, "Reference answer")
    assert not ratings(at)
    at.text_area[0].set_value(ANSWER).run()
    clock["now"] += timedelta(seconds=40)
    reveal(at)
    assert not at.exception
    card = find_card(FIRST)
    assert said(at, f"names 1 of {len(card.points)} points")
    assert said(at, "It also says, and that is wrong")
    assert said(at, card.mistakes[0].why)
    page = "".join(each.proto.body for each in at.get("html"))
    assert re.search(r'<mark class="point" title="[^"]+">norm before', page)
    assert re.search(r'<mark class="mistake" title="[^"]+">returns the norm after', page)
    assert "&lt;b&gt;&amp; 1 &lt; 2&lt;/b&gt;" in page
    assert [button.label.split(" · ")[0] for button in ratings(at)] == [
        "Again",
        "Hard",
        "Good",
        "Easy",
    ]
    assert store.reviews(who(at)) == []
    rate(at, 3)
    (review,) = store.reviews(who(at))
    assert (review.card_id, review.rating, review.named, review.of) == (FIRST, "good", 1, 3)
    assert review.seconds == 40.0
    assert shown(at) != FIRST
    assert at.text_area[0].value == ""
    assert not ratings(at), "the next card is hidden"


def test_who_only_thinks_is_not_graded(visit, store, clock):
    at = visit(STUDY, card=FIRST)
    reveal(at)
    assert said(at, "A good answer names")
    assert not said(at, "Missed")
    rate(at, 1)
    (review,) = store.reviews(who(at))
    assert (review.named, review.of) == (None, None)


def test_a_second_click_rates_nothing(visit, store, clock):
    at = visit(STUDY, card=FIRST)
    reveal(at)
    again = ratings(at)[0]
    again.click().run()
    again.click().run()
    assert [review.rating for review in store.reviews(who(at))] == ["again"]


def test_a_card_that_was_rated_in_another_tab_is_not_rated_here(visit, store, clock):
    at = visit(STUDY, card=FIRST)
    reveal(at)
    store.rate(who(at), FIRST, "easy", at=clock["now"])
    rate(at, 1)
    assert [review.rating for review in store.reviews(who(at))] == ["easy"]
    assert shown(at) != FIRST


@pytest.mark.parametrize("revealed", [False, True])
def test_a_refresh_shows_the_same_card_as_it_was(visit, store, clock, revealed):
    at = visit(STUDY)
    first = shown(at)
    if revealed:
        reveal(at)
    again = visit(STUDY, **{name: at.query_params[name] for name in at.query_params})
    assert shown(again) == first
    assert bool(ratings(again)) == revealed


def test_a_link_of_before_a_rating_goes_on_with_the_next_card(visit, store, clock):
    at = visit(STUDY, card=FIRST)
    reveal(at)
    rate(at, 4)
    following = at.subheader[0].value
    at.query_params.update({"card": FIRST, "seen": "0r"})
    at.run()
    assert at.subheader[0].value == following
    assert not ratings(at)
    assert shown(at) == FIRST, "another link here would be a new step: Back would not get past it"
    reveal(at)
    assert find_card(shown(at)).label == following
    assert ratings(at)


def test_a_switch_of_pages_comes_back_to_the_card_and_the_text(visit, store, clock):
    at = visit(STUDY, card=FIRST)
    at.text_area[0].set_value(ANSWER).run()
    at.query_params.clear()
    at.switch_page("pages/runs/all_runs.py").run()
    at.query_params.clear()
    at.switch_page(STUDY).run()
    assert shown(at) == FIRST
    assert at.text_area[0].value == ANSWER


def test_topics_and_levels_choose_and_a_session_ends_with_what_was_done(visit, store, clock):
    at = visit(STUDY)
    at.number_input(key="new").set_value(2).run()
    at.multiselect(key="topic").set_value(["Clipping"]).run()
    for _ in range(2):
        assert find_card(shown(at)).topic == "clipping"
        reveal(at)
        rate(at, 4)
    assert not at.exception
    assert at.subheader[0].value == "Done for today"
    assert said(at, "**2** cards studied · Easy 2")
    assert said(at, "The next **2** cards are due in **")
    assert shown(at) is None
    at.button(key="study_more").click().run()
    assert find_card(shown(at)).topic == "clipping"


def test_what_was_not_known_comes_again_in_the_same_session(visit, store, clock):
    at = visit(STUDY)
    at.number_input(key="new").set_value(1).run()
    first = shown(at)
    reveal(at)
    rate(at, 1)
    assert shown(at) == first
    assert not ratings(at)
    assert at.query_params["seen"] == "1"


def test_who_knows_all_is_told_so(visit, store, clock, monkeypatch):
    at = visit(STUDY)
    days = itertools.count(1)
    for card_id in deck():
        store.rate(who(at), card_id, "easy", at=clock["now"] - timedelta(days=next(days) % 2 + 1))
    at.query_params.clear()
    at.session_state["study_showing"] = ("", "")
    at.run()
    assert at.subheader[0].value == "Nothing is due"


def test_a_card_that_is_gone_is_answered_with_a_sentence(visit, store, clock):
    at = visit(STUDY, card="gone")
    assert "no card 'gone'" in at.warning[0].value
    assert shown(at) in deck()


def test_missed_points_are_looked_for_in_other_words_where_asked(visit, store, clock, monkeypatch):
    monkeypatch.setattr(similar_sentences, "encoder_is_installed", lambda: True)
    monkeypatch.setattr(
        similar_sentences,
        "similar_to_points",
        lambda points, answer: {
            "sentences": [answer] * len(points),
            "similarities": [0.42] * len(points),
            "encoder": "MiniLM",
        },
    )
    at = visit(STUDY, card=FIRST)
    at.text_area[0].set_value("It is measured first.").run()
    reveal(at)
    assert not said(at, "similarity 0.42")
    at.toggle(key="study_similar").set_value(True).run()
    assert said(at, "similarity 0.42")
    assert said(at, "A hint, no judge (MiniLM)")


def said(at, words):
    return any(words in each.value for each in (*at.markdown, *at.caption))
