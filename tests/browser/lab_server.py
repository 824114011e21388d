"""The app as a visitor's machine runs it: a server of its own, and the processes below it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Server:
    """A real server in a process of its own, with a home and a log of its own."""

    def __init__(self, folder, port=None, environment=None):
        self.home = folder / "home"
        self.log = folder / "server.log"
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py", "--server.port", str(self.port)],
                cwd=ROOT,
                env=os.environ | {"SEQSCOPE_HOME": str(self.home)} | (environment or {}),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_healthy()

    def _wait_until_healthy(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health") as answer:
                if answer.status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the server did not start:\n{self.said()}")

    def said(self, since=0):
        """The log from the character `since` on."""
        return self.log.read_text(encoding="utf-8", errors="replace")[since:]

    def close(self):
        """End the server as Ctrl+C or a service manager would, and wait for its end."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def folder(self, run_id):
        return self.home / "runs" / run_id

    def events(self, run_id, kind):
        """The records of one kind that the run has written."""
        lines = (self.folder(run_id) / "events.jsonl").read_text(encoding="utf-8").splitlines()
        said = f'"kind": "{kind}"'
        return [json.loads(line) for line in lines if said in line and line.endswith("}")]

    def state(self, run_id):
        """The state that the run wrote last."""
        return self.events(run_id, "state")[-1]["state"]

    def worker(self, run_id):
        """The process that holds the run's lock below this server."""
        lock = str(self.folder(run_id) / "worker.lock")
        for pid in descendants(self.process.pid):
            with suppress(OSError):
                if any(file.resolve() == Path(lock) for file in Path(f"/proc/{pid}/fd").iterdir()):
                    return pid
        raise AssertionError("no process below the server holds this run")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def descendants(root):
    """The processes below `root`, of any generation."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                parents[int(folder.name)] = int(_stat(folder.name)[1])
    found = {root}
    while new := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= new
    return found - {root}


def is_alive(pid):
    with suppress(OSError):
        return _stat(pid)[0] != "Z"
    return False


def _stat(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
