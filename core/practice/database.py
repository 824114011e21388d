"""How the database of practice is opened and used: SQLite or PostgreSQL, one writer a person.

A write that met another one is tried again, so whatever it does must be the same when done twice:
rows have ids that are chosen before.
"""

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from core.errors import PracticeError
from core.practice.tables import make_tables

DATABASE_URL = "SEQSCOPE_DATABASE_URL"
WAIT_SECONDS = 60
CONNECT_SECONDS = 5
_MAKING = 7_203_114  # any number: whoever makes the tables holds it
_MET_ANOTHER = ("40001", "40P01", "55P03")  # serialization, deadlock, lock not available
_SOON = ("starting up", "terminating connection", "too many clients", "slots are reserved")
_CAUSES = {
    "authentication failed": "it refused the user or the password",
    "no password supplied": "it wants a password",
    "refused": "nothing answers there",
    "translate host": "its host is not known",
    "resolve host": "its host is not known",
    "timeout": "it does not answer in time",
    "does not exist": "it does not know this user or database",
    "permission denied": "this user may not do that there",
    "disk": "the disk has no room",
}
_Found = TypeVar("_Found")


class Database:
    """A database with the tables of practice. Any thread may read and write."""

    def __init__(self, url: str | URL) -> None:
        """Open the database at `url`; make its tables, and its file where it is one.

        Raises:
            PracticeError: it is no address, cannot be reached, lacks a driver, or is newer.
        """
        address = _address(url)
        self._is_sqlite = address.get_backend_name() == "sqlite"
        self._turn = threading.Lock() if self._is_sqlite else None
        if self._is_sqlite:
            _make_private(address)
        with self._told():
            engine = _engine(address)
        wants = {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._engine = engine
        self._reading = engine.execution_options(reads=True, **wants)
        try:
            self._attempt(engine, self._make)
        except BaseException:
            engine.dispose()
            raise

    def read(self, work: Callable[[Connection], _Found]) -> _Found:
        """Return what `work` finds; it sees the database as it was at one moment."""
        return self._attempt(self._reading, work)

    def write(self, owners: tuple[str, ...], work: Callable[[Connection], _Found]) -> _Found:
        """Do `work`, all or nothing, while nobody else writes for these owners."""

        def alone(connection: Connection) -> _Found:
            if not self._is_sqlite:
                for owner in sorted(owners):
                    number = int.from_bytes(bytes.fromhex(owner[:16]), "big", signed=True)
                    _lock(connection, number)
            return work(connection)

        with self._in_turn():
            return self._attempt(self._engine, alone)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _in_turn(self) -> AbstractContextManager[Any]:
        """Let the threads of this process write one after the other, where all have to anyway."""
        return self._turn or nullcontext()

    def _make(self, connection: Connection) -> None:
        if not self._is_sqlite:
            _lock(connection, _MAKING)
        make_tables(connection)

    def _attempt(self, engine: Engine, work: Callable[[Connection], _Found]) -> _Found:
        until = time.monotonic() + WAIT_SECONDS
        with self._told():
            while True:
                try:
                    with engine.begin() as connection:
                        return work(connection)
                except DBAPIError as error:
                    if not _will_pass(error) or time.monotonic() > until:
                        raise
                time.sleep(random.uniform(0.002, 0.05))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what the database says in a sentence: no address, password or row is in it."""
        try:
            yield
        except ModuleNotFoundError as error:
            raise PracticeError(
                f"PostgreSQL needs the driver '{error.name}', which is not installed. Run pip "
                f"install -r requirements-postgres.txt, or unset {DATABASE_URL} to use SQLite."
            ) from error
        except SQLAlchemyError as error:
            said = str(getattr(error, "orig", None) or error).casefold()
            kind = type(getattr(error, "orig", None) or error).__name__
            cause = next((words for needle, words in _CAUSES.items() if needle in said), kind)
            raise PracticeError(
                f"The file of practice cannot be used now ({cause}). What was rated before is in "
                "it; see that its folder can be written and its disk has room, and try again."
                if self._is_sqlite
                else f"The PostgreSQL server of {DATABASE_URL} cannot be used now ({cause}). What "
                "was rated before is kept there; see that the server is up and lets this user in, "
                "and try again."
            ) from error


def _address(url: str | URL) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise PracticeError(
            f"{DATABASE_URL} is no address of a database; it looks like "
            "postgresql://user:password@host:5432/name, or sqlite:////folder/practice.db. "
            "Characters such as @ : / in a password are written %40 %3A %2F."
        ) from None  # it would quote parts of the address
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    if address.drivername not in ("postgresql+psycopg", "sqlite", "sqlite+pysqlite"):
        raise PracticeError(
            f"{DATABASE_URL} names a database of the kind '{address.drivername}'; practice is kept "
            "in sqlite or postgresql."
        )
    return address


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, pool_timeout=WAIT_SECONDS, hide_parameters=True)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options: dict[str, Any] = {"prepare_threshold": None}  # a pool between may not keep them
    if "connect_timeout" not in address.query:
        options["connect_timeout"] = CONNECT_SECONDS
    return create_engine(
        address,
        connect_args=options,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _make_private(address: URL) -> None:
    """Make the file, readable by this user alone; the ones that SQLite puts beside it are too."""
    if not address.database or address.database == ":memory:":
        raise PracticeError(
            f"Practice is kept in a file, and SQLite in memory would lose it. Give {DATABASE_URL} "
            "a path, or unset it."
        )
    path = Path(address.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise PracticeError(
            f"Practice cannot be kept in {path}: {error.strerror}. Make its folder writable, or "
            "set SEQSCOPE_HOME to one that is."
        ) from error


def _set_up_sqlite(connection: Any, record: Any) -> None:
    """Let readers read while one writes, writers wait, and what was written last a power cut."""
    del record
    connection.isolation_level = None  # SQLAlchemy begins, not the driver
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={WAIT_SECONDS * 1000}", "journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the writer's place at the start: one that began by reading could not wait for it."""
    reads = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _lock(connection: Connection, number: int) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _will_pass(error: DBAPIError) -> bool:
    """Return whether the same may succeed when tried again: it met another, or lost the line."""
    if isinstance(error.orig, sqlite3.OperationalError):
        code = error.orig.sqlite_errorcode & 0xFF
        return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    if error.connection_invalidated or getattr(error.orig, "sqlstate", "") in _MET_ANOTHER:
        return True
    return any(words in str(error.orig) for words in _SOON)
