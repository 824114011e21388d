from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.practice.deck import deck
from core.practice.progress import (
    activity,
    mastery_by_topic,
    rated_days,
    retention_forecast,
    streak,
    today,
)
from core.practice.schedule import next_schedule, retrievability
from core.practice.store import Review

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TOKYO = ZoneInfo("Asia/Tokyo")


def review(at, card="a", rating="good"):
    return Review(
        id=f"{card}-{at.timestamp()}",
        card_id=card,
        rating=rating,
        at=at,
        seconds=None,
        named=None,
        of=None,
        where="study",
    )


def learned(card, *ratings, at=NOON):
    """A schedule after some ratings, a day apart, the last one at `at`."""
    schedule = None
    for back, rating in zip(reversed(range(len(ratings))), ratings, strict=True):
        schedule = next_schedule(schedule, card, rating, at - back * DAY)
    return schedule


@pytest.mark.parametrize(
    ("back", "days"),
    [((0, 1, 2), 3), ((1, 2), 2), ((2, 3), 0), ((0, 2), 1), ((), 0)],
)
def test_a_streak_ends_today_or_yesterday(back, days):
    here = date(2026, 3, 10)
    assert streak({here - each * DAY for each in back}, here) == days


def test_a_day_is_a_day_where_the_visitor_lives():
    late = datetime(2026, 3, 10, 23, tzinfo=UTC)
    assert list(rated_days([review(late)], UTC)) == [date(2026, 3, 10)]
    assert list(rated_days([review(late)], TOKYO)) == [date(2026, 3, 11)]


def test_today_counts_what_is_due_until_midnight_and_what_was_rated():
    schedules = {"a": learned("a", "again"), "b": learned("b", "easy")}
    found = today(["a", "b", "c"], schedules, [review(NOON), review(NOON - DAY)], NOON, UTC)
    assert (found.due, found.rated, found.streak, found.is_kept) == (1, 1, 2, True)
    assert (found.seen, found.cards) == (2, 3)


def test_a_card_that_left_the_deck_is_due_no_more():
    found = today(["b"], {"a": learned("a", "again")}, [], NOON, UTC)
    assert (found.due, found.seen, found.cards) == (0, 0, 1)


def test_the_forecast_is_the_mean_of_what_each_card_keeps_and_falls():
    schedules = {"a": learned("a", "good", "good"), "b": learned("b", "easy")}
    columns = retention_forecast(["a", "b"], schedules, NOON, UTC, days=40)
    assert len(columns["day"]) == 41
    assert columns["recalled"] == sorted(columns["recalled"], reverse=True)
    then = NOON + 7 * DAY
    by_hand = sum(retrievability(schedule, then) for schedule in schedules.values()) / 2
    assert columns["recalled"][7] == pytest.approx(by_hand)
    assert columns["date"][7] == "2026-03-17"


def test_the_forecast_has_every_due_card_on_its_day_and_the_late_ones_today():
    schedules = {"a": learned("a", "again", at=NOON - 5 * DAY), "b": learned("b", "easy")}
    columns = retention_forecast(["a", "b"], schedules, NOON, UTC, days=60)
    assert columns["due"][0] == 1
    assert columns["due"][(schedules["b"].due.date() - NOON.date()).days] == 1
    assert sum(columns["due"]) == 2


def test_nothing_rated_has_no_forecast():
    assert not any(retention_forecast(["a"], {}, NOON, UTC).values())


def test_mastery_counts_an_unseen_card_as_nothing():
    cards = list(deck().values())
    card = cards[0]
    schedules = {card.id: learned(card.id, "easy", at=NOON - DAY)}
    columns = mastery_by_topic(cards, schedules, NOON)
    at = columns["topic"].index(card.topic)
    of_topic = sum(each.topic == card.topic for each in cards)
    kept = retrievability(schedules[card.id], NOON)
    assert 0.5 < kept < 1
    assert columns["mastery"][at] == pytest.approx(kept / of_topic)
    assert (columns["seen"][at], columns["lasting"][at]) == (1, 0)
    assert sum(columns["seen"]) == 1
    assert sum(columns["cards"]) == len(cards)


def test_what_holds_for_three_weeks_is_lasting():
    card = next(iter(deck().values()))
    schedules = {card.id: learned(card.id, "easy", "easy", "easy", "easy", "easy")}
    assert schedules[card.id].stability > 21
    assert sum(mastery_by_topic([card], schedules, NOON)["lasting"]) == 1


def test_activity_has_a_row_a_day_and_every_rating():
    reviews = [review(NOON), review(NOON - DAY, rating="again"), review(NOON - 90 * DAY)]
    columns = activity(reviews, NOON, UTC, days=3)
    assert columns["date"] == ["2026-03-08", "2026-03-09", "2026-03-10"]
    assert (columns["good"], columns["again"]) == ([0, 0, 1], [0, 1, 0])
    assert columns["hard"] == columns["easy"] == [0, 0, 0]
