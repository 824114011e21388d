"""What a run tells: small frozen events, tagged with `kind`.

A lab is a generator of these. The worker writes them, any number of pages read them. This
module knows no torch, so that the server reads events without importing it.
"""

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

Columns = dict[str, list[Any]]
Scalar = float | int | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """`step` of `total` rounds are done. Yielded after every round: commands act between two."""

    step: int
    total: int
    kind: Literal["progress"] = "progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEvent:
    """One row an update of `model`: `columns["step"]` and equally long lists beside it."""

    model: str
    columns: Columns
    kind: Literal["series"] = "series"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEvent:
    """What a diagnostic found at `step`: the newest table of a (name, model) is the current one."""

    name: str
    model: str
    step: int
    columns: Columns
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayEvent:
    """A picture's worth of numbers (a heatmap), stored as a file; `labels` name its axes' ticks."""

    name: str
    model: str
    step: int
    array: np.ndarray
    labels: Columns = field(default_factory=dict)
    kind: Literal["array"] = "array"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingEvent:
    """A live setting took effect: the update after `step` is the first that used `value`."""

    step: int
    name: str
    value: float
    kind: Literal["setting"] = "setting"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkEvent:
    """Something worth a mark on the chart happened to `model` at `step`.

    `what` is "diverged", "skipped", "injected" or "solved"; `text` says it in words.
    """

    model: str
    step: int
    what: Literal["diverged", "skipped", "injected", "solved"]
    text: str
    kind: Literal["mark"] = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsEvent:
    """What is seen here and now, in sentences with numbers; the newest replaces the one before."""

    step: int
    sentences: list[str]
    kind: Literal["words"] = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictEvent:
    """A claim was put to the test: see `core.claims.finding.Finding` for the fields."""

    claim: int
    verdict: Literal["supported", "refuted", "depends"]
    measured: str
    threshold: str
    n: int
    seconds: float
    sentence: str
    kind: Literal["verdict"] = "verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointEvent:
    """The weights of `model` at `step`: `state` is its state_dict; stored as a file."""

    model: str
    step: int
    state: dict[str, Any]
    kind: Literal["checkpoint"] = "checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultEvent:
    """The end of a run: one row a model, and the signature that makes the numbers comparable."""

    signature: str
    device: str
    seconds: float
    results: list[dict[str, Any]]
    kind: Literal["result"] = "result"


Event = (
    ProgressEvent
    | SeriesEvent
    | TableEvent
    | ArrayEvent
    | SettingEvent
    | MarkEvent
    | WordsEvent
    | VerdictEvent
    | CheckpointEvent
    | ResultEvent
)


def to_json(value: Any) -> Any:
    """Return `value` as strict JSON holds it: a float that is not finite becomes its name.

    "nan", "inf" and "-inf" come back as floats through `number`.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, np.generic):
        return to_json(value.item())
    return value


def as_record(event: Event) -> dict[str, Any]:
    """Return `event` as a strict-JSON dict; arrays and weights are left to the store."""
    names = [f.name for f in dataclasses.fields(event) if f.name not in ("array", "state")]
    return {name: to_json(getattr(event, name)) for name in names}


def number(value: Any) -> Any:
    """Return the float that `to_json` wrote as a name; anything else unchanged."""
    return float(value) if value in ("nan", "inf", "-inf") else value
