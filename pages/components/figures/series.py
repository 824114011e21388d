"""Curves over the updates of a run, with what happened on the way; for every lab."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from core.runs.thinning import thinned
from core.training.events import Columns
from pages.components.figures.axes import linear_axis, log10_axis, padded_range
from pages.components.figures.layout import line_figure
from pages.components.figures.style import (
    LOG10_HOVER,
    Figure,
    line_trace,
    threshold_line,
)


def loss_figure(
    series: Mapping[str, Columns],
    *,
    settings: Sequence[Mapping[str, Any]] = (),
    marks: Sequence[Mapping[str, Any]] = (),
    names: Mapping[str, str],
    colors: Mapping[str, str],
    total: int,
    title: str = "training loss",
) -> Figure:
    """Return the loss against updates on a log axis; changes of a setting are thin lines.

    A loss that is not finite is a labelled line where it happened, not a hole.
    """
    traces = []
    for model, columns in series.items():
        steps, losses = thinned(columns["step"], log10_of(columns["loss"]))
        trace = line_trace(
            steps, losses, name=names[model], color=colors[model], mark="now", hover=LOG10_HOVER
        )
        traces.append(trace)
    low, high = padded_range([y for trace in traces for y in trace["y"]])
    return line_figure(
        traces,
        x_axis=linear_axis("update", 0, max(total, 1)),
        y_axis=log10_axis(title, low, high),
        shapes=[*setting_lines(settings), *mark_lines(marks, names)],
    )


def log10_of(values: Sequence[float | None]) -> list[float]:
    """Return log10 of each value; what has none (0, NaN, infinity, not measured) is NaN."""
    return [
        math.log10(v) if v is not None and math.isfinite(v) and v > 0 else math.nan for v in values
    ]


def setting_lines(settings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a thin labelled line where a live setting changed; of many the last 12."""
    return [
        threshold_line(s["step"], f"{s['name'].replace('_', ' ')} {s['value']:.3g}", axis="x")
        for s in list(settings)[-12:]
        if s["name"] != "inject"
    ]


def mark_lines(
    marks: Sequence[Mapping[str, Any]], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return a thin labelled line where a run diverged, skipped an update or solved its task."""
    words = {"diverged": "not finite", "skipped": "skipped", "injected": "planted"}
    shown = [mark for mark in marks if mark["what"] in words][-12:]
    return [
        threshold_line(
            mark["step"], f"{names.get(mark['model'], '')} {words[mark['what']]}".strip(), axis="x"
        )
        for mark in shown
    ]
