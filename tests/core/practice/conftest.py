"""Where practice is kept in tests: SQLite, and a PostgreSQL that the tests start themselves."""

import os

import pytest
from postgres_server import ABSENT, execute, newest_programs, running_server

from core.practice.store import PracticeStore


@pytest.fixture(scope="session")
def postgres():
    """The address of a PostgreSQL that runs as long as the tests do."""
    programs = newest_programs()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail(ABSENT, pytrace=False)
        pytest.skip(ABSENT)
    with running_server(programs) as address:
        yield address


@pytest.fixture
def empty_postgres(postgres):
    """The address of a PostgreSQL with nothing in it."""
    execute(postgres, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    return postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """The address of an empty database, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'practice.db'}"
    return request.getfixturevalue("empty_postgres")


@pytest.fixture
def open_store(address):
    """Return how to open a store on the test's database; all are closed afterwards."""
    stores = []

    def opened():
        stores.append(PracticeStore(address))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


@pytest.fixture
def store(open_store):
    return open_store()
