"""How a run is steered: what the server asks for, obeyed by the lab's thread between two rounds."""

import queue
import time
from collections.abc import Callable
from typing import Any

from core.errors import ConfigError
from core.training.dials import Dials

STOP_SECONDS = 5.0
"""A stop waits this long for the end of a round; then the process is left as it is."""

COMMANDS = ("pause", "resume", "step", "stop", "turn", "pace")


class Control:
    """The commands of one run.

    The listening thread calls `ask`; the lab's thread reads `busy` after every round, which is
    all that steering costs, and calls `obey` when it is set.
    """

    def __init__(self, report: Callable[[str], None], note: Callable[[str], None]) -> None:
        self.busy = False
        self.stopping = False
        self.stop_due = float("inf")
        self.dials = Dials()
        self._report, self._note = report, note
        self._asked: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._paused = False
        self._rounds_owed = 0
        self._pace = 0.0
        self._step = 0
        self._released = (0.0, 0)

    def ask(self, command: tuple[Any, ...]) -> None:
        """Take a command from the server; any thread may call."""
        if command[0] == "stop" and not self.stopping:
            self.stop_due = time.monotonic() + STOP_SECONDS
            self.stopping = True
        self._asked.put(command)
        self.busy = True

    def fail(self, error: Exception) -> None:
        """Let the lab's thread raise `error` at the end of its round."""
        self._failure = error
        self.ask(("wake",))

    def obey(self, step: int) -> None:
        """Do what was asked and return when the next round may start, or when stopped."""
        self.busy, self._step = False, step
        while True:
            while not self._asked.empty():
                self._do(self._asked.get())
            if self._failure is not None:
                raise self._failure
            if self.stopping:
                break
            if self._paused and self._rounds_owed == 0:
                self._do(self._asked.get())
                continue
            seconds = 0.0 if self._paused else self._seconds_to_wait()
            if seconds <= 0:
                break
            self._wait(seconds)
        self._rounds_owed = max(0, self._rounds_owed - 1)
        self._released = (time.monotonic(), step)
        if self._paused or self._pace > 0:
            self.busy = True

    def _seconds_to_wait(self) -> float:
        released_at, released_step = self._released
        if self._pace <= 0:
            return 0.0
        return released_at + (self._step - released_step) / self._pace - time.monotonic()

    def _wait(self, seconds: float) -> None:
        try:
            self._do(self._asked.get(timeout=seconds))
        except queue.Empty:
            return

    def _do(self, command: tuple[Any, ...]) -> None:
        try:
            match command:
                case ("pause",):
                    self._pause(rounds=0)
                case ("step",):
                    self._pause(rounds=self._rounds_owed + 1)
                case ("resume",):
                    self._resume()
                case ("turn", name, value):
                    self.dials.turn(name, value)
                case ("pace", updates_per_second):
                    self._pace = max(0.0, float(updates_per_second))
                    self._released = (time.monotonic(), self._step)
                case _:  # "stop" and "wake" only end a wait
                    pass
        except (ConfigError, ValueError, TypeError) as error:
            self._note(str(error))

    def _pause(self, rounds: int) -> None:
        self._rounds_owed = rounds
        if not self._paused:
            self._paused = True
            self._report("paused")

    def _resume(self) -> None:
        self._rounds_owed = 0
        if self._paused:
            self._paused = False
            self._report("running")
