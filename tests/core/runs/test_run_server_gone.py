"""However the server ends, nothing goes on: real servers, real signals."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.runs.pool import LocalPool
from core.runs.store import RunStore

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def is_alive(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def serve(home, method, what, how):
    """Return a server that has come to where it waits, its run's id and its processes."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"}
    command = [sys.executable, str(HERE / "server_script.py"), str(home), method, what, how]
    server = subprocess.Popen(
        command,
        env=environment,
        cwd=home,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    run_id, *pids = server.stdout.readline().split()
    server.stdout.close()
    return server, run_id, [int(pid) for pid in pids]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("number", "method", "what", "how"),
    [
        (signal.SIGKILL, "forkserver", "steps", "running"),
        (signal.SIGKILL, "forkserver", "long call", "running"),
        (signal.SIGKILL, "spawn", "steps", "paused"),
        (signal.SIGTERM, "forkserver", "steps", "running"),
        (signal.SIGTERM, "forkserver", "steps", "graceful"),
        (signal.SIGINT, "forkserver", "steps", "paused"),
        (None, "forkserver", "steps", "returns"),
    ],
)
def test_no_process_outlives_the_server(tmp_path, number, method, what, how):
    server, run_id, pids = serve(tmp_path, method, what, how)
    assert all(pids)
    if number == signal.SIGINT:
        os.killpg(server.pid, number)  # as a terminal does: to all of them
    elif number is not None:
        assert all(is_alive(pid) for pid in pids)
        server.send_signal(number)
    server.wait(10)
    deadline = time.monotonic() + 5
    while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in pids if is_alive(pid)]
    store = RunStore(tmp_path)
    assert store.last_state(run_id).state == "interrupted"
    LocalPool(store).close()
    assert store.last_state(run_id).cause.startswith("The server")
