"""What is kept of everybody's practice: ratings, interviews, answers to traps, in a database.

Only what happened is kept; where a card stands is folded from its ratings, so that no two writers
can disagree about it. SQLite in the server's home, or what SEQSCOPE_DATABASE_URL names. Whose rows
they are is kept as a SHA-256 digest: a copy of the database gives away neither keys, with which
one could act as somebody else, nor addresses.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Table, delete, exists, select, update
from sqlalchemy.exc import SQLAlchemyError

from core.errors import PracticeError
from core.practice.clock import now
from core.practice.database import (
    INTERVIEWS,
    REVIEWS,
    TRAP_ANSWERS,
    from_micros,
    open_database,
    put,
    to_micros,
)
from core.practice.schedule import CardSchedule, Rating, folded

DATABASE_URL = "SEQSCOPE_DATABASE_URL"
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
    """Everything that is kept of one person."""

    reviews: list[Review]
    interviews: list[StoredInterview]
    trap_answers: list[TrapAnswer]


class PracticeStore:
    """The practice of all visitors of a server. Any thread, and any process, may call anything.

    `who` is "key:<anonymous key>" or "mail:<address>". Every method raises PracticeError where
    the database cannot be used.
    """

    def __init__(self, url: str | None = None, *, home: Path | None = None) -> None:
        """Open the database at `url`, else the one of the environment, else a file in `home`."""
        with _told():
            given = url or os.environ.get(DATABASE_URL)
            self._engine = open_database(given or _file_in(home or _usual_home()))

    def rate(
        self,
        who: str,
        card_id: str,
        rating: Rating,
        *,
        at: datetime,
        seconds: float | None = None,
        named: int | None = None,
        of: int | None = None,
        where: Where = "study",
    ) -> CardSchedule:
        """Keep a rating for good, and return where the card stands then."""
        review = Review(
            id=uuid4().hex,
            card_id=card_id,
            rating=rating,
            at=at,
            seconds=seconds,
            named=named,
            of=of,
            where=where,
        )
        folded(card_id, [(rating, at)])  # an unknown rating is refused before it is kept
        owner = _owner(who)
        with self._transaction() as connection:
            _add(connection, REVIEWS, owner, _review_row(review))
            found = _reviews(connection, owner, card_id)
        schedule = folded(card_id, [(each.rating, each.at) for each in found])
        assert schedule is not None
        return schedule

    def schedules(self, who: str) -> dict[str, CardSchedule]:
        """Return where every card stands that was ever rated."""
        rated = sorted(self.reviews(who), key=lambda review: review.card_id)  # keeps their order
        found = {
            card_id: folded(card_id, [(each.rating, each.at) for each in some])
            for card_id, some in groupby(rated, key=lambda review: review.card_id)
        }
        return {card_id: schedule for card_id, schedule in found.items() if schedule}

    def reviews(self, who: str) -> list[Review]:
        """Return all ratings, oldest first."""
        with self._transaction() as connection:
            return _reviews(connection, _owner(who))

    def save_interview(self, who: str, interview_id: str, data: dict[str, Any]) -> None:
        """Keep an interview as it stands now, in the place of what was saved of it before."""
        row = {
            "id": interview_id,
            "begun": to_micros(now()),
            "saved": to_micros(now()),
            "data": json.dumps(data),
        }
        with self._transaction() as connection:
            put(connection, INTERVIEWS, {"owner": _owner(who), **row}, keep=("begun",))

    def interview(self, who: str, interview_id: str) -> dict[str, Any] | None:
        """Return an interview of this person; None where they have none of this id."""
        found = (each for each in self._interviews(who) if each.id == interview_id)
        return next((each.data for each in found), None)

    def interviews(self, who: str) -> list[tuple[str, dict[str, Any]]]:
        """Return all interviews with their ids, the one begun last first."""
        return [(each.id, each.data) for each in self._interviews(who)]

    def add_trap_answer(self, who: str, answer: TrapAnswer) -> None:
        """Keep an answer to a trap; one that is kept already is left as it is."""
        with self._transaction() as connection:
            _add(connection, TRAP_ANSWERS, _owner(who), _trap_row(answer))

    def trap_answers(self, who: str) -> list[TrapAnswer]:
        """Return all answers to traps, oldest first."""
        with self._transaction() as connection:
            return _trap_answers(connection, _owner(who))

    def everything(self, who: str) -> Practice:
        """Return all that is kept of a person, of one moment."""
        owner = _owner(who)
        with self._transaction() as connection:
            return Practice(
                reviews=_reviews(connection, owner),
                interviews=_interviews_of(connection, owner),
                trap_answers=_trap_answers(connection, owner),
            )

    def take(self, who: str, practice: Practice) -> Practice:
        """Add what is not there yet, all or nothing, and return what was added.

        Of an interview that is there already, the one that was saved later stays.
        """
        owner = _owner(who)
        with self._transaction() as connection:
            known = {each.id: each.saved for each in _interviews_of(connection, owner)}
            newer = [
                each
                for each in practice.interviews
                if each.id not in known or each.saved > known[each.id]
            ]
            for each in newer:
                put(connection, INTERVIEWS, {"owner": owner, **_interview_row(each)})
            return Practice(
                reviews=[
                    each
                    for each in practice.reviews
                    if _add(connection, REVIEWS, owner, _review_row(each))
                ],
                interviews=newer,
                trap_answers=[
                    each
                    for each in practice.trap_answers
                    if _add(connection, TRAP_ANSWERS, owner, _trap_row(each))
                ],
            )

    def merge(self, giver: str, taker: str) -> None:
        """Hand all that is kept of `giver` over to `taker`, who keeps what they have."""
        theirs, ours = _owner(giver), _owner(taker)
        if theirs == ours:
            return
        self.take(taker, self.everything(giver))
        with self._transaction() as connection:
            for table in (REVIEWS, INTERVIEWS, TRAP_ANSWERS):
                twin = table.alias()
                taken = exists().where(twin.c.owner == ours, twin.c.id == table.c.id)
                connection.execute(
                    update(table).where(table.c.owner == theirs, ~taken).values(owner=ours)
                )
                connection.execute(delete(table).where(table.c.owner == theirs))

    def forget(self, who: str) -> None:
        """Remove all that is kept of a person."""
        with self._transaction() as connection:
            for table in (REVIEWS, INTERVIEWS, TRAP_ANSWERS):
                connection.execute(delete(table).where(table.c.owner == _owner(who)))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _interviews(self, who: str) -> list[StoredInterview]:
        with self._transaction() as connection:
            return _interviews_of(connection, _owner(who))

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with _told(), self._engine.begin() as connection:
            yield connection


def _usual_home() -> Path:
    return Path(os.environ.get("SEQSCOPE_HOME") or ".seqscope").resolve()


def _file_in(home: Path) -> str:
    return f"sqlite:///{home / 'practice.db'}"


def _owner(who: str) -> str:
    kind, colon, name = who.partition(":")
    if kind not in ("key", "mail") or not (colon and name):
        raise PracticeError("Nobody is named whose practice this is; open the page again.")
    return hashlib.sha256(who.encode()).hexdigest()


@contextmanager
def _told() -> Iterator[None]:
    """Say what a database says in a sentence; never its address, which may hold a password."""
    try:
        yield
    except SQLAlchemyError as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        raise PracticeError(
            f"The database of practice cannot be used now ({kind}). Nothing that was kept is lost; "
            f"see that its disk has room, or that the server {DATABASE_URL} names is up."
        ) from error


def _add(connection: Connection, table: Table, owner: str, row: dict[str, Any]) -> bool:
    """Insert a row unless its owner has one of this id; return whether it was inserted."""
    return put(connection, table, {"owner": owner, **row}, keep=tuple(row))


def _reviews(connection: Connection, owner: str, card_id: str | None = None) -> list[Review]:
    wanted = select(REVIEWS).where(REVIEWS.c.owner == owner)
    if card_id is not None:
        wanted = wanted.where(REVIEWS.c.card_id == card_id)
    rows = connection.execute(wanted.order_by(REVIEWS.c.at, REVIEWS.c.id)).mappings()
    return [Review(**{**_without_owner(row), "at": from_micros(row["at"])}) for row in rows]


def _trap_answers(connection: Connection, owner: str) -> list[TrapAnswer]:
    wanted = select(TRAP_ANSWERS).where(TRAP_ANSWERS.c.owner == owner)
    rows = connection.execute(wanted.order_by(TRAP_ANSWERS.c.at, TRAP_ANSWERS.c.id)).mappings()
    return [TrapAnswer(**{**_without_owner(row), "at": from_micros(row["at"])}) for row in rows]


def _interviews_of(connection: Connection, owner: str) -> list[StoredInterview]:
    wanted = select(INTERVIEWS).where(INTERVIEWS.c.owner == owner)
    newest = wanted.order_by(INTERVIEWS.c.begun.desc(), INTERVIEWS.c.id)
    return [
        StoredInterview(
            id=row["id"],
            begun=from_micros(row["begun"]),
            saved=from_micros(row["saved"]),
            data=json.loads(row["data"]),
        )
        for row in connection.execute(newest).mappings()
    ]


def _without_owner(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "owner"}


def _review_row(review: Review) -> dict[str, Any]:
    names = ("id", "card_id", "rating", "seconds", "named", "of", "where")
    return {name: getattr(review, name) for name in names} | {"at": to_micros(review.at)}


def _trap_row(answer: TrapAnswer) -> dict[str, Any]:
    names = ("id", "claim", "said", "shown", "verdict", "is_right", "run_id", "measured")
    return {name: getattr(answer, name) for name in names} | {"at": to_micros(answer.at)}


def _interview_row(interview: StoredInterview) -> dict[str, Any]:
    return {
        "id": interview.id,
        "begun": to_micros(interview.begun),
        "saved": to_micros(interview.saved),
        "data": json.dumps(interview.data),
    }
