import random
from datetime import UTC, datetime, timedelta, timezone

import fsrs
import pytest

from core.errors import ConfigError, PracticeError
from core.practice.schedule import RATINGS, folded, intervals, next_schedule, retrievability

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
STATES = {1: "learning", 2: "review", 3: "relearning"}


def history(seed, most=12):
    """Ratings and times as a person makes them: within minutes, in time, or far too late."""
    draw = random.Random(seed)
    at, found = NOON, []
    for _ in range(draw.randint(1, most)):
        found.append((draw.choice(list(RATINGS)), at))
        spans = ({"seconds": draw.uniform(1, 900)}, {"days": draw.expovariate(1 / 20)})
        at += timedelta(**draw.choice(spans), microseconds=draw.randrange(10**6))
    return found


def by_fsrs(ratings):
    """The card as py-fsrs itself leaves it."""
    scheduler, card = fsrs.Scheduler(enable_fuzzing=False), fsrs.Card(card_id=1, due=NOON)
    for rating, at in ratings:
        card, _ = scheduler.review_card(card, getattr(fsrs.Rating, rating.capitalize()), at)
    return card


def values(schedule):
    names = ("step", "stability", "difficulty", "due", "last_review")
    return {name: getattr(schedule, name) for name in names}


@pytest.mark.parametrize("seed", range(100))
def test_a_history_leads_where_py_fsrs_leads(seed):
    ratings = history(seed)
    ours, theirs = folded("card", ratings), by_fsrs(ratings)
    assert values(ours) == values(theirs)
    assert ours.state == STATES[theirs.state.value]
    later = ratings[-1][1] + timedelta(days=3.3)
    scheduler = fsrs.Scheduler(enable_fuzzing=False)
    assert retrievability(ours, later) == scheduler.get_card_retrievability(theirs, later)


@pytest.mark.parametrize("seed", range(100, 200))
def test_every_step_and_every_button_on_the_way_equals_py_fsrs(seed):
    ratings = history(seed)
    scheduler = fsrs.Scheduler(enable_fuzzing=False)
    ours, theirs = None, fsrs.Card(card_id=1, due=NOON)
    for rating, at in ratings:
        promised = intervals(ours, "card", at)
        for each, span in promised.items():
            after, _ = scheduler.review_card(theirs, getattr(fsrs.Rating, each.capitalize()), at)
            assert span == after.due - at
        local = at.astimezone(timezone(timedelta(hours=seed % 25 - 12)))
        ours = next_schedule(ours, "card", rating, local)
        theirs, _ = scheduler.review_card(theirs, getattr(fsrs.Rating, rating.capitalize()), at)
        assert (values(ours), ours.state) == (values(theirs), STATES[theirs.state.value])
        assert (ours.due.tzinfo, ours.last_review.tzinfo) == (UTC, UTC)


@pytest.mark.parametrize("seed", range(10))
def test_what_a_button_promises_is_what_it_does(seed):
    *before, (_, at) = history(seed, most=5)
    schedule = folded("card", before)
    for rating, span in intervals(schedule, "card", at).items():
        assert next_schedule(schedule, "card", rating, at).due == at + span


def test_a_better_rating_comes_back_later():
    spans = list(intervals(None, "card", NOON).values())
    assert spans == sorted(spans)
    assert spans[0] < spans[-1]


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(PracticeError, match="needs a time zone"):
        next_schedule(None, "card", "good", NOON.replace(tzinfo=None))


def test_nothing_rated_is_nowhere():
    assert folded("card", []) is None


def test_an_unknown_rating_is_refused():
    with pytest.raises(ConfigError, match="rating"):
        next_schedule(None, "card", "great", NOON)
