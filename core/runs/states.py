"""The states of a run and the lines of events.jsonl that say them."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENDS = ("done", "stopped", "failed", "interrupted")
STATES = ("queued", "starting", "running", "paused", *ENDS)
_TAIL_BYTES = 1 << 16
_TELLING = (b'{"kind": "state"', b'{"kind": "progress"')


@dataclass(frozen=True, slots=True, kw_only=True)
class LastState:
    """Where a run stands according to the last lines of its events."""

    state: str = "queued"
    cause: str = ""
    step: int = 0
    total: int = 0


def state_line(state: str, cause: str = "") -> bytes:
    """Return the line of events.jsonl that says that a run is now in `state`."""
    record = {"kind": "state", "state": state, "at": time.time(), "cause": cause}
    return json.dumps(record).encode() + b"\n"


def append_state(folder: Path, state: str, cause: str = "") -> None:
    """Append a state line, on a line of its own even after a writer was killed within a line."""
    descriptor = os.open(folder / "events.jsonl", os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        os.lseek(descriptor, max(0, size - 1), os.SEEK_SET)
        broken = size > 0 and os.read(descriptor, 1) != b"\n"
        os.write(descriptor, (b"\n" if broken else b"") + state_line(state, cause))
    finally:
        os.close(descriptor)


def last_state(folder: Path) -> LastState:
    """Return where the run in `folder` stands; only the end of a long file is read.

    A long file whose end holds no state line is a run under way: every other state is the last
    thing that is written for as long as it lasts.
    """
    try:
        with open(folder / "events.jsonl", "rb") as events:
            size = events.seek(0, os.SEEK_END)
            events.seek(max(0, size - _TAIL_BYTES))
            lines = events.read().split(b"\n")
    except OSError:
        return LastState()
    whole = size <= _TAIL_BYTES
    found: dict[str, Any] = {} if whole else {"state": "running"}
    for line in lines if whole else lines[1:]:
        if line.startswith(_TELLING):
            found |= _parsed(line)
    return LastState(**{name: found[name] for name in LastState.__slots__ if name in found})


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}
