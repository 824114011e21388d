"""The runs under way: at most a few at a time, each a process of its own, the others in a queue.

The seam is narrow on purpose: submit, command, place, state. Another pool (on a cluster) can take
this one's place, since all that a run says is in its folder.
"""

import atexit
import math
import os
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from typing import IO, Any

from core.errors import ConfigError, RunError, RunNotFound, RunRefused
from core.labs.config import LabEntry, find_lab
from core.runs import locks
from core.runs.control import COMMANDS
from core.runs.processes import Child, Launcher, Method, exit_sentence
from core.runs.states import ENDS, append_state
from core.runs.store import RunStore

QUEUE_MOST = 50
PROCESSES_MOST = 8
CLOSING_SECONDS = 2.0
SERVER_CLOSED = "The server was closed while this run was under way."


@dataclass(slots=True, eq=False)
class _Run:
    """A run between its submission and its end."""

    id: str
    entry: LabEntry
    lock: IO[bytes]
    state: str = "queued"
    cause: str = ""
    child: Child | None = None
    commands: list[tuple[Any, ...]] = field(default_factory=list)


class LocalPool:
    """The runs of one server, on its own machine.

    At most `limit` run at a time; a paused one gives its place to the next in the queue, and its
    resumption does not wait for a place.
    """

    def __init__(
        self, store: RunStore, *, limit: int | None = None, method: Method | None = None
    ) -> None:
        self.store = store
        self.limit = limit or max(1, min(4, _cores()))
        self.launcher = Launcher(method)
        self._runs: dict[str, _Run] = {}
        self._queue: deque[_Run] = deque()
        self._changed = threading.Condition()
        self._closing = False
        store.interrupt_orphans()
        atexit.register(self.close)

    def warm(self) -> None:
        """Begin to load torch, so that the first run starts at once; return at once."""
        self.launcher.warm()

    def submit(self, run_id: str) -> None:
        """Start the run, or queue it.

        Raises:
            RunNotFound: no run has this id.
            RunRefused: it has ended, it is at work elsewhere, or the queue is full.
        """
        entry = find_lab(self.store.header(run_id).lab)
        with self._changed:
            if run_id in self._runs:
                return
            self._check_room(run_id)
            lock = locks.hold(self.store.folder(run_id), "server.lock", seconds=0.2)
            if lock is None:
                raise RunRefused("Another server on this machine has this run.")
            append_state(self.store.folder(run_id), "queued")
            self._runs[run_id] = run = _Run(run_id, entry, lock)
            self._queue.append(run)
            self._fill()

    def command(self, run_id: str, name: str, *values: Any) -> None:
        """Have the run do one of `COMMANDS`: "turn" takes a dial and a value, "pace" a rate.

        Raises:
            RunError: there is no such command, or the run has ended.
            ConfigError: the value is not a finite number.
        """
        if name not in COMMANDS:
            raise RunError(f"There is no command '{name}'; choose from {', '.join(COMMANDS)}.")
        if name in ("turn", "pace"):
            _check_finite(values[-1])
        with self._changed:
            run = self._runs.get(run_id)
            if run is None or run.state in ENDS:
                raise RunError(f"This run takes no command any more: it is {self.state(run_id)}.")
            if run.state == "queued" and name == "stop":
                self._queue.remove(run)
                self._finish(run, "stopped", "It was stopped before it had started.")
            elif run.child is None:
                run.commands.append((name, *values))
            else:
                _send(run.child, (name, *values))

    def place(self, run_id: str) -> int:
        """Return the run's place in the queue: 1 is next, 0 is not queued."""
        with self._changed:
            ids = [run.id for run in self._queue]
        return ids.index(run_id) + 1 if run_id in ids else 0

    def is_idle(self) -> bool:
        """Return whether nothing waits and nothing trains."""
        with self._changed:
            return not any(
                run.state in ("queued", "starting", "running") for run in self._runs.values()
            )

    def state(self, run_id: str) -> str:
        """Return the state as of now."""
        with self._changed:
            run = self._runs.get(run_id)
            return run.state if run else self.store.last_state(run_id).state

    def is_live(self, run_id: str) -> bool:
        """Return whether this server has the run queued or under way."""
        with self._changed:
            return run_id in self._runs and self._runs[run_id].state not in ENDS

    def wait(self, run_id: str, seconds: float) -> str:
        """Return the state when the run's process is gone, or after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: run_id not in self._runs, seconds)
        return self.state(run_id)

    def close(self) -> None:
        """End every run as interrupted, and every process."""
        atexit.unregister(self.close)
        with self._changed:
            self._closing = True
            while self._queue:
                self._finish(self._queue.popleft(), "interrupted", SERVER_CLOSED)
            for run in self._runs.values():
                if run.child is not None:
                    _send(run.child, ("leave",))
            self._changed.wait_for(lambda: not self._runs, CLOSING_SECONDS)
            for run in self._runs.values():
                if run.child is not None:
                    run.child.process.kill()
            self._changed.wait_for(lambda: not self._runs, CLOSING_SECONDS)
        self.launcher.close()

    def _check_room(self, run_id: str) -> None:
        if self._closing:
            raise RunRefused("The server is closing; start the run when it is back.")
        if len(self._queue) >= QUEUE_MOST:
            raise RunRefused(f"{QUEUE_MOST} runs are waiting already; try again in a while.")
        state = self.store.last_state(run_id).state
        if state in ENDS:
            raise RunRefused(f"This run is {state}; start a new one with the same settings.")

    def _fill(self) -> None:
        while self._queue and self._has_room():
            run = self._queue.popleft()
            run.state = "starting"
            threading.Thread(target=self._attend, args=(run,), name="run", daemon=True).start()

    def _has_room(self) -> bool:
        started = [run.state for run in self._runs.values() if run.state != "queued"]
        working = sum(state in ("starting", "running") for state in started)
        return not self._closing and working < self.limit and len(started) < PROCESSES_MOST

    def _attend(self, run: _Run) -> None:
        """Start a worker for `run` and stay with it until it is gone."""
        try:
            folder = self.store.folder(run.id)
            append_state(folder, "starting")
            child = self.launcher.start_worker()
        except (OSError, RunNotFound) as error:
            with self._changed:
                self._finish(run, "failed", f"No worker could be started: {error}.")
            return
        with self._changed:
            run.child = child
            _send(child, ("run", str(folder), run.entry, run.commands))
            if self._closing:
                _send(child, ("leave",))
        self._hear(run, child)
        code = child.collect()
        locks.wait_free(folder, "worker.lock")
        with self._changed:
            self._settle(run, code)
        with suppress(OSError):
            self.store.prune(set(self._runs))

    def _hear(self, run: _Run, child: Child) -> None:
        while True:
            if child.connection not in connection.wait([child.connection, child.process.sentinel]):
                return
            try:
                _, state, cause = child.connection.recv()
            except (EOFError, OSError):
                return
            with self._changed:
                run.state, run.cause = state, cause
                self._fill()
                self._changed.notify_all()

    def _settle(self, run: _Run, code: int | None) -> None:
        """Give a run whose process is gone its end, if it did not write one itself."""
        with suppress(RunError):
            state = self.store.last_state(run.id).state
            if state in ENDS:
                self._finish(run, state)
                return
        if run.state in ENDS:  # it could not write it: the disk is full
            self._finish(run, run.state, run.cause)
        elif self._closing:
            self._finish(run, "interrupted", SERVER_CLOSED)
        else:
            self._finish(run, "failed", exit_sentence(code))

    def _finish(self, run: _Run, state: str, cause: str | None = None) -> None:
        if cause is not None:
            with suppress(OSError, RunError):  # a full disk, or a folder removed by hand
                append_state(self.store.folder(run.id), state, cause)
        run.state = state
        run.lock.close()
        del self._runs[run.id]
        self._fill()
        self._changed.notify_all()


def _check_finite(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"The value is {value!r}; it must be a finite number.")


def _send(child: Child, message: tuple[Any, ...]) -> None:
    with suppress(OSError):  # the worker has gone: its end is on the way
        child.connection.send(message)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
