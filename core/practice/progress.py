"""What the practice of one person has come to: due, streak, forecast, mastery. Plain columns.

The memory model is that of FSRS (Ye et al. 2022, doi:10.1145/3534678.3539081): what one would
recall after some days is `core.practice.schedule.retrievability`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from core.practice.card import TOPICS, Card
from core.practice.schedule import RATINGS, CardSchedule, retrievability
from core.practice.store import Review
from core.training.events import Columns

FORECAST_DAYS = 30
ACTIVITY_DAYS = 28
LASTING_DAYS = 21.0
"""A card whose memory holds so long (stability in FSRS) is lasting; Anki calls it mature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Where one stands: cards due until the day's end, rated today, and days in a row.

    `is_kept` says whether today already counts for the streak.
    """

    due: int
    rated: int
    streak: int
    is_kept: bool
    seen: int
    cards: int


def today(
    cards: Collection[str],
    schedules: Mapping[str, CardSchedule],
    reviews: Collection[Review],
    at: datetime,
    zone: tzinfo,
) -> Today:
    """Return where one stands at `at`; days are those of `zone`."""
    known = _known(cards, schedules)
    days = rated_days(reviews, zone)
    here = at.astimezone(zone).date()
    return Today(
        due=sum(schedule.due < _end(here, zone) for schedule in known),
        rated=days[here],
        streak=streak(days, here),
        is_kept=here in days,
        seen=len(known),
        cards=len(cards),
    )


def rated_days(reviews: Iterable[Review], zone: tzinfo) -> Counter[date]:
    """Return how many ratings each day has, days of `zone`."""
    return Counter(review.at.astimezone(zone).date() for review in reviews)


def streak(days: Collection[date], here: date) -> int:
    """Return the days in a row with a rating that end today, or yesterday: today may still come."""
    last = here if here in days else here - timedelta(days=1)
    count = 0
    while last - timedelta(days=count) in days:
        count += 1
    return count


def retention_forecast(
    cards: Collection[str],
    schedules: Mapping[str, CardSchedule],
    at: datetime,
    zone: tzinfo,
    days: int = FORECAST_DAYS,
) -> Columns:
    """Return what would be left, and what falls due, day by day.

    Columns: `day` (0 is today), `date` (of `zone`), `recalled` (mean probability, 0 to 1, of
    recalling the cards seen so far, if nothing is rated any more), `due` (cards that fall due
    that day; today has those of before too). Empty before anything was rated.
    """
    known = _known(cards, schedules)
    here = at.astimezone(zone).date()
    falls = Counter(max((s.due.astimezone(zone).date() - here).days, 0) for s in known)
    columns: Columns = {"day": [], "date": [], "recalled": [], "due": []}
    for day in range(days + 1 if known else 0):
        then = at + timedelta(days=day)
        left = [retrievability(schedule, then) for schedule in known]
        columns["day"].append(day)
        columns["date"].append((here + timedelta(days=day)).isoformat())
        columns["recalled"].append(sum(left) / len(left))
        columns["due"].append(falls[day])
    return columns


def mastery_by_topic(
    deck: Collection[Card], schedules: Mapping[str, CardSchedule], at: datetime
) -> Columns:
    """Return how much of each topic one would recall now.

    Columns: `topic`, `cards`, `seen` (rated at least once), `lasting` (stability of 21 days or
    more), `recalled` (expected number of cards recalled now; a card never seen counts 0),
    `mastery` (that as a share of all cards of the topic).
    """
    columns: Columns = {
        name: [] for name in ("topic", "cards", "seen", "lasting", "recalled", "mastery")
    }
    for topic in TOPICS:
        ids = [card.id for card in deck if card.topic == topic]
        known = _known(ids, schedules)
        recalled = sum(retrievability(schedule, at) for schedule in known)
        row = (
            topic,
            len(ids),
            len(known),
            sum((schedule.stability or 0) >= LASTING_DAYS for schedule in known),
            recalled,
            recalled / len(ids) if ids else 0.0,
        )
        for name, value in zip(columns, row, strict=True):
            columns[name].append(value)
    return columns


def activity(
    reviews: Iterable[Review], at: datetime, zone: tzinfo, days: int = ACTIVITY_DAYS
) -> Columns:
    """Return the ratings of the last `days`, today included.

    Columns: `date` (of `zone`), and one a rating ("again" to "easy") with its count.
    """
    here = at.astimezone(zone).date()
    counts = Counter((r.at.astimezone(zone).date(), r.rating) for r in reviews)
    dates = [here - timedelta(days=back) for back in reversed(range(days))]
    columns: Columns = {"date": [day.isoformat() for day in dates]}
    for rating in RATINGS:
        columns[rating] = [counts[day, rating] for day in dates]
    return columns


def _known(cards: Collection[str], schedules: Mapping[str, CardSchedule]) -> list[CardSchedule]:
    """Return the schedules of those of the cards that were rated; cards that left are none."""
    return [schedules[card] for card in cards if card in schedules]


def _end(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
