"""When a card comes back: the FSRS scheduler of the package `fsrs`, without fuzzing.

FSRS models what is left of a memory (Ye et al. 2022, doi:10.1145/3534678.3539081;
https://github.com/open-spaced-repetition/py-fsrs). A card comes back when the probability of
recalling it has fallen to 0.9.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal

import fsrs

from core.errors import PracticeError
from core.labs.checks import check_choice

Rating = Literal["again", "hard", "good", "easy"]
State = Literal["learning", "review", "relearning"]

RATINGS: dict[Rating, str] = {"again": "Again", "hard": "Hard", "good": "Good", "easy": "Easy"}
"""How well it went, in the order of the keys 1 to 4."""

_RATINGS = {name: fsrs.Rating[label] for name, label in RATINGS.items()}
_STATES: dict[fsrs.State, State] = {
    fsrs.State.Learning: "learning",
    fsrs.State.Review: "review",
    fsrs.State.Relearning: "relearning",
}
_SCHEDULER = fsrs.Scheduler(enable_fuzzing=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSchedule:
    """Where a card that was rated stands.

    `stability` is in days (after so many, 0.9 of it is left), `difficulty` from 1 to 10, `step`
    the place among the learning steps (None in review); times are UTC.
    """

    card_id: str
    state: State
    step: int | None
    stability: float | None
    difficulty: float | None
    due: datetime
    last_review: datetime | None


def next_schedule(
    before: CardSchedule | None, card_id: str, rating: Rating, at: datetime
) -> CardSchedule:
    """Return where the card stands after a rating at `at`; `before` is None at the first.

    Raises:
        ConfigError: there is no such rating.
        PracticeError: `at` has no time zone.
    """
    check_choice("rating", rating, list(RATINGS))
    at = _in_utc(at)
    after, _ = _SCHEDULER.review_card(_card(before, at), _RATINGS[rating], at)
    return CardSchedule(
        card_id=card_id,
        state=_STATES[after.state],
        step=after.step,
        stability=after.stability,
        difficulty=after.difficulty,
        due=after.due,
        last_review=after.last_review,
    )


def folded(card_id: str, ratings: Iterable[tuple[Rating, datetime]]) -> CardSchedule | None:
    """Return where a card stands after its ratings, oldest first; None where there are none."""
    return _folded(card_id, tuple(ratings))


@lru_cache(maxsize=4096)  # a page asks for all of somebody's cards, one of which has changed
def _folded(card_id: str, ratings: tuple[tuple[Rating, datetime], ...]) -> CardSchedule | None:
    schedule = None
    for rating, at in ratings:
        schedule = next_schedule(schedule, card_id, rating, at)
    return schedule


def intervals(before: CardSchedule | None, card_id: str, at: datetime) -> dict[Rating, timedelta]:
    """Return after how long the card would come back, for each rating that can be given now."""
    return {rating: next_schedule(before, card_id, rating, at).due - at for rating in RATINGS}


def retrievability(schedule: CardSchedule, at: datetime) -> float:
    """Return the probability, 0 to 1, of recalling the card at `at`."""
    at = _in_utc(at)
    return float(_SCHEDULER.get_card_retrievability(_card(schedule, at), at))


def _in_utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise PracticeError("A time of practice needs a time zone; give it in UTC.")
    return at.astimezone(UTC)


def _card(schedule: CardSchedule | None, at: datetime) -> fsrs.Card:
    if schedule is None:
        return fsrs.Card(card_id=0, due=at)
    state = next(known for known, name in _STATES.items() if name == schedule.state)
    return fsrs.Card(
        card_id=0,
        state=state,
        step=schedule.step,
        stability=schedule.stability,
        difficulty=schedule.difficulty,
        due=schedule.due,
        last_review=schedule.last_review,
    )
