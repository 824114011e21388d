"""The tables that practice is kept in, the same on SQLite and on PostgreSQL, and their version."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import PracticeError

ID_LENGTH = 64
CARD_LENGTH = 200
WORD_LENGTH = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

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
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("card_id", String(CARD_LENGTH), nullable=False),
    Column("rating", String(WORD_LENGTH), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("seconds", Float(53)),
    Column("named", Integer),
    Column("of", Integer),
    Column("where", String(WORD_LENGTH), nullable=False),
)
INTERVIEWS = Table(
    "practice_interviews",
    METADATA,
    Column("owner", String(64), primary_key=True),
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("begun", BigInteger, nullable=False),
    Column("saved", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
)
TRAP_ANSWERS = Table(
    "practice_trap_answers",
    METADATA,
    Column("owner", String(64), primary_key=True),
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("claim", Integer, nullable=False),
    Column("said", String(WORD_LENGTH), nullable=False),
    Column("shown", String(WORD_LENGTH), nullable=False),
    Column("verdict", String(WORD_LENGTH), nullable=False),
    Column("is_right", Boolean),
    Column("at", BigInteger, nullable=False),
    Column("run_id", String(ID_LENGTH), nullable=False),
    Column("measured", Text, nullable=False),
)
OWNED = (REVIEWS, INTERVIEWS, TRAP_ANSWERS)

MIGRATIONS: tuple[Callable[[Connection], None], ...] = ()
"""What brings the tables of version 1 to 2, of 2 to 3, ...; each runs once a database."""


def to_micros(at: datetime) -> int:
    """Return a time with a zone as microseconds since 1970, exactly.

    Raises:
        PracticeError: it has no zone.
    """
    if at.utcoffset() is None:
        raise PracticeError("A time of practice needs a time zone; give it in UTC.")
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """Return the time that `to_micros` was given, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def make_tables(
    connection: Connection, migrations: tuple[Callable[[Connection], None], ...] = MIGRATIONS
) -> None:
    """Make the tables where they are not there yet, and bring older ones up to now's version.

    Raises:
        PracticeError: a later version made them; they are left as they are.
    """
    newest = len(migrations) + 1
    if not inspect(connection).has_table(META.name):
        METADATA.create_all(connection)
    found = connection.execute(select(META.c.value).where(META.c.name == "version")).scalar()
    if found is None:
        connection.execute(insert(META).values(name="version", value=newest))
        return
    if found > newest:
        raise PracticeError(
            f"This database of practice was made by a later version of SeqScope (its tables are "
            f"version {found}, this one knows {newest}). Update SeqScope."
        )
    if found < newest:
        for migrate in migrations[found - 1 :]:
            migrate(connection)
        connection.execute(update(META).where(META.c.name == "version").values(value=newest))


def add(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row unless its owner has one of this id."""
    wanted = _inserting(connection, table).values(**row)
    connection.execute(wanted.on_conflict_do_nothing(index_elements=["owner", "id"]))


def put(
    connection: Connection, table: Table, row: dict[str, Any], *, keep: tuple[str, ...] = ()
) -> None:
    """Insert a row, or bring the one that is there up to it, except for what `keep` names."""
    changed = {name: value for name, value in row.items() if name not in (*keep, "owner", "id")}
    wanted = _inserting(connection, table).values(**row)
    connection.execute(wanted.on_conflict_do_update(index_elements=["owner", "id"], set_=changed))


def _inserting(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    is_sqlite = connection.dialect.name == "sqlite"
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)
