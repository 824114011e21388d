"""The pictures of the translation lab: columns in, plotly dicts out; nothing is computed here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from core.metrics.buckets import LEAST_SENTENCES, is_reliable
from core.models.translators import TRANSLATORS
from core.runs.thinning import thinned
from core.runs.views import TableView
from core.training.events import Columns
from pages.components.figures.axes import linear_axis
from pages.components.figures.layout import line_figure
from pages.components.figures.series import updates_end
from pages.components.figures.style import (
    GREY,
    HEIGHT,
    MUTED,
    Figure,
    Trace,
    interval_trace,
    line_trace,
    model_color,
    trained_range,
)

Tables = Mapping[str, TableView]


@dataclass(frozen=True, slots=True)
class Metric:
    """How well a bucket was translated: its name on the axis, its best value, its format."""

    title: str
    best: float
    hover: str


METRICS = {
    "bleu": Metric("BLEU", 100, "%{y:.1f}"),
    "chrf": Metric("chrF", 100, "%{y:.1f}"),
    "token_accuracy": Metric("word accuracy", 1, "%{y:.1%}"),
    "exact_match": Metric("sentences all right", 1, "%{y:.1%}"),
}


def translator_label(name: str) -> str:
    """Return how a translation model is called on the page."""
    return TRANSLATORS[name].label if name in TRANSLATORS else name


def bleu_figure(
    tables: Tables,
    floor: TableView | None = None,
    *,
    metric: str = "bleu",
    trained: tuple[float, float],
    height: int = HEIGHT,
) -> Figure:
    """Return how well each length is translated, a curve a model, with the trained range shaded.

    The floor (another sentence of the same length as hypothesis) is dashed; a bucket that was not
    trained on is square, one of too few sentences hollow and grey.
    """
    shown = METRICS[metric]
    traces: list[Trace] = []
    for model, view in tables.items():
        columns = view.latest.columns
        if columns.get(metric) and metric == "bleu":
            traces.append(_band(columns, model_color(model)))
        if columns.get(metric):
            traces.append(_bucket_curve(model, columns, metric))
    if floor is not None and metric == "bleu" and floor.latest.columns.get("bucket"):
        columns = floor.latest.columns
        traces.append(
            line_trace(
                columns["bucket"],
                columns["bleu"],
                name="floor",
                color=GREY,
                mark="textbook",
                hover=shown.hover,
            )
        )
    points = [point for trace in traces for point in zip(trace["x"], trace["y"], strict=True)]
    end = max((x for x, y in points if None not in (x, y)), default=trained[1])
    return line_figure(
        traces,
        x_axis=linear_axis("reference length (words)", 0, end * 1.03),
        y_axis=linear_axis(shown.title, 0, shown.best * 1.1, grid=True),
        shapes=[trained_range(trained[0], min(trained[1], end * 1.03))],
        height=height,
    )


def _band(columns: Columns, color: str) -> Trace:
    present = [(math.nan if v is None else v) for v in columns.get("low", [])]
    above = [(math.nan if v is None else v) for v in columns.get("high", [])]
    buckets = columns["bucket"]
    is_whole = len(present) == len(above) == len(buckets)
    return interval_trace(buckets, present, above, color=color) if is_whole else _nothing(color)


def _nothing(color: str) -> Trace:
    return interval_trace([], [], [], color=color)


def _bucket_curve(model: str, columns: Columns, metric: str) -> Trace:
    color = model_color(model)
    trace = line_trace(
        columns["bucket"],
        columns[metric],
        name=translator_label(model),
        color=color,
        hover=METRICS[metric].hover,
    )
    counts = columns.get("n") or [LEAST_SENTENCES] * len(columns["bucket"])
    few = [not is_reliable(count) for count in counts]
    trained = columns.get("trained") or [True] * len(few)
    trace |= {"mode": "lines+markers", "cliponaxis": False}
    trace["marker"] = {
        "size": 8,
        "symbol": [
            ("circle" if is_trained else "square") + ("-open" if is_few else "")
            for is_trained, is_few in zip(trained, few, strict=True)
        ],
        "color": [MUTED if is_few else color for is_few in few],
    }
    trace["customdata"] = [_details(columns, row) for row in range(len(columns["bucket"]))]
    trace["hovertemplate"] = (
        f"{trace['name']}, %{{customdata[0]}} words: {METRICS[metric].hover}"
        "<br>%{customdata[1]}<extra></extra>"
    )
    return trace


def _details(columns: Columns, row: int) -> list[str]:
    """Return the lengths of a bucket, and what else is known of it."""

    def at(name: str) -> Any:
        values = columns.get(name) or []
        return values[row] if row < len(values) else None

    low, high = at("low_length"), at("high_length")
    beyond = high is None or not math.isfinite(high)
    lengths = f"{columns['bucket'][row]}" if low is None else f"{low} to {high}"
    if low is not None and beyond:
        lengths = f"{low} or more"
    said = [f"n = {at('n')}"] if at("n") is not None else []
    if at("low") is not None and at("high") is not None:
        said.append(f"BLEU 95 %: {at('low'):.1f} to {at('high'):.1f}")
    for name, words in (("brevity_penalty", "brevity penalty"), ("length_ratio", "length ratio")):
        if at(name) is not None:
            said.append(f"{words} {at(name):.2f}")
    if at("trained") is False:
        said.append("not a trained length")
    return [lengths, "<br>".join(said)]


def progress_figure(tables: Tables, bucket: int, *, total: int) -> Figure:
    """Return BLEU of one bucket over each model's own updates."""
    traces = []
    for model, view in tables.items():
        columns = view.latest.columns
        rows = [i for i, value in enumerate(columns.get("bucket", [])) if value == bucket]
        if not rows:
            continue
        trace = line_trace(
            *thinned([columns["update"][i] for i in rows], [columns["bleu"][i] for i in rows]),
            name=translator_label(model),
            color=model_color(model),
            hover="%{y:.1f}",
        )
        traces.append({**trace, "mode": "lines+markers", "cliponaxis": False})
    return line_figure(
        traces,
        x_axis=linear_axis("update of the model", 0, updates_end(traces, total)),
        y_axis=linear_axis(f"BLEU at {bucket} words", 0, 106, grid=True),
    )


def buckets_of(tables: Tables, column: str = "bucket") -> list[int]:
    """Return the buckets that any of the tables has, shortest first."""
    found = (b for view in tables.values() for b in view.latest.columns.get(column, []))
    return [bucket for bucket, _ in groupby(sorted(found))]
