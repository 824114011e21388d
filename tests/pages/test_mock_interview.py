"""An interview from the form to its review, and what can go wrong on the way."""

from dataclasses import replace
from datetime import timedelta

import plotly.graph_objects as go
import pytest
from painted import painted

from core.practice.card import TOPICS
from core.practice.clock import now
from core.practice.deck import deck
from core.practice.interview import begin, end, keep_draft
from core.practice.interview_json import interview_from_json, interview_to_json
from core.practice.interview_review import time_table, topic_table
from core.practice.interview_setup import FOLLOW_UP_SECONDS, InterviewSetup
from pages.components import cache
from pages.components.figures.interview import (
    answer_times_figure,
    rows_pixels,
    topic_points_figure,
)

PAGE = "pages/practice/mock_interview.py"
STUDY = "pages/practice/study.py"


def said(at, words):
    told = [*at.markdown, *at.caption, *at.info, *at.warning, *at.error, *at.text]
    return [each.value for each in told if words in each.value]


def who(at):
    return f"key:{at.session_state['visitor']}"


def kept(at):
    """The interview that the link names, as it is kept."""
    return interview_from_json(
        cache.practice_store().interview(who(at), at.query_params["interview"])
    )


def keep(at, interview):
    store = cache.practice_store()
    store.save_interview(who(at), interview.id, interview_to_json(interview))


def earlier(interview, seconds):
    """The same interview, begun and asked so much earlier."""
    by = timedelta(seconds=seconds)
    asked = tuple(
        replace(each, started=each.started - by, taken=each.taken and each.taken - by)
        for each in interview.asked
    )
    return replace(interview, started=interview.started - by, asked=asked)


def press(at, label):
    """Press the button of this label."""
    next(each for each in at.button if each.label == label).click()
    return at.run()


def begun(visit, **choices):
    at = visit(PAGE)
    if "minutes" in choices:
        at.segmented_control(key="interview_minutes").set_value(choices["minutes"])
    if "topics" in choices:
        at.pills(key="interview_topics").set_value(choices["topics"])
    press(at, "Begin the interview")
    assert not at.exception
    return at


def answer(at, text, button="Next"):
    at.text_area[0].set_value(text)
    press(at, button)
    assert not at.exception
    return at


def full_answer(at):
    """What names every point of the card that is asked about."""
    card = deck()[kept(at).current.card_id]
    return card.answer


def test_what_is_chosen_is_said_and_begun(visit):
    at = visit(PAGE)
    assert said(at, "About 4 questions of 2:30 minutes")
    at.segmented_control(key="interview_minutes").set_value(45)
    at.segmented_control(key="interview_level").set_value("junior").run()
    assert said(at, "About 15 questions of 2:00 minutes")
    at.pills(key="interview_topics").set_value(["clipping"])
    press(at, "Begin the interview")
    interview = kept(at)
    assert interview.setup.minutes == 45
    assert {deck()[card].topic for card in interview.plan} == {"clipping"}
    assert said(at, "Question 1 of")
    assert said(at, interview.current.question)
    assert len(at.text_area) == 1


def test_an_interview_about_nothing_is_refused_in_a_sentence(visit):
    at = visit(PAGE)
    at.pills(key="interview_topics").set_value([]).run()
    assert not at.exception
    assert [each.value for each in at.warning] == ["No topic is chosen; choose at least one."]
    assert at.button(key="interview_begin").disabled


def test_a_whole_interview_and_its_review(visit):
    at = begun(visit, topics=["clipping"])
    first = kept(at).current
    answer(at, "I do not remember, but <b>something</b> explodes.")
    interview = kept(at)
    assert interview.asked[0].how == "answered"
    if interview.current.follow_up:
        assert said(at, "Follow-up to question 1 of")
        assert said(at, f"Before: {first.question}")
        assert interview.current.budget == FOLLOW_UP_SECONDS
    for _ in range(40):
        if kept(at).ended:
            break
        answer(at, full_answer(at) if kept(at).number % 2 else "", "Next")
    assert kept(at).ended
    assert said(at, "Review · ")
    assert {each.label for each in at.metric} >= {"Key points", "Questions", "Mistakes"}
    assert at.metric[0].value.endswith("%")
    assert not said(at, "no longer in the deck")
    assert "interview" in at.query_params
    at.run()
    assert not at.exception


def test_ratings_of_the_review_go_into_the_schedule_and_are_kept(visit):
    at = begun(visit, topics=["clipping"])
    answer(at, full_answer(at))
    answer(at, "", "I do not know")
    answer(at, "", "End it now")
    first, second = kept(at).asked[0].card_id, kept(at).asked[1].card_id
    at.button(key=f"interview_rate:{first}:easy").click().run()
    assert not at.exception
    assert kept(at).ratings == {first: "easy"}
    press(at, "Rate it as suggested")
    assert not at.exception
    assert kept(at).ratings == {first: "easy", second: "again"}
    assert said(at, "Rated **Easy**, due in Study in ")
    assert not [each for each in at.button if each.label.startswith("Rate ")]
    reviews = cache.practice_store().reviews(who(at))
    assert [(each.card_id, each.rating, each.where) for each in reviews] == [
        (first, "easy", "interview"),
        (second, "again", "interview"),
    ]
    assert (reviews[0].named, reviews[0].of) == (len(deck()[first].points),) * 2
    assert (reviews[1].named, reviews[1].of) == (0, len(deck()[second].points))


def test_an_interview_goes_on_after_a_refresh_and_a_page_switch(visit):
    at = begun(visit)
    answer(at, full_answer(at))
    interview = keep_draft(kept(at), kept(at).number, "half a thought")
    keep(at, interview)
    at.switch_page(STUDY).run()
    at.switch_page(PAGE).run()
    assert not at.exception
    assert at.text_area[0].value == "half a thought"
    assert at.query_params["interview"] == interview.id
    assert said(at, "Question 2 of")
    assert kept(at).current.started == interview.current.started


def test_an_answer_whose_time_is_up_is_taken_and_the_next_question_comes(visit):
    at = begun(visit)
    late = earlier(keep_draft(kept(at), 1, "so far"), 150 + 31)
    keep(at, late)
    at.run()
    assert not at.exception
    first, second = kept(at).asked
    assert (first.how, first.text) == ("time", "so far")
    assert now() - second.started < timedelta(seconds=60)
    assert said(at, "Question 2 of")


def test_an_interview_whose_time_is_up_opens_as_its_review(visit):
    at = begun(visit)
    keep(at, earlier(keep_draft(kept(at), 1, "so far"), 16 * 60))
    at.run()
    assert not at.exception
    assert kept(at).ended == kept(at).deadline
    assert said(at, "Review · ")
    assert said(at, "1 of ") or at.metric


def test_what_was_held_is_listed_and_what_is_under_way_too(visit):
    at = begun(visit, topics=["gradient-flow", "clipping"])
    answer(at, full_answer(at))
    answer(at, "", "End it now")
    press(at, "Hold another interview")
    assert "interview" not in at.query_params
    assert said(at, "15 minutes, mid level, gradient flow, clipping · 1 of 4 questions")
    press(at, "Begin the interview")
    under_way = kept(at).id
    del at.session_state["interview"]
    del at.query_params["interview"]
    at.run()
    assert not at.exception
    assert said(at, "**Under way** since ")
    assert said(at, "15 minutes left")
    keep(at, earlier(_open(at, under_way), 3600))
    at.run()
    assert said(at, "its time is up")


def _open(at, interview_id):
    return interview_from_json(cache.practice_store().interview(who(at), interview_id))


@pytest.mark.parametrize("link", ["0" * 16, "../../etc/passwd", "%00", "<b>", "x" * 5000])
def test_a_link_to_no_interview_is_answered_with_a_sentence_and_the_form(visit, link):
    at = visit(PAGE, interview=link)
    assert not at.exception
    assert not at.error
    assert [each.value[:36] for each in at.warning] == ["You have no interview of this id: it"]
    assert at.button(key="interview_begin")
    assert "interview" not in at.query_params


def test_anothers_interview_stays_theirs(visit):
    theirs = kept(begun(visit)).id
    at = visit(PAGE, interview=theirs)
    assert not at.exception
    assert len(at.warning) == 1
    assert not at.text_area


def test_what_cannot_be_read_is_said_and_the_rest_listed(visit):
    at = begun(visit)
    interview = kept(at)
    cache.practice_store().save_interview(who(at), interview.id, {"version": 77})
    at.run()
    assert not at.exception
    assert [each.value[:36] for each in at.warning] == ["This interview was kept by another v"]
    assert said(at, "1 kept by another version of SeqScope")


def test_a_review_survives_cards_that_are_gone(visit):
    at = begun(visit)
    answer(at, "something with <b>markup</b>")
    answer(at, "", "End it now")
    interview = kept(at)
    gone = tuple(replace(each, card_id="gone", topic="gone") for each in interview.asked)
    keep(at, replace(interview, asked=gone, plan=("gone",)))
    at.run()
    assert not at.exception
    assert said(at, "no longer in the deck")
    assert said(at, "something with <b>markup</b>")
    assert not [each for each in at.button if str(each.key).startswith("interview_rate")]


def test_an_interview_that_ended_at_once_has_nothing_to_review(visit):
    at = begun(visit)
    answer(at, "", "End it now")
    assert said(at, "nothing to review")
    press(at, "Hold another interview")
    assert at.button(key="interview_begin")


def test_a_second_tab_cannot_answer_a_question_that_is_over(visit):
    at = begun(visit)
    first = kept(at)
    moved = end(first, 1, "from the other tab", at=now(), cards=deck())
    keep(at, moved)
    answer(at, "from this one")
    assert kept(at).asked[0].text == "from the other tab"
    assert said(at, "Review · ")


def test_the_pictures_are_what_plotly_takes():
    cards = deck()
    plan = tuple(cards)[:6]
    setup = InterviewSetup(minutes=15, topics=tuple(TOPICS), level="mid")
    interview = begin(setup, plan, interview_id="x", at=now(), cards=cards)
    ended = end(interview, 1, "words", at=now() + timedelta(seconds=170), cards=cards)
    topics, times = topic_table(ended), time_table(ended)
    for figure in (topic_points_figure(topics), answer_times_figure(times)):
        go.Figure(painted(figure))
    assert rows_pixels(topics, times) >= 200
    for figure in (topic_points_figure(topics[:0]), answer_times_figure(times[:0])):
        go.Figure(painted(figure))
