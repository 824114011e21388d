"""Curves over the updates of a run, with what happened on the way; for every lab."""

import math
from collections.abc import Container, Mapping, Sequence
from typing import Any

from core.runs.thinning import block_means, thinned
from core.training.events import Columns
from pages.components.figures.axes import linear_axis, log10_axis, padded_range
from pages.components.figures.layout import line_figure
from pages.components.figures.style import (
    LOG10_HOVER,
    Figure,
    Mark,
    Trace,
    line_trace,
    threshold_line,
)

Records = Sequence[Mapping[str, Any]]
MARKS = {"diverged": "not finite", "skipped": "skipped", "injected": "planted"}
LAST_POINTS = 5
LABEL_SHARE = 0.016
"""About how much of a chart's width one character of a label takes."""


def loss_figure(
    series: Mapping[str, Columns],
    *,
    settings: Records = (),
    marks: Records = (),
    names: Mapping[str, str],
    colors: Mapping[str, str],
    total: int,
    title: str = "training loss",
    mean_of: int = 1,
) -> Figure:
    """Return the loss against updates on a log axis; changes of a setting are thin lines.

    A loss that is not finite is a labelled line where it happened, not a hole; a model that
    diverged does not decide the frame. A point is the mean of `mean_of` updates: of many models
    the noise would hide all.
    """
    traces = [
        log_trace(columns, "loss", names[model], colors[model], mean_of=mean_of)
        for model, columns in series.items()
    ]
    return updates_figure(
        traces,
        title,
        settings=settings,
        marks=marks,
        names=names,
        total=total,
        outside=lost_names(marks, names),
    )


def lost_names(marks: Records, names: Mapping[str, str]) -> set[str]:
    """Return the names of the models whose loss or gradient was ever not finite."""
    return {names[mark["model"]] for mark in marks if mark["what"] in ("diverged", "skipped")}


def updates_figure(
    traces: Sequence[Trace],
    title: str,
    *,
    settings: Records,
    marks: Records,
    names: Mapping[str, str],
    total: int,
    outside: Container[str] = (),
) -> Figure:
    """Return curves of log10 values over the updates, with what happened as thin lines.

    The curves named in `outside` may leave the frame and have no label: the line of what happened
    names them. Where there are no others, what they did before their end decides.
    """
    traces = [
        {**trace, "showlegend": trace["name"] not in outside and trace.get("showlegend", True)}
        for trace in traces
    ]
    inside = [trace["y"] for trace in traces if trace["name"] not in outside]
    calm = inside or [trace["y"][:-LAST_POINTS] or trace["y"][:1] for trace in traces]
    low, high = padded_range([y for ys in calm for y in ys])
    end = updates_end(traces, total)
    return line_figure(
        traces,
        x_axis=linear_axis("update", 0, end),
        y_axis=log10_axis(title, low, high),
        shapes=event_lines(settings, marks, names, end),
    )


def updates_end(traces: Sequence[Trace], total: int) -> float:
    """Return where the axis of updates ends: it grows by 1, 2, 5, 10 ... as the run does."""
    last = max((x for trace in traces for x in trace["x"] if x is not None), default=1)
    nice = (float(m * 10**power) for power in range(1, 8) for m in (1, 2, 5))
    return min(next(end for end in nice if end >= last), float(max(total, last)))


def log_trace(
    columns: Columns, column: str, name: str, color: str, mark: Mark = "now", *, mean_of: int = 1
) -> Trace:
    """Return one column over the updates, or means of so many of them, thinned, as log10 values."""
    steps, values = columns["step"], columns[column]
    if mean_of > 1:
        steps, values = block_means(steps, values, mean_of)
    steps, values = thinned(steps, values)
    return line_trace(steps, log10_of(values), name=name, color=color, mark=mark, hover=LOG10_HOVER)


def log10_of(values: Sequence[float | None]) -> list[float]:
    """Return log10 of each value; what has none (0, NaN, infinity, not measured) is NaN."""
    return [
        math.log10(v) if v is not None and math.isfinite(v) and v > 0 else math.nan for v in values
    ]


def is_repeated(mark: Mapping[str, Any], marks: Records) -> bool:
    """Return whether a skipped update is not the model's first: one line says it."""
    first = next(m for m in marks if (m["model"], m["what"]) == (mark["model"], mark["what"]))
    return mark["what"] == "skipped" and mark is not first


def event_lines(
    settings: Records, marks: Records, names: Mapping[str, str], end: float
) -> list[dict[str, Any]]:
    """Return a thin line where a setting changed or a run diverged, skipped or was tampered with.

    The last 12 of each; a label that would lie on the one before is left out.
    """
    found = [
        (s["step"], f"{s['name'].replace('_', ' ')} {s['value']:.3g}")
        for s in settings
        if s["name"] != "inject"
    ][-12:]
    found += [
        (mark["step"], f"{names.get(mark['model'], '')} {MARKS[mark['what']]}".strip())
        for mark in marks
        if mark["what"] in MARKS and not is_repeated(mark, marks)
    ][-12:]
    lines, free_from = [], -math.inf
    for step, label in sorted(found):
        fits = step >= free_from
        lines.append(threshold_line(step, label if fits else "", axis="x"))
        if fits:
            free_from = step + end * LABEL_SHARE * len(label)
    return lines
