"""How the database of practice is opened: where, by whom, in which version, and what goes wrong."""

import os
import sqlite3
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from postgres_server import break_connections, execute
from sqlalchemy import create_engine, insert, inspect, select

from core.errors import PracticeError
from core.practice.store import PracticeStore
from core.practice.tables import META, OWNED, make_tables

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def logged(error):
    """What a log shows of an error and all that led to it, but for lines of source."""
    said = []
    while error is not None:
        said.append(f"{type(error).__name__}: {error}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(said)


def test_a_database_of_a_later_version_is_refused_and_left_as_it_is(address, open_store):
    execute(
        address,
        "CREATE TABLE practice_meta (name VARCHAR(32) PRIMARY KEY, value INTEGER NOT NULL)",
        "INSERT INTO practice_meta VALUES ('version', 99)",
    )
    with pytest.raises(PracticeError, match=r"later version.*version 99.*Update SeqScope"):
        open_store()
    with pytest.raises(Exception, match="practice_reviews"):
        execute(address, "SELECT * FROM practice_reviews")


def test_a_database_of_an_earlier_version_is_brought_up_once():
    done = []
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        make_tables(connection)
        assert connection.scalar(select(META.c.value)) == 1
        for _ in range(2):
            make_tables(connection, (lambda _: done.append(2), lambda _: done.append(3)))
        assert connection.scalar(select(META.c.value)) == 3
        with pytest.raises(PracticeError, match="later version"):
            make_tables(connection)
    engine.dispose()
    assert done == [2, 3]


def test_tables_that_were_lost_on_the_way_are_made_before_the_version_is_written():
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        make_tables(connection)
        assert {table.name for table in OWNED} < set(inspect(connection).get_table_names())
        with pytest.raises(Exception, match="UNIQUE"):
            connection.execute(insert(META).values(name="version", value=1))
    engine.dispose()


def test_neither_key_nor_address_is_in_the_file_and_only_its_user_reads_it(tmp_path):
    home = tmp_path / "a home? of 100 %"
    store = PracticeStore(home=home)
    for who in ("key:a-secret-key", "mail:me@example.org"):
        store.rate(who, "card", "good", at=NOON)
    files = sorted(home.iterdir())
    assert [path.name for path in files] == [f"practice.db{end}" for end in ("", "-shm", "-wal")]
    assert home.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    kept = b"".join(path.read_bytes() for path in files)
    store.close()
    assert b"good" in kept
    assert b"a-secret-key" not in kept
    assert b"example.org" not in kept


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path):
    path = tmp_path / "practice.db"
    path.touch(mode=0o644)
    PracticeStore(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_environment_says_where_practice_is_kept(monkeypatch, tmp_path):
    PracticeStore().close()
    assert (tmp_path / "home" / "practice.db").exists()  # the home that every test has
    monkeypatch.setenv("SEQSCOPE_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    PracticeStore().close()
    assert (tmp_path / "other.db").exists()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_the_address_of_postgresql_is_taken(monkeypatch, empty_postgres, scheme):
    address = empty_postgres.replace("postgresql", scheme)
    monkeypatch.setenv("SEQSCOPE_DATABASE_URL", address)
    store = PracticeStore()
    store.rate(f"key:{scheme}", "card", "good", at=NOON)
    assert len(store.reviews(f"key:{scheme}")) == 1
    store.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres://me:a-secret@localhost:1/x", "nothing answers there"),
        ("postgresql://me:a-secret@localhost:1/x", "cannot be used now"),
        ("postgresql://me@localhost:1/x?password=a-secret", "cannot be used now"),
        ("postgresql://me:a-secret@localhost:1/x?no_such_option=1", "cannot be used now"),
        ("postgresql://me:a-secret@localhost:a-secret/x", "%2F"),
        ("postgresql+psycopg2://me:a-secret@localhost/x", "'postgresql\\+psycopg2'"),
        ("mysql://me:a-secret@localhost/x", "kind 'mysql'; practice is kept"),
        ("a-secret", "no address of a database"),
        ("sqlite://", "in memory would lose it"),
        ("sqlite:////proc/nowhere/x.db", "cannot be kept in /proc/nowhere/x.db"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_without_its_password(monkeypatch, url, said):
    monkeypatch.setenv("SEQSCOPE_DATABASE_URL", url)
    with pytest.raises(PracticeError, match=said) as caught:
        PracticeStore()
    assert "a-secret" not in logged(caught.value)


def test_a_server_that_refuses_the_password_is_said_without_it(postgres):
    with pytest.raises(PracticeError, match="refused the user or the password") as caught:
        PracticeStore(postgres.replace("a-secret", "another-secret"))
    assert "another-secret" not in logged(caught.value)


def test_a_missing_driver_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(PracticeError, match=r"pip install -r requirements-postgres\.txt"):
        PracticeStore("postgresql://localhost/x")


def test_a_file_that_is_no_database_is_said_and_left_as_it_is(tmp_path):
    path = tmp_path / "practice.db"
    path.write_text("my diary" * 1000)
    with pytest.raises(PracticeError, match="cannot be used now"):
        PracticeStore(f"sqlite:///{path}")
    assert path.read_text() == "my diary" * 1000


def test_what_fails_in_the_middle_is_said_without_a_row(store, address):
    execute(address, "DROP TABLE practice_trap_answers", "DROP TABLE practice_interviews")
    with pytest.raises(PracticeError, match="cannot be used now") as caught:
        store.save_interview("key:mine", "one", {"said": "something private"})
    assert "something private" not in logged(caught.value)


def test_a_rating_waits_for_whoever_writes(tmp_path):
    path = tmp_path / "practice.db"
    store = PracticeStore(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    rating = threading.Thread(
        target=store.rate, args=("key:mine", "card", "good"), kwargs={"at": NOON}
    )
    rating.start()
    time.sleep(0.3)
    assert rating.is_alive()
    assert store.reviews("key:mine") == []  # who only reads does not wait
    other.execute("COMMIT")
    other.close()
    rating.join()
    assert len(store.reviews("key:mine")) == 1
    store.close()


def test_a_connection_that_broke_meanwhile_is_replaced(empty_postgres):
    store = PracticeStore(empty_postgres)
    for number in range(3):
        store.rate("key:broken", str(number), "good", at=NOON)
        break_connections(empty_postgres)
    assert len(store.reviews("key:broken")) == 3
    store.close()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    if os.geteuid() == 0:
        blocked = tmp_path / "file"
        blocked.touch()
    else:
        blocked = tmp_path / "folder"
        blocked.mkdir(mode=0o500)
    with pytest.raises(PracticeError, match=r"cannot be kept in .*practice\.db"):
        PracticeStore(home=blocked)
