"""What the worker writes into a run's folder while a lab tells its events."""

import json
import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import RunError
from core.runs.states import ENDS, state_line
from core.training.events import (
    ArrayEvent,
    CheckpointEvent,
    Event,
    ProgressEvent,
    VerdictEvent,
    as_record,
)

PROGRESS_SECONDS = 0.25
FLUSH_SECONDS = 0.1
RUN_MEGABYTES = 200.0


class EventWriter:
    """Appends a run's events to its folder: one line each, whole lines only.

    The thread of the lab calls `add` and sets `progress`; another calls `flush` a few times a
    second. After a silence `add` writes at once, so that a first event is seen without delay.
    Arrays and weights are always written by `add` itself, since the lab goes on to change them.
    """

    def __init__(self, folder: Path, megabytes: float = RUN_MEGABYTES) -> None:
        self.folder = folder
        self.progress: ProgressEvent | None = None
        self._lines: deque[bytes] = deque()
        self._bytes_left = megabytes * 1e6
        self._files = 0
        self._ended = False
        self._written: ProgressEvent | None = None
        self._progress_due = 0.0
        self._flush_due = 0.0
        self._lock = threading.Lock()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._descriptor = os.open(folder / "events.jsonl", flags, 0o600)

    def add(self, event: Event) -> None:
        """Take `event` for the next flush; its file, if it has one, is written now.

        Raises:
            RunError: the run has written as much as one run may.
            OSError: the disk is full.
        """
        record = as_record(event)
        if isinstance(event, ArrayEvent):
            record |= {"file": self._save_array(event), "shape": list(event.array.shape)}
        elif isinstance(event, CheckpointEvent):
            record["file"] = self._save_weights(event)
        elif isinstance(event, VerdictEvent):
            record["at"] = time.time()  # a verdict is shown with when it was come to
        self._add_record(record)

    def note(self, text: str) -> None:
        """Record a sentence about the run that no event says (a command that was refused)."""
        self._add_record({"kind": "note", "at": time.time(), "text": text})

    def state(self, state: str, cause: str = "") -> None:
        """Write everything that waits, the newest progress, and then the state."""
        with self._lock:
            self._take_progress()
            self._lines.append(state_line(state, cause))
            self._ended = state in ENDS
            self._write()

    def flush(self) -> None:
        """Write what waits; progress at most four times a second."""
        with self._lock:
            if time.monotonic() >= self._progress_due:
                self._take_progress()
            if self._lines:
                self._flush_due = time.monotonic() + FLUSH_SECONDS
                self._write()

    def leave(self, state: str, cause: str) -> None:
        """Write a last state on the way out, unless another thread is stuck within a write."""
        if self._lock.acquire(timeout=1.0) and not self._ended:
            self._lines.append(state_line(state, cause))
            self._write()

    def close(self) -> None:
        """Write what waits and close the file."""
        self.flush()
        os.close(self._descriptor)

    def _add_record(self, record: dict[str, Any]) -> None:
        line = json.dumps(record, allow_nan=False).encode() + b"\n"
        self._spend(len(line))
        self._lines.append(line)
        if time.monotonic() >= self._flush_due:
            self.flush()

    def _take_progress(self) -> None:
        progress = self.progress
        if progress is None or progress is self._written:
            return
        self._written = progress
        self._progress_due = time.monotonic() + PROGRESS_SECONDS
        record = as_record(progress)
        record = {"kind": record.pop("kind"), **record, "at": time.time()}
        self._lines.append(json.dumps(record).encode() + b"\n")

    def _write(self) -> None:
        data = memoryview(b"".join(self._lines.popleft() for _ in range(len(self._lines))))
        while data:
            data = data[os.write(self._descriptor, data) :]

    def _next_file(self, folder: str, ending: str) -> str:
        (self.folder / folder).mkdir(mode=0o700, exist_ok=True)
        self._files += 1
        return f"{folder}/{self._files:06d}{ending}"

    def _save_array(self, event: ArrayEvent) -> str:
        self._spend(event.array.nbytes)
        name = self._next_file("arrays", ".npy")
        np.save(self.folder / name, event.array, allow_pickle=False)
        return name

    def _save_weights(self, event: CheckpointEvent) -> str:
        import torch

        name = self._next_file("checkpoints", ".pt")
        torch.save(event.state, self.folder / name)
        self._spend((self.folder / name).stat().st_size)
        return name

    def _spend(self, size: int) -> None:
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise RunError(
                f"This run wrote more than the {RUN_MEGABYTES:.0f} MB that one run may; "
                "make it shorter, smaller, or record less often."
            )
