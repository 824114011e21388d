from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.practice import deck as deck_module
from core.practice.card import Card, FollowUp, Mistake, Point
from core.practice.schedule import CardSchedule
from core.practice.store import Review
from core.practice.study_queue import (
    SOON,
    plan_study,
    span_in_words,
    start_of_day,
    tally_study,
)

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def made_card(card_id, topic="gates", level="mid"):
    told = {"says": "That.", "phrases": ("that",)}
    return Card(
        id=card_id,
        topic=topic,
        kind="question",
        level=level,
        question="What?",
        answer="That.",
        points=tuple(Point(name=name, **told) for name in "abc"),
        mistakes=(Mistake(why="No.", **told),),
        follow_ups=(FollowUp(question="And?", answer="So.", point="a"),),
        sources=("A paper, 2020",),
        no_experiment="There is nothing to measure here.",
    )


@pytest.fixture(autouse=True)
def cards(monkeypatch):
    names = [("g1", "gates"), ("g2", "gates"), ("g3", "gates"), ("l1", "length"), ("l2", "length")]
    found = {name: made_card(name, topic) for name, topic in names}
    found["s1"] = made_card("s1", "serving", "senior")
    monkeypatch.setattr(deck_module, "deck", lambda: found)


def scheduled(card_id, due, state="review"):
    return {
        card_id: CardSchedule(
            card_id=card_id,
            state=state,
            step=None if state == "review" else 1,
            stability=3.0,
            difficulty=5.0,
            due=due,
            last_review=due - timedelta(days=3),
        )
    }


def review(card_id, at, rating="good", where="study", **more):
    told = {"seconds": 30.0, "named": 2, "of": 3} | more
    return Review(id=f"{card_id}{at}", card_id=card_id, rating=rating, at=at, where=where, **told)


def plan(schedules=(), reviews=(), **more):
    return plan_study(dict(schedules), list(reviews), NOON, more.pop("zone", UTC), **more)


def ids(found):
    return [card.id for card in found.cards]


def test_a_beginner_gets_new_cards_topic_by_turns():
    found = plan(new_a_day=4)
    assert ids(found) == ["g1", "l1", "s1", "g2"]
    assert (found.due, found.new, found.soon, found.done, found.more_new) == (0, 4, 0, 0, 2)
    assert found.next_due is None


def test_what_is_due_comes_first_the_longest_due_first():
    schedules = scheduled("g2", NOON - HOUR) | scheduled("l2", NOON - 9 * HOUR)
    found = plan(schedules, new_a_day=1)
    assert ids(found) == ["l2", "g2", "g1"]
    assert (found.due, found.new) == (2, 1)


def test_a_card_is_due_all_its_day_and_one_that_is_learned_to_the_minute():
    schedules = (
        scheduled("g1", NOON + 9 * HOUR)
        | scheduled("g2", NOON + 13 * HOUR)
        | scheduled("g3", NOON + SOON / 2, "learning")
        | scheduled("l1", NOON - SOON / 2, "relearning")
        | scheduled("l2", NOON + 2 * SOON, "learning")
    )
    found = plan(schedules, new_a_day=1)
    assert ids(found) == ["l1", "g1", "s1", "g3"]
    assert (found.due, found.new, found.soon) == (2, 1, 1)
    assert found.next_due == NOON + 2 * SOON
    assert found.next_count == 2


def test_a_day_ends_at_midnight_where_the_learner_is():
    schedules = scheduled("g1", NOON + 9 * HOUR)
    assert ids(plan(schedules, new_a_day=0)) == ["g1"]
    assert ids(plan(schedules, new_a_day=0, zone=ZoneInfo("Asia/Tokyo"))) == []


def test_new_cards_of_today_count_whether_or_not_they_come_again():
    reviews = [review("g1", NOON - HOUR), review("g1", NOON), review("l1", NOON - 30 * HOUR)]
    schedules = scheduled("g1", NOON + 72 * HOUR) | scheduled("l1", NOON + 72 * HOUR)
    found = plan(schedules, reviews, new_a_day=2)
    assert (found.new, found.done, found.total) == (1, 1, 2)


def test_a_card_that_was_first_met_in_an_interview_takes_no_place_of_a_new_one():
    reviews = [review("g1", NOON - HOUR, where="interview")]
    assert plan(scheduled("g1", NOON + 72 * HOUR), reviews, new_a_day=2).new == 2


def test_a_card_that_comes_again_in_minutes_is_not_done():
    reviews = [review("g1", NOON - HOUR)]
    found = plan(scheduled("g1", NOON + SOON / 2, "learning"), reviews, new_a_day=0)
    assert (ids(found), found.done, found.total) == (["g1"], 0, 1)


def test_topics_and_levels_say_what_is_studied():
    assert set(ids(plan(topics=["length"]))) == {"l1", "l2"}
    assert ids(plan(levels=["senior"])) == ["s1"]
    assert plan(scheduled("g1", NOON - HOUR), topics=["length"]).due == 0


def test_the_tally_is_of_study_since_then():
    reviews = [
        review("g1", NOON - 30 * HOUR),
        review("g2", NOON, where="interview"),
        review("g1", NOON, "again", named=0),
        review("g1", NOON, "good"),
        review("l1", NOON, "good", named=None, of=None, seconds=None),
    ]
    tally = tally_study(reviews, NOON - HOUR)
    assert tally.cards == 2
    assert tally.ratings == {"Again": 1, "Good": 2}
    assert (tally.named, tally.of, tally.seconds) == (2, 6, 60.0)


def test_a_day_begins_at_the_learners_midnight_also_when_clocks_change():
    berlin = ZoneInfo("Europe/Berlin")
    assert start_of_day(NOON, UTC) == NOON - 12 * HOUR
    assert start_of_day(NOON, berlin) == NOON - 13 * HOUR
    turned = datetime(2026, 10, 25, 12, tzinfo=UTC)  # 25 hours long there
    assert start_of_day(turned, berlin) == datetime(2026, 10, 24, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=5), "1 min"),
        (timedelta(minutes=10), "10 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(hours=23, minutes=50), "1 day"),
        (timedelta(days=4), "4 days"),
        (timedelta(days=31), "1 month"),
        (timedelta(days=200), "7 months"),
        (timedelta(days=800), "2.2 years"),
    ],
)
def test_a_span_is_said_in_its_own_unit(span, words):
    assert span_in_words(span) == words
