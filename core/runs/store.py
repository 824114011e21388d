"""A run is a folder: `HOME/runs/<id>/` with config.json, events.jsonl and the files that it names.

    config.json         what was asked for, by whom, when
    events.jsonl        one record a line, appended while the run lasts
    arrays/*.npy        numbers too many for a line; read without pickle
    checkpoints/*.pt    weights; read as weights only
    text.txt            a visitor's own text, readable by this user alone
    error.txt           the traceback of a crash
    *.lock              held by whoever is at work on the run

No torch here: the server reads these.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import RunError, RunNotFound
from core.labs.config_json import config_to_json
from core.runs import locks
from core.runs.states import ENDS, LastState, append_state, last_state

UNBORN_SECONDS = 60.0
_ID = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCaps:
    """What the store keeps at most: days, runs, and megabytes of all runs together."""

    days: float = 7.0
    runs: int = 200
    megabytes: float = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """What a run was started with; `config` is JSON, see `core.labs.config.config_from_json`."""

    id: str
    lab: str
    config: dict[str, Any]
    created: float
    visitor: str
    label: str
    has_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One row of a list of runs; `config` as in `RunHeader`."""

    id: str
    lab: str
    config: dict[str, Any]
    label: str
    created: float
    state: str
    cause: str
    step: int
    total: int


def default_home() -> Path:
    """Return the folder that SEQSCOPE_HOME names, else `.seqscope` in the current folder."""
    return Path(os.environ.get("SEQSCOPE_HOME") or ".seqscope").resolve()


class RunStore:
    """The runs on disk below `home`."""

    def __init__(self, home: Path | str | None = None, caps: StoreCaps | None = None) -> None:
        self.home = Path(home).resolve() if home is not None else default_home()
        self.caps = caps or StoreCaps()
        self._runs = self.home / "runs"
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._runs.mkdir(mode=0o700, exist_ok=True)

    def create(
        self, lab: str, config: Any, *, visitor: str = "", label: str = "", text: str | None = None
    ) -> str:
        """Make the folder of a new run and return its id; `text` is the visitor's own."""
        run_id = secrets.token_hex(12)
        folder = self._runs / run_id
        folder.mkdir(mode=0o700)
        if text is not None:
            _write_private(folder / "text.txt", text)
        header = {
            "lab": lab,
            "config": config_to_json(config),
            "created": time.time(),
            "visitor": visitor,
            "label": label,
            "seed": getattr(config, "seed", None),
        }
        _write_private(folder / "config.json", json.dumps(header, indent=1))
        return run_id

    def folder(self, run_id: str) -> Path:
        """Return the folder of `run_id`.

        Raises:
            RunNotFound: the id has not the form of one, or there is no such run (any more).
        """
        folder = self._runs / run_id
        if not _ID.fullmatch(run_id) or not (folder / "config.json").is_file():
            raise RunNotFound(
                "No run has this id: it was removed, by hand, age or size, or the link is "
                "incomplete. Start it again from the lab's page."
            )
        return folder

    def header(self, run_id: str) -> RunHeader:
        """Return what `run_id` was started with."""
        folder = self.folder(run_id)
        try:
            stored = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            return RunHeader(
                id=run_id,
                lab=stored["lab"],
                config=stored["config"],
                created=stored["created"],
                visitor=stored["visitor"],
                label=stored["label"],
                has_text=(folder / "text.txt").exists(),
            )
        except (OSError, ValueError, KeyError) as error:
            raise RunNotFound("This run's settings cannot be read; start it again.") from error

    def last_state(self, run_id: str) -> LastState:
        """Return where `run_id` stands, read from the end of its events."""
        return last_state(self.folder(run_id))

    def ids(self) -> list[str]:
        """Return the ids of all runs of all visitors, newest first."""
        return [run_id for _, run_id in sorted(self._by_age(), reverse=True)]

    def listing(self, visitor: str) -> list[RunSummary]:
        """Return the runs of `visitor`, newest first."""
        return [self._summary(header) for header in self._headers() if header.visitor == visitor]

    def delete(self, run_id: str) -> None:
        """Remove `run_id` and all its files.

        Raises:
            RunError: it is queued or under way.
        """
        folder = self.folder(run_id)
        if locks.is_held(folder):
            raise RunError("This run is queued or under way: stop it before you delete it.")
        shutil.rmtree(folder, ignore_errors=True)

    def prune(self, keep: set[str]) -> list[str]:
        """Remove runs beyond the caps, oldest first, never one in `keep` or at work; return ids."""
        removed, total_bytes = [], 0
        oldest = time.time() - self.caps.days * 86400
        for count, (created, run_id) in enumerate(sorted(self._by_age(), reverse=True), 1):
            folder = self._runs / run_id
            total_bytes += _folder_bytes(folder)
            over = count > self.caps.runs or total_bytes > self.caps.megabytes * 1e6
            if not over and created >= oldest:
                continue
            if run_id not in keep and not _is_unborn(folder, created) and not locks.is_held(folder):
                shutil.rmtree(folder, ignore_errors=True)
                removed.append(run_id)
        return removed

    def interrupt_orphans(self) -> list[str]:
        """Mark as interrupted each run without an end that nobody is at work on; return ids."""
        orphans = []
        for created, run_id in self._by_age():
            folder = self._runs / run_id
            if last_state(folder).state in ENDS or _is_unborn(folder, created):
                continue
            if locks.is_held(folder):
                continue
            append_state(folder, "interrupted", "The server ended while this run was under way.")
            orphans.append(run_id)
        return orphans

    def _by_age(self) -> Iterator[tuple[float, str]]:
        for folder in self._runs.iterdir():
            if _ID.fullmatch(folder.name):
                with suppress(OSError):  # removed meanwhile
                    yield (folder / "config.json").stat().st_mtime, folder.name

    def _headers(self) -> Iterator[RunHeader]:
        for run_id in self.ids():
            try:
                yield self.header(run_id)
            except RunNotFound:
                continue

    def _summary(self, header: RunHeader) -> RunSummary:
        last = last_state(self._runs / header.id)
        return RunSummary(
            id=header.id,
            lab=header.lab,
            config=header.config,
            label=header.label,
            created=header.created,
            state=last.state,
            cause=last.cause,
            step=last.step,
            total=last.total,
        )


def read_config(folder: Path) -> dict[str, Any]:
    """Return the config, as JSON, of the run in `folder`."""
    stored = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return dict(stored["config"])


def read_text(folder: Path) -> str | None:
    """Return the visitor's own text of the run in `folder`, or None when it has none."""
    path = folder / "text.txt"
    if not path.exists():
        return None
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _is_unborn(folder: Path, created: float) -> bool:
    young = time.time() - created < UNBORN_SECONDS
    return young and not (folder / "events.jsonl").exists()


def _folder_bytes(folder: Path) -> int:
    sizes = (path.lstat().st_size for path in folder.rglob("*"))
    try:
        return sum(sizes)
    except OSError:
        return 0


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(text)
