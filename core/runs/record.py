"""A run as it is read: the events so far, as columns; read on from where the last look ended."""

import json
import math
import re
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import RunNotFound
from core.runs.states import ENDS
from core.runs.store import RunStore
from core.runs.views import ArrayRef, ArrayView, TableAt, TableView
from core.training.events import Columns, number

OPEN_MOST = 16
RECENT_PROGRESS = 12
LEAST_SECONDS = 0.5
LOOK_SECONDS = 0.01
_NAMES = {"nan", "inf", "-inf"}
_ARRAY_FILE = re.compile(r"arrays/\d{6}\.npy")

Record = dict[str, Any]


@dataclass(eq=False)
class RunRecord:
    """Everything a run has said so far. `refresh` reads on; any thread may call anything.

    The lists of `series` grow while a run lasts: take them through `columns`, which returns
    copies of equal length. `version` changes whenever something was read.
    """

    folder: Path
    version: int = 0
    state: str = "queued"
    cause: str = ""
    step: int = 0
    total: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    series: dict[str, Columns] = field(default_factory=dict)
    tables: dict[tuple[str, str], TableView] = field(default_factory=dict)
    arrays: dict[tuple[str, str], ArrayView] = field(default_factory=dict)
    checkpoints: list[Record] = field(default_factory=list)
    settings: list[Record] = field(default_factory=list)
    marks: list[Record] = field(default_factory=list)
    notes: list[Record] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    words_step: int = 0
    verdicts: dict[int, Record] = field(default_factory=dict)
    result: Record | None = None
    _offset: int = 0
    _progress: deque[tuple[float, int]] = field(
        default_factory=lambda: deque(maxlen=RECENT_PROGRESS)
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will be said."""
        return self.state in ENDS

    @property
    def updates_per_second(self) -> float | None:
        """Updates a second over the last seconds of running; None before there is half a second."""
        looks = self.looks
        if len(looks) < 2 or looks[-1][0] < looks[0][0] + LEAST_SECONDS:
            return None
        return (looks[-1][1] - looks[0][1]) / (looks[-1][0] - looks[0][0])

    @property
    def looks(self) -> list[tuple[float, int]]:
        """The newest tellings of progress since the run was last set going: (when, update)."""
        return list(self._progress)

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the last update at the speed of now; None when that is not known."""
        speed = self.updates_per_second
        if self.state != "running" or not speed:
            return None
        return (self.total - self.step) / speed

    def refresh(self) -> bool:
        """Read what was written since the last call; return whether there was anything.

        Raises:
            RunNotFound: the run was removed.
        """
        with self._lock:
            lines = self._new_lines()
            for line in lines:
                try:
                    self._take(json.loads(line))
                except (ValueError, KeyError, TypeError):
                    continue  # a line cut short by a kill
            self.version += bool(lines)
            return bool(lines)

    def columns(self, model: str) -> Columns:
        """Return a copy of the series of `model`: lists of one length; {} before its first row."""
        with self._lock:
            return {name: list(values) for name, values in self.series.get(model, {}).items()}

    def load_array(self, ref: ArrayRef) -> "np.ndarray[Any, Any]":
        """Return the array that `ref` names.

        Raises:
            RunNotFound: the run was removed, or its file cannot be read.
        """
        try:
            if not _ARRAY_FILE.fullmatch(ref.file):
                raise ValueError("not the name of an array file")
            return np.asarray(np.load(self.folder / ref.file, allow_pickle=False))
        except (OSError, ValueError) as error:
            raise RunNotFound(f"The array '{ref.name}' of this run cannot be read.") from error

    def error_text(self) -> str:
        """Return the traceback of a run that crashed; empty when there is none."""
        path = self.folder / "error.txt"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _new_lines(self) -> list[bytes]:
        try:
            with open(self.folder / "events.jsonl", "rb") as events:
                events.seek(self._offset)
                data = events.read()
        except OSError as error:
            if self.folder.exists():
                return []  # nothing was said yet
            raise RunNotFound("This run was removed, by hand, age or size.") from error
        whole, newline, _ = data.rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        return whole.split(b"\n") if newline else []

    def _take(self, record: Record) -> None:
        match record["kind"]:
            case "series":
                self._take_rows(record)
            case "progress":
                self.step, self.total = record["step"], record["total"]
                self._progress.append((record["at"], record["step"]))
            case "state":
                self._take_state(record)
            case "table":
                self._take_table(record)
            case "array":
                self._take_array(record)
            case "words":
                self.words, self.words_step = record["sentences"], record["step"]
            case "verdict":
                self.verdicts[record["claim"]] = _with_numbers(record)
            case "result":
                rows = [_with_numbers(row) for row in record["results"]]
                self.result = _with_numbers(record) | {"results": rows}
            case "setting" | "mark" | "note" | "checkpoint" as kind:
                getattr(self, f"{kind}s").append(_with_numbers(record))
            case _:  # written by a later version
                pass

    def _take_state(self, record: Record) -> None:
        self.state, self.cause = record["state"], record["cause"]
        self._progress.clear()
        if self.state == "running":
            self.started_at = self.started_at or record["at"]
            self._progress.append((record["at"], self.step))
        if self.is_ended:
            self.ended_at = record["at"]

    def _take_rows(self, record: Record) -> None:
        columns = self.series.setdefault(record["model"], {})
        before = max(map(len, columns.values()), default=0)
        for name, values in record["columns"].items():
            if name not in columns:
                columns[name] = [math.nan] * before
            columns[name].extend(_numbers(values))
        after = max(map(len, columns.values()), default=0)
        for column in columns.values():
            column.extend([math.nan] * (after - len(column)))

    def _take_table(self, record: Record) -> None:
        key = (record["name"], record["model"])
        table = TableAt(record["step"], _columns(record["columns"]))
        self.tables[key] = TableView(self.tables[key].first if key in self.tables else table, table)

    def _take_array(self, record: Record) -> None:
        key = (record["name"], record["model"])
        shape, labels = tuple(record["shape"]), _columns(record["labels"])
        ref = ArrayRef(*key, record["step"], shape, labels, record["file"])
        self.arrays[key] = ArrayView(self.arrays[key].first if key in self.arrays else ref, ref)


_open: OrderedDict[tuple[Path, str], RunRecord] = OrderedDict()
_open_lock = threading.Lock()


def open_record(store: RunStore, run_id: str) -> RunRecord:
    """Return the record of `run_id`, read up to now; all who ask share one reader.

    Raises:
        RunNotFound: no run has this id (any more).
    """
    folder, key = store.folder(run_id), (store.home, run_id)
    with _open_lock:
        record = _open.setdefault(key, RunRecord(folder))
        _open.move_to_end(key)
        if len(_open) > OPEN_MOST:
            _open.popitem(last=False)
    record.refresh()
    return record


def wait_for_rows(store: RunStore, run_id: str, seconds: float) -> RunRecord:
    """Return the record of `run_id` once it has its first rows or its end, or after `seconds`.

    A run says its first rows some 60 to 250 ms after it was submitted: less than a page waits
    until it looks again.

    Raises:
        RunNotFound: no run has this id (any more).
    """
    latest = time.monotonic() + seconds
    record = open_record(store, run_id)
    while not (record.series or record.is_ended) and time.monotonic() < latest:
        time.sleep(LOOK_SECONDS)
        record.refresh()
    return record


def _columns(columns: Columns) -> Columns:
    return {name: _numbers(values) for name, values in columns.items()}


def _numbers(values: list[Any]) -> list[Any]:
    """Return the floats that are not finite as floats, unless they are words among words."""
    words = [value for value in values if isinstance(value, str)]
    if words and _NAMES.issuperset(words):
        return [number(value) for value in values]
    if any(isinstance(value, list) for value in values):
        return [_numbers(value) if isinstance(value, list) else value for value in values]
    return values


def _with_numbers(record: Record) -> Record:
    return {
        key: number(value) if isinstance(value, str) else value for key, value in record.items()
    }
