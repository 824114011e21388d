"""Which cards to study now, in which order, and how far today's study is."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from core.practice.card import Card
from core.practice.deck import search_cards
from core.practice.schedule import RATINGS, CardSchedule
from core.practice.store import Review

NEW_A_DAY = 10
SOON = timedelta(minutes=20)
"""A card that is being learned and due so soon is shown now rather than waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """What is to be studied now.

    `cards` are those that are due today, the longest due first, then new ones, then those that are
    being learned and are due in minutes; `due`, `new` and `soon` count them. `done` are the cards
    that were rated today and do not come again now. `more_new` counts the new cards beyond today's,
    `next_due` is when the next of the others is due and `next_count` how many are within a day
    from then.
    """

    cards: tuple[Card, ...]
    due: int
    new: int
    soon: int
    done: int
    more_new: int
    next_due: datetime | None
    next_count: int

    @property
    def total(self) -> int:
        """How many cards today has, so far as is known now."""
        return self.done + len(self.cards)


def plan_study(
    schedules: Mapping[str, CardSchedule],
    reviews: Sequence[Review],
    at: datetime,
    zone: tzinfo,
    *,
    new_a_day: int = NEW_A_DAY,
    topics: Collection[str] = (),
    levels: Collection[str] = (),
) -> StudyPlan:
    """Return what to study of the cards of the topics and levels (none: all).

    Args:
        schedules: of the cards that were rated before, by their ids.
        reviews: all ratings, the oldest first.
        at: now.
        zone: the learner's time zone, which says when a day begins.
        new_a_day: how many cards that were never rated a day may bring.
        topics: those to study.
        levels: those to study.
    """
    chosen = search_cards(topics=topics, levels=levels)
    known = [card for card in chosen if card.id in schedules]

    def due(card: Card) -> datetime:
        return schedules[card.id].due

    today = start_of_day(at, zone)
    tomorrow = start_of_day(today + timedelta(hours=36), zone)
    ready = sorted((c for c in known if _is_ready(schedules[c.id], at, tomorrow)), key=due)
    soon = sorted((c for c in known if at < due(c) <= at + SOON and c not in ready), key=due)
    unknown = [card for card in _mixed(chosen) if card.id not in schedules]
    left = max(0, new_a_day - _introduced(reviews, today))
    new = unknown[:left]
    queue = (*ready, *new, *soon)
    waiting = sorted(due(card) for card in known if card not in ready and card not in soon)
    rated = {review.card_id for review in reviews if review.at >= today}
    done = rated & {card.id for card in chosen} - {card.id for card in queue}
    return StudyPlan(
        cards=queue,
        due=len(ready),
        new=len(new),
        soon=len(soon),
        done=len(done),
        more_new=len(unknown) - len(new),
        next_due=waiting[0] if waiting else None,
        next_count=sum(each <= waiting[0] + timedelta(days=1) for each in waiting),
    )


def _is_ready(schedule: CardSchedule, at: datetime, tomorrow: datetime) -> bool:
    """Return whether a card is due: on its day, or to the minute while it is being learned."""
    return schedule.due <= at or (schedule.state == "review" and schedule.due < tomorrow)


def _introduced(reviews: Sequence[Review], today: datetime) -> int:
    """Return how many cards were studied for the first time today."""
    first: dict[str, Review] = {}
    for review in reviews:
        first.setdefault(review.card_id, review)
    return sum(each.at >= today and each.where == "study" for each in first.values())


def _mixed(cards: Sequence[Card]) -> list[Card]:
    """Return the cards in turns of their topics: who studies ten meets all of them."""
    place: Counter[str] = Counter()
    turns = []
    for card in cards:
        turns.append((place[card.topic], card))
        place[card.topic] += 1
    return [card for _, card in sorted(turns, key=lambda turn: turn[0])]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTally:
    """What was done since some time: ratings by their labels, points, and seconds."""

    cards: int
    ratings: dict[str, int]
    named: int
    of: int
    seconds: float


def tally_study(reviews: Sequence[Review], since: datetime) -> StudyTally:
    """Return what was studied since `since`."""
    told = [review for review in reviews if review.at >= since and review.where == "study"]
    counts = Counter(review.rating for review in told)
    return StudyTally(
        cards=len({review.card_id for review in told}),
        ratings={label: counts[rating] for rating, label in RATINGS.items() if counts[rating]},
        named=sum(review.named or 0 for review in told),
        of=sum(review.of or 0 for review in told),
        seconds=sum(review.seconds or 0.0 for review in told),
    )


def start_of_day(at: datetime, zone: tzinfo) -> datetime:
    """Return when the day of `at` began in the learner's time zone, in UTC."""
    midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(UTC)


def span_in_words(span: timedelta) -> str:
    """Return "10 min", "5 h", "4 days", "3 months", "2.1 years"."""
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min"
    hours = round(minutes / 60)
    if hours < 24:
        return f"{hours} h"
    days = round(span.total_seconds() / 86_400)
    if days < 31:
        return "1 day" if days == 1 else f"{days} days"
    if days < 365:
        months = round(days / 30.4)
        return "1 month" if months == 1 else f"{months} months"
    return f"{days / 365.25:.1f} years"
