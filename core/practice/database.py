"""The tables of practice and how they are opened, on SQLite and on PostgreSQL alike."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from core.errors import PracticeError

VERSION = 1
WAIT_SECONDS = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCK = 7_203_114  # any number: whoever makes the tables holds it

METADATA = MetaData()
META = Table(
    "practice_meta",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)
# Times are microseconds since 1970 in UTC: exact, and in order, on every database.
REVIEWS = Table(
    "practice_reviews",
    METADATA,
    Column("owner", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("card_id", String(200), nullable=False),
    Column("rating", String(8), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("seconds", Float(53)),
    Column("named", Integer),
    Column("of", Integer),
    Column("where", String(16), nullable=False),
)
INTERVIEWS = Table(
    "practice_interviews",
    METADATA,
    Column("owner", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("begun", BigInteger, nullable=False),
    Column("saved", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
)
TRAP_ANSWERS = Table(
    "practice_trap_answers",
    METADATA,
    Column("owner", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("claim", Integer, nullable=False),
    Column("said", String(8), nullable=False),
    Column("shown", String(8), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("is_right", Boolean),
    Column("at", BigInteger, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("measured", Text, nullable=False),
)


def to_micros(at: datetime) -> int:
    """Return a time with a zone as microseconds since 1970, exactly."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """Return the time that `to_micros` was given, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def open_database(url: str) -> Engine:
    """Return the database at `url`, with its tables.

    Raises:
        PracticeError: it is no address, its driver is not installed, or a later version made it.
        SQLAlchemyError: it cannot be reached.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        _make_private(address)
    try:
        engine = create_engine(
            address, pool_size=8, max_overflow=24, pool_timeout=WAIT_SECONDS, pool_pre_ping=True
        )
    except ModuleNotFoundError as error:
        raise PracticeError(
            f"The database needs the driver '{error.name}': run pip install -r "
            "requirements-postgres.txt, or leave SEQSCOPE_DATABASE_URL empty for SQLite."
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_at_once)
    try:
        _make_tables(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def put(
    connection: Connection, table: Table, row: Mapping[str, Any], *, keep: Sequence[str] = ()
) -> bool:
    """Insert a row, or bring the one that is there up to it; return whether something changed.

    What `keep` names stays as it is in a row that is there.
    """
    kind = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    changed = {name: value for name, value in row.items() if name not in (*keep, "owner", "id")}
    wanted = kind(table).values(**row)
    if changed:
        wanted = wanted.on_conflict_do_update(index_elements=["owner", "id"], set_=changed)
    else:
        wanted = wanted.on_conflict_do_nothing(index_elements=["owner", "id"])
    return connection.execute(wanted).rowcount > 0


def _make_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        METADATA.create_all(connection)
        _check_version(connection)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise PracticeError(
            "SEQSCOPE_DATABASE_URL is no address of a database; it looks like "
            "postgresql://user:password@host/name, or sqlite:////folder/practice.db."
        ) from error
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise PracticeError(
            f"SEQSCOPE_DATABASE_URL names a '{address.get_backend_name()}' database; practice is "
            "kept in sqlite or postgresql."
        )
    return address


def _make_private(address: URL) -> None:
    """Make the file, readable by this user alone; the ones that SQLite puts beside it are too."""
    if not address.database or address.database == ":memory:":
        raise PracticeError("Practice is kept in a file; SQLite in memory would lose it.")
    path = Path(address.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise PracticeError(
            f"Practice cannot be kept in {path}: {error.strerror}. Make its folder writable, or "
            "set SEQSCOPE_HOME to one that is."
        ) from error


def _set_up_sqlite(connection: Any, record: Any) -> None:
    """Let readers read while one writes, and writers wait for each other."""
    del record
    connection.isolation_level = None  # SQLAlchemy begins, not the driver
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={WAIT_SECONDS * 1000}", "journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_at_once(connection: Connection) -> None:
    """Take the writer's place at the start: one that began by reading could not wait for it."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _check_version(connection: Connection) -> None:
    found = connection.execute(select(META.c.value).where(META.c.name == "version")).scalar()
    if found is None:
        connection.execute(insert(META).values(name="version", value=VERSION))
    elif found > VERSION:
        raise PracticeError(
            f"This database of practice was made by a later version of SeqScope (its tables are "
            f"version {found}, this one knows {VERSION}). Update SeqScope."
        )
