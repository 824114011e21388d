"""Where practice is kept in tests: SQLite, and a PostgreSQL that the tests start themselves."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from core.practice.store import PracticeStore

NO_POSTGRES = "No PostgreSQL found: install Debian's package postgresql"


@pytest.fixture(scope="session")
def postgres():
    """The address of a PostgreSQL of this session's own; its server is stopped afterwards."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or not shutil.which("initdb", path=programs[-1]):
        if os.environ.get("CI") == "true":
            pytest.fail(f"{NO_POSTGRES}.", pytrace=False)
        pytest.skip(f"{NO_POSTGRES}; these tests are skipped.")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    asked = {"check": True, "capture_output": True, "env": {"LANG": "C", "PATH": "/usr/bin:/bin"}}
    if os.geteuid() == 0:  # it refuses to run as root
        user = pwd.getpwnam("nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)
        asked |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}
    data, port = folder / "data", _free_port()
    control = [programs[-1] / "pg_ctl", "-D", data, "-w"]
    initdb = [programs[-1] / "initdb", "-D", data, "-U", "seqscope", "-A", "trust", "-N"]
    subprocess.run([*initdb, "-E", "UTF8"], **asked)  # noqa: PLW1510  it is asked for
    options = f"-p {port} -k {folder} -c listen_addresses=localhost -c fsync=off"
    log = ["-l", folder / "log", "-o", f"{options} -c max_connections=60"]
    subprocess.run([*control, *log, "start"], **asked)  # noqa: PLW1510  it is asked for
    yield f"postgresql://seqscope:a-secret@localhost:{port}"
    subprocess.run([*control, "-m", "immediate", "stop"], **asked)  # noqa: PLW1510  it is asked for
    shutil.rmtree(folder, ignore_errors=True)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """The address of an empty database of this test's own, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'practice.db'}"
    server = request.getfixturevalue("postgres")
    name = f"test_{os.urandom(6).hex()}"
    engine = create_engine(
        server.replace("postgresql", "postgresql+psycopg") + "/postgres",
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"


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
