"""An interview as JSON and back. What comes back may be of another version, or from a file."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from core.errors import ConfigError, PracticeError
from core.practice.card import Mistake, Point
from core.practice.interview import MOST_CHARACTERS, Asked, How, Interview
from core.practice.interview_setup import InterviewSetup
from core.practice.schedule import RATINGS, Rating

VERSION = 1
_UNREADABLE = "What was kept of this interview cannot be read; begin a new one."


def interview_to_json(interview: Interview) -> dict[str, Any]:
    """Return the interview as plain values; times are ISO 8601, UTC."""
    setup = interview.setup
    return {
        "version": VERSION,
        "id": interview.id,
        "minutes": setup.minutes,
        "topics": list(setup.topics),
        "level": setup.level,
        "seed": setup.seed,
        "started": interview.started.isoformat(),
        "ended": interview.ended.isoformat() if interview.ended else None,
        "plan": list(interview.plan),
        "asked": [_asked_to_json(asked) for asked in interview.asked],
        "ratings": dict(interview.ratings),
    }


def _asked_to_json(asked: Asked) -> dict[str, Any]:
    return {
        "card": asked.card_id,
        "topic": asked.topic,
        "question": asked.question,
        "follow_up": asked.follow_up,
        "budget": asked.budget,
        "started": asked.started.isoformat(),
        "taken": asked.taken.isoformat() if asked.taken else None,
        "how": asked.how,
        "text": asked.text,
        "named": [[point.name, point.says] for point in asked.named],
        "missed": [[point.name, point.says] for point in asked.missed],
        "mistakes": [[mistake.says, mistake.why] for mistake in asked.mistakes],
    }


def interview_from_json(data: Mapping[str, Any]) -> Interview:
    """Return the interview that `interview_to_json` wrote.

    Raises:
        PracticeError: it is of a newer version, or not an interview.
    """
    if data.get("version") != VERSION:
        raise PracticeError(
            f"This interview was kept by another version of SeqScope ({data.get('version')!r:.20}; "
            f"this one reads {VERSION}). Open it there, or begin a new one."
        )
    try:
        found = Interview(
            id=_text(data["id"]),
            setup=InterviewSetup(
                minutes=data["minutes"],
                topics=tuple(map(_text, data["topics"])),
                level=data["level"],
                seed=int(data["seed"]),
            ),
            started=_time(data["started"]),
            ended=_time(data["ended"]) if data["ended"] else None,
            plan=tuple(map(_text, data["plan"])),
            asked=tuple(map(_asked, data["asked"])),
            ratings={_text(card): _rating(rating) for card, rating in data["ratings"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, ConfigError) as error:
        raise PracticeError(_UNREADABLE) from error
    if not found.asked or any(asked.taken is None for asked in found.asked[:-1]):
        raise PracticeError(_UNREADABLE)
    return found


def _asked(data: Mapping[str, Any]) -> Asked:
    how: How | None = data["how"]
    if (how is None) != (data["taken"] is None) or how not in (None, *get_args(How)):
        raise ValueError
    return Asked(
        card_id=_text(data["card"]),
        topic=_text(data["topic"]),
        question=_text(data["question"]),
        follow_up=_text(data["follow_up"]),
        budget=int(data["budget"]),
        started=_time(data["started"]),
        taken=_time(data["taken"]) if data["taken"] else None,
        how=how,
        text=_text(data["text"]),
        named=tuple(Point(name=_text(n), says=_text(s), phrases=()) for n, s in data["named"]),
        missed=tuple(Point(name=_text(n), says=_text(s), phrases=()) for n, s in data["missed"]),
        mistakes=tuple(
            Mistake(says=_text(s), why=_text(w), phrases=()) for s, w in data["mistakes"]
        ),
    )


def _rating(value: Any) -> Rating:
    if value not in RATINGS:
        raise ValueError
    found: Rating = value
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise TypeError
    return value


def _time(value: Any) -> datetime:
    found = datetime.fromisoformat(_text(value))
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)
