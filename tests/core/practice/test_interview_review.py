from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from interview_cards import RIGHT, made_card, made_deck

from core.practice.interview import begin, catch_up, end, take_answer
from core.practice.interview_review import (
    card_results,
    clocked,
    summary,
    time_table,
    topic_table,
    weakest,
)
from core.practice.interview_setup import InterviewSetup

AT = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
CARDS = made_deck(
    made_card("one", topic="clipping"), made_card("two", topic="gates"), made_card("three")
)


def at(seconds):
    return AT + timedelta(seconds=seconds)


def begun():
    setup = InterviewSetup(minutes=15, topics=("clipping", "gates"), level="mid", seed=0)
    return begin(setup, ("one", "two", "three"), interview_id="abc", at=AT, cards=CARDS)


def held(*answers, ends=True):
    """An interview with one answer every 30 seconds, ended after the last."""
    interview = begun()
    for place, text in enumerate(answers, start=1):
        interview = take_answer(interview, interview.number, text, at=at(30 * place), cards=CARDS)
    if ends and interview.ended is None:
        now = at(30 * len(answers) + 5)
        interview = end(interview, interview.number, "", at=now, cards=CARDS)
    return interview


def test_a_point_counts_one_and_after_a_follow_up_a_half():
    (result,) = card_results(held("alpha", "beta", "hm"))[:1]
    assert (result.points, result.of) == (1.5, 3)
    assert [point.name for point in result.recovered] == ["b"]
    assert [point.name for point in result.missed] == ["g"]
    assert (result.seconds, result.budget) == (90, 150 + 60 + 60)


def test_a_mistake_takes_one_away_and_nothing_is_worth_less_than_nothing():
    (full,) = card_results(held(RIGHT + " omega"))
    assert (full.points, full.share) == (2.0, pytest.approx(2 / 3))
    (none,) = card_results(held("omega", ""))
    assert (none.points, none.share, none.suggested_rating) == (0.0, 0.0, "again")


def test_a_question_cut_off_before_a_word_was_said_is_left_out():
    assert [each.card_id for each in card_results(held(RIGHT))] == ["one"]
    assert card_results(held()) == []
    long = replace(begun(), asked=(replace(begun().current, budget=3600),))
    interview = catch_up(long, at=at(5000), cards=CARDS)
    assert interview.asked[0].how == "cut"
    assert card_results(interview) == []


def test_a_question_whose_time_ran_out_in_silence_counts():
    silent = catch_up(begun(), at=at(200), cards=CARDS)
    (result,) = card_results(end(silent, 2, "", at=at(210), cards=CARDS))
    assert (result.points, result.of) == (0, 3)


def test_the_summary_adds_up():
    found = summary(held(RIGHT, "alpha", "", RIGHT + " omega"))
    assert (found.points, found.of, found.share) == (6.0, 9, pytest.approx(6 / 9))
    assert (found.asked, found.planned, found.mistakes) == (3, 3, 1)
    assert (found.seconds, found.overtime) == (120, 0)


def test_overtime_adds_up():
    interview = take_answer(begun(), 1, RIGHT, at=at(160), cards=CARDS)
    assert summary(end(interview, 2, "", at=at(165), cards=CARDS)).overtime == 10


def test_an_interview_without_an_answer_is_all_zeros():
    found = summary(held())
    assert (found.points, found.of, found.share, found.asked) == (0, 0, 0.0, 0)
    assert topic_table(held()).empty
    assert time_table(held()).empty
    assert list(topic_table(held())) == ["topic", "questions", "points", "of", "percent"]
    assert weakest(held()) == []


def test_the_topics_have_their_sums():
    table = topic_table(held(RIGHT, "alpha", "", RIGHT + " omega"))
    assert table.to_dict("list") == {
        "topic": ["Gates", "Clipping"],
        "questions": [1, 2],
        "points": [1.0, 5.0],
        "of": [3, 6],
        "percent": [pytest.approx(100 / 3), pytest.approx(500 / 6)],
    }


def test_every_answer_has_its_time():
    table = time_table(held(RIGHT, "alpha", "", RIGHT))
    assert list(table["question"]) == ["Question 1", "Question 2", "2, follow-up 1", "Question 3"]
    assert list(table["seconds"]) == [30, 30, 30, 30]
    assert list(table["budget_seconds"]) == [150, 150, 60, 150]


def test_the_weakest_come_first_and_the_flawless_not_at_all():
    found = weakest(held(RIGHT, "alpha beta", "", "alpha"))
    assert [each.card_id for each in found] == ["three", "two"]
    assert weakest(held(RIGHT, RIGHT, RIGHT)) == []


@pytest.mark.parametrize(
    ("answer", "rating"),
    [("omega", "again"), ("alpha", "again"), ("alpha omega beta gamma", "good"), (RIGHT, "easy")],
)
def test_the_points_suggest_a_rating(answer, rating):
    assert card_results(held(answer, "", ends=True))[0].suggested_rating == rating


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (65.4, "1:05"), (3600, "60:00")])
def test_a_time_reads_as_minutes_and_seconds(seconds, text):
    assert clocked(seconds) == text
