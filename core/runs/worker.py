"""The process of one run: it takes a lab's events, writes them down and obeys the server.

Two threads. The main one runs the lab. The other listens to the server; when the server has gone
in any way it leaves at once, whatever the main one does, so that nothing trains on unseen.
"""

import contextlib
import importlib
import os
import queue
import signal
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

from core.errors import RunError, SeqScopeError
from core.labs.config import LABS, LabEntry
from core.labs.config_json import config_from_json
from core.runs import locks
from core.runs.control import Control
from core.runs.journal import EventWriter
from core.runs.store import read_config, read_text

TICK_SECONDS = 0.1
SERVER_GONE = "The server ended while this run was under way."


class Worker:
    """One run: what it was given and what it says."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.journal: EventWriter | None = None
        self.control = Control(report=self.report, note=self.note)
        self.jobs: queue.SimpleQueue[tuple[str, LabEntry]] = queue.SimpleQueue()

    def listen(self) -> None:
        """Hear the server until it is gone, and write what waits while it is silent."""
        while True:
            try:
                message = self.connection.recv() if self.connection.poll(TICK_SECONDS) else None
            except (EOFError, OSError):
                self.leave("interrupted", SERVER_GONE)
            if message is None:
                self.tick()
            elif message[0] == "run":
                _, folder, entry, commands = message
                for command in commands:
                    self.control.ask(command)
                self.jobs.put((folder, entry))
            elif message[0] == "leave":
                self.leave("interrupted", SERVER_GONE)
            else:
                self.control.ask(message)

    def tick(self) -> None:
        """Write what waits; end a run that was asked to stop and does not come to an end."""
        if self.journal is None:
            return
        try:
            self.journal.flush()
        except OSError as error:
            self.control.fail(error)
        if time.monotonic() > self.control.stop_due:
            self.leave("stopped", "It was stopped within a round that did not come to an end.")

    def leave(self, state: str, cause: str) -> NoReturn:
        """End this process now, with a last word if there is a run to say it of."""
        if self.journal is not None:
            with contextlib.suppress(Exception):
                self.journal.leave(state, cause)
        os._exit(0)

    def report(self, state: str, cause: str = "") -> None:
        """Write the run's state and tell the server."""
        assert self.journal is not None
        with contextlib.suppress(OSError):  # a full disk: the server still hears of it
            self.journal.state(state, cause)
        with contextlib.suppress(OSError):
            self.connection.send(("state", state, cause))

    def note(self, text: str) -> None:
        """Record that a command was refused, and why."""
        assert self.journal is not None
        self.journal.note(text)

    def run(self, folder: Path, entry: LabEntry) -> None:
        """Run the lab `entry` as the header in `folder` says, to one of its ends."""
        lock = locks.hold(folder, "worker.lock")
        self.journal = journal = EventWriter(folder)
        try:
            if lock is None:
                raise RunError("Another worker is at work on this run.")
            self.report("running")
            self.follow(folder, entry, journal)
            end, cause = ("stopped" if self.control.stopping else "done"), ""
        except BaseException as error:
            end, cause = "failed", failure_sentence(error)
            if not isinstance(error, SeqScopeError):
                with contextlib.suppress(OSError):
                    (folder / "error.txt").write_text(traceback.format_exc(), encoding="utf-8")
        self.report(end, cause)

    def follow(self, folder: Path, entry: LabEntry, journal: EventWriter) -> None:
        """Take the lab's events until it ends or is stopped."""
        import torch

        LABS.setdefault(entry.name, entry)
        lab = importlib.import_module(entry.module)
        config = config_from_json(entry.name, read_config(folder))
        torch.set_num_threads(getattr(config, "threads", None) or 1)
        control = self.control
        control.dials.values.update(config.dials())
        control.obey(0)
        if control.stopping:
            return
        with contextlib.closing(
            lab.run(config, dials=control.dials, text=read_text(folder))
        ) as events:
            for event in events:
                if event.kind == "progress":
                    journal.progress = event
                    if control.busy:
                        control.obey(event.step)
                else:
                    journal.add(event)
                if control.stopping:
                    break


def failure_sentence(error: BaseException) -> str:
    """Return in one sentence why a run failed."""
    if isinstance(error, SeqScopeError):
        return str(error)
    message = " ".join(str(error).split())
    if _is_out_of_memory(error, message):
        return "It ran out of memory; try a smaller hidden size, batch or length."
    name = type(error).__name__
    return f"{name}: {message[:300]}" if message else f"{name}, without a message."


def _is_out_of_memory(error: BaseException, message: str) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and "allocate memory" in message


def worker_main(connection: Any) -> None:
    """Wait for one run, do it and end. The target of every worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = Worker(connection)
    threading.Thread(target=worker.listen, name="listen", daemon=True).start()
    importlib.import_module("core.runs.preload")  # at once in a fork; a spare has the time
    folder, entry = worker.jobs.get()
    worker.run(Path(folder), entry)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
