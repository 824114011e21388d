"""What is kept of everybody's practice: ratings, interviews, answers to traps, in a database.

Only what happened is kept; where a card stands is folded from its ratings, so that no two writers
can disagree about it. SQLite in the server's home, or what SEQSCOPE_DATABASE_URL names. Whose rows
they are is kept as a SHA-256 digest, of addresses too: the store never has to say whose they are,
and a copy of it gives away neither keys, with which one could act as somebody else, nor addresses.
"""

import hashlib
import os
import secrets
import time
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection

from core.errors import PracticeError
from core.practice.clock import now
from core.practice.database import DATABASE_URL, Database
from core.practice.kept import (
    Practice,
    Review,
    StoredInterview,
    TrapAnswer,
    Where,
    read_all,
    read_interviews,
    read_reviews,
    read_trap_answers,
    remove_all,
    row_of,
    take_all,
)
from core.practice.schedule import CardSchedule, Rating, folded
from core.practice.tables import INTERVIEWS, REVIEWS, TRAP_ANSWERS, add, put

__all__ = ["PracticeStore", "Review", "TrapAnswer"]

LONGEST_SECONDS = 1e8
"""An answer takes no longer, whatever a clock that was set says."""


class PracticeStore:
    """The practice of all visitors of a server. Any thread, and any process, may call anything.

    `who` is "key:<anonymous key>" or "mail:<address>". Every method raises PracticeError where
    the database cannot be used. What a method has written when it returns outlives a crash.
    """

    def __init__(self, url: str | None = None, *, home: Path | None = None) -> None:
        """Open the database at `url`, else the one of the environment, else a file in `home`."""
        given = url or os.environ.get(DATABASE_URL)
        self._database = Database(given or _file_in(home or _usual_home()))

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
        folded(card_id, [(rating, at)])  # what cannot be counted is refused before it is kept
        owner = _owner(who)
        review = Review(
            id=_new_id(),
            card_id=card_id,
            rating=rating,
            at=at,
            seconds=None if seconds is None else min(max(seconds, 0.0), LONGEST_SECONDS),
            named=named,
            of=of,
            where=where,
        )

        def keep(connection: Connection) -> list[Review]:
            add(connection, REVIEWS, row_of(review, owner))
            return read_reviews(connection, owner, card_id)

        kept = self._database.write((owner,), keep)
        schedule = _folded(card_id, kept)
        assert schedule is not None
        return schedule

    def schedules(self, who: str) -> dict[str, CardSchedule]:
        """Return where every card stands that was ever rated."""
        rated = sorted(self.reviews(who), key=lambda review: review.card_id)  # keeps their order
        found = {
            card_id: _folded(card_id, some)
            for card_id, some in groupby(rated, key=lambda review: review.card_id)
        }
        return {card_id: schedule for card_id, schedule in found.items() if schedule}

    def reviews(self, who: str) -> list[Review]:
        """Return all ratings, oldest first."""
        owner = _owner(who)
        return self._database.read(lambda connection: read_reviews(connection, owner))

    def save_interview(self, who: str, interview_id: str, data: dict[str, Any]) -> None:
        """Keep an interview as it stands now, in the place of what was saved of it before."""
        owner, at = _owner(who), now()
        row = row_of(StoredInterview(id=interview_id, begun=at, saved=at, data=data), owner)
        self._database.write(
            (owner,), lambda connection: put(connection, INTERVIEWS, row, keep=("begun",))
        )

    def interview(self, who: str, interview_id: str) -> dict[str, Any] | None:
        """Return an interview of this person; None where they have none of this id."""
        owner = _owner(who)
        found = self._database.read(lambda each: read_interviews(each, owner, interview_id))
        return found[0].data if found else None

    def interviews(self, who: str) -> list[tuple[str, dict[str, Any]]]:
        """Return all interviews with their ids, the one begun last first."""
        owner = _owner(who)
        found = self._database.read(lambda connection: read_interviews(connection, owner))
        return [(each.id, each.data) for each in found]

    def add_trap_answer(self, who: str, answer: TrapAnswer) -> None:
        """Keep an answer to a trap; one that is kept already is left as it is."""
        owner = _owner(who)
        row = row_of(answer, owner)
        self._database.write((owner,), lambda connection: add(connection, TRAP_ANSWERS, row))

    def trap_answers(self, who: str) -> list[TrapAnswer]:
        """Return all answers to traps, oldest first."""
        owner = _owner(who)
        return self._database.read(lambda connection: read_trap_answers(connection, owner))

    def everything(self, who: str) -> Practice:
        """Return all that is kept of a person, of one moment."""
        owner = _owner(who)
        return self._database.read(lambda connection: read_all(connection, owner))

    def take(self, who: str, practice: Practice) -> Practice:
        """Add what is not there yet, all or nothing, and return what was added.

        Of an interview that is there already, the one that was saved later stays.
        """
        owner = _owner(who)
        return self._database.write(
            (owner,), lambda connection: take_all(connection, owner, practice)
        )

    def merge(self, giver: str, taker: str) -> None:
        """Hand all that is kept of `giver` over to `taker`, who keeps what they have."""
        theirs, ours = _owner(giver), _owner(taker)

        def hand_over(connection: Connection) -> None:
            take_all(connection, ours, read_all(connection, theirs))
            remove_all(connection, theirs)

        if theirs != ours:
            self._database.write((theirs, ours), hand_over)

    def forget(self, who: str) -> None:
        """Remove all that is kept of a person."""
        owner = _owner(who)
        self._database.write((owner,), lambda connection: remove_all(connection, owner))

    def close(self) -> None:
        """Close every connection."""
        self._database.close()


def _folded(card_id: str, reviews: Any) -> CardSchedule | None:
    return folded(card_id, [(review.rating, review.at) for review in reviews])


def _new_id() -> str:
    """Return an id that nothing has; of ratings of the same moment, the later has the greater."""
    return f"{time.time_ns():016x}{secrets.token_hex(8)}"


def _usual_home() -> Path:
    return Path(os.environ.get("SEQSCOPE_HOME") or ".seqscope").resolve()


def _file_in(home: Path) -> URL:
    return URL.create("sqlite", database=str(home / "practice.db"))


def _owner(who: str) -> str:
    """Return the digest of who it is; of an address, whatever its case."""
    kind, colon, name = who.partition(":")
    if kind not in ("key", "mail") or not (colon and name):
        raise PracticeError("Nobody is named whose practice this is; open the page again.")
    said = who.strip().casefold() if kind == "mail" else who
    return hashlib.sha256(said.encode()).hexdigest()
