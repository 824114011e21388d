"""What is kept of a person's practice, as values, and how they are read from and put in tables."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Table, delete, insert, select

from core.errors import PracticeError
from core.practice.schedule import Rating
from core.practice.tables import INTERVIEWS, REVIEWS, TRAP_ANSWERS, from_micros, put, to_micros

Where = Literal["study", "interview"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One rating: of `of` key points `named` were named, where an answer was typed."""

    id: str
    card_id: str
    rating: Rating
    at: datetime
    seconds: float | None = None
    named: int | None = None
    of: int | None = None
    where: Where = "study"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrapAnswer:
    """One answer of a trap round, and what the experiment `run_id` decided.

    `shown` says which statement was shown; `is_right` is None where the verdict was "depends".
    """

    id: str
    claim: int
    said: Literal["true", "trap"]
    shown: Literal["claim", "counter"]
    verdict: str
    is_right: bool | None
    at: datetime
    run_id: str
    measured: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInterview:
    """An interview as JSON, when it was begun and when it was saved last."""

    id: str
    begun: datetime
    saved: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """Everything that is kept of one person: oldest first, interviews the one begun last first."""

    reviews: list[Review]
    interviews: list[StoredInterview]
    trap_answers: list[TrapAnswer]


_Kept = TypeVar("_Kept", Review, StoredInterview, TrapAnswer)
_TABLES: Mapping[type, Table] = {
    Review: REVIEWS,
    StoredInterview: INTERVIEWS,
    TrapAnswer: TRAP_ANSWERS,
}


def read_reviews(connection: Connection, owner: str, card_id: str | None = None) -> list[Review]:
    """Return the ratings of an owner, oldest first; of one card, where it is given."""
    wanted = select(REVIEWS).where(REVIEWS.c.owner == owner)
    if card_id is not None:
        wanted = wanted.where(REVIEWS.c.card_id == card_id)
    rows = connection.execute(wanted.order_by(REVIEWS.c.at, REVIEWS.c.id)).mappings()
    return [_value(Review, row) for row in rows]


def read_trap_answers(connection: Connection, owner: str) -> list[TrapAnswer]:
    """Return an owner's answers to traps, oldest first."""
    wanted = select(TRAP_ANSWERS).where(TRAP_ANSWERS.c.owner == owner)
    rows = connection.execute(wanted.order_by(TRAP_ANSWERS.c.at, TRAP_ANSWERS.c.id)).mappings()
    return [_value(TrapAnswer, row) for row in rows]


def read_interviews(
    connection: Connection, owner: str, interview_id: str | None = None
) -> list[StoredInterview]:
    """Return the interviews of an owner, the one begun last first; or the one of the id."""
    wanted = select(INTERVIEWS).where(INTERVIEWS.c.owner == owner)
    if interview_id is not None:
        wanted = wanted.where(INTERVIEWS.c.id == interview_id)
    rows = connection.execute(wanted.order_by(INTERVIEWS.c.begun.desc(), INTERVIEWS.c.id))
    return [_value(StoredInterview, row) for row in rows.mappings()]


def read_all(connection: Connection, owner: str) -> Practice:
    """Return everything that is kept of an owner."""
    return Practice(
        reviews=read_reviews(connection, owner),
        interviews=read_interviews(connection, owner),
        trap_answers=read_trap_answers(connection, owner),
    )


def take_all(connection: Connection, owner: str, practice: Practice) -> Practice:
    """Add what an owner does not have yet, and return what was added.

    Of an interview that is there already, the one that was saved later stays.
    """
    saved = {each.id: each.saved for each in read_interviews(connection, owner)}
    newer = [
        each
        for each in _each_once(practice.interviews)
        if each.id not in saved or each.saved > saved[each.id]
    ]
    for interview in newer:
        put(connection, INTERVIEWS, row_of(interview, owner))
    return Practice(
        reviews=_take(connection, REVIEWS, owner, practice.reviews),
        interviews=newer,
        trap_answers=_take(connection, TRAP_ANSWERS, owner, practice.trap_answers),
    )


def remove_all(connection: Connection, owner: str) -> None:
    """Remove everything that is kept of an owner."""
    for table in _TABLES.values():
        connection.execute(delete(table).where(table.c.owner == owner))


def row_of(kept: Review | StoredInterview | TrapAnswer, owner: str) -> dict[str, Any]:
    """Return the row of what is kept."""
    values = {field.name: getattr(kept, field.name) for field in fields(kept)}
    return {"owner": owner} | {name: _stored(value) for name, value in values.items()}


def _take(connection: Connection, table: Table, owner: str, given: Iterable[_Kept]) -> list[_Kept]:
    known = set(connection.scalars(select(table.c.id).where(table.c.owner == owner)))
    new = [each for each in _each_once(given) if each.id not in known]
    if new:
        connection.execute(insert(table), [row_of(each, owner) for each in new])
    return new


def _each_once(given: Iterable[_Kept]) -> list[_Kept]:
    found: dict[str, _Kept] = {}
    for each in given:
        found.setdefault(each.id, each)
    return list(found.values())


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_micros(value)
    return json_text(value) if isinstance(value, dict) else value


def json_text(data: dict[str, Any]) -> str:
    """Return `data` as strict JSON.

    Raises:
        PracticeError: it is none: a number that is not finite, another type, too deep.
    """
    try:
        return json.dumps(data, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise PracticeError("What is to be kept of an interview is no JSON.") from error


def _value(kind: type[_Kept], row: Mapping[Any, Any]) -> _Kept:
    values = {name: value for name, value in row.items() if name != "owner"}
    for name in ("at", "begun", "saved"):
        if name in values:
            values[name] = from_micros(values[name])
    if "data" in values:
        values["data"] = json.loads(values["data"])
    return kind(**values)
