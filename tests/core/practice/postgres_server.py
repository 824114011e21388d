"""A PostgreSQL of the tests' own, from Debian's package: one server, one user, one database."""

import os
import pwd
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

PROGRAMS = Path("/usr/lib/postgresql")
ABSENT = (
    f"PostgreSQL is not installed (Debian's package postgresql; looked for in {PROGRAMS}): what "
    "is kept in it was not tested."
)
PASSWORD = "a-secret"


def newest_programs():
    """The folder of the newest PostgreSQL's programs, None where there is none."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def running_server(programs):
    """Start a server in a folder of its own and yield its address; nothing is left of it."""
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        folder = Path(name)
        asked = {"env": {"LANG": "C", "PATH": "/usr/bin:/bin"}, "cwd": folder}
        if os.geteuid() == 0:  # it refuses to run as root
            user = pwd.getpwnam("nobody")
            os.chown(folder, user.pw_uid, user.pw_gid)
            asked |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        make = [programs / "initdb", "-D", folder / "data", "-U", "seqscope", "--pwfile", secret]
        options = ["-A", "scram-sha-256", "-E", "UTF8", "-N"]
        subprocess.run([*make, *options], check=True, capture_output=True, **asked)
        port = _free_port()
        start = [programs / "postgres", "-D", folder / "data", "-k", folder]
        for option in (f"port={port}", "listen_addresses=127.0.0.1", "fsync=off"):
            start += ["-c", option]
        log = folder / "log"
        with log.open("wb") as written:
            server = subprocess.Popen(start, stdout=written, stderr=written, **asked)
        try:
            address = f"postgresql://seqscope:{PASSWORD}@127.0.0.1:{port}/postgres"
            _wait_for(address, server, log)
            yield address
        finally:
            server.send_signal(signal.SIGINT)  # whoever is connected
            server.wait(30)


def execute(address, *statements):
    """Run statements on a database, beside whatever store is open on it."""
    url = make_url(address)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def break_connections(address):
    """End every connection to the server, as a restart of it does."""
    execute(
        address,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
    )


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address, server, log):
    until = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < until:
        try:
            return execute(address, "SELECT 1")
        except Exception:
            time.sleep(0.05)
    raise AssertionError(f"PostgreSQL did not start: {log.read_text()}")
