"""What a classifier answers right and wrong, and how sure it is: columns in, plotly dicts out."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.labs.sentiment_shown import confusion_matrix
from core.runs.views import TableView
from core.training.events import Columns
from pages.components.figures.axes import linear_axis, padded_range
from pages.components.figures.dots import reach, rows_margin, whiskers
from pages.components.figures.layout import heatmap_figure, line_figure
from pages.components.figures.sentiment import PERCENT, classifier_label, short_name
from pages.components.figures.style import (
    MUTED,
    Figure,
    Trace,
    heatmap_trace,
    line_trace,
    model_color,
    plain,
)

Tables = Mapping[str, TableView]
LEAST_TEXTS = 20
"""Of fewer, a bin of lengths is in the table only."""
MOST_COUNTED = 12
"""With more classes the cells are too small for their counts."""
_BACKDROP = 0.35


def confusion_figure(columns: Columns) -> Figure:
    """Return how often each class was taken for which: shares of a reference as colours, counts."""
    classes, counts, shares = confusion_matrix(columns)
    names = [plain(short_name(name)) for name in classes]
    trace = heatmap_trace(shares, title="share", low=0, high=1)
    trace["customdata"] = [
        [
            f"{plain(row)} taken for {plain(column)}: {n:,}"
            for column, n in zip(classes, found, strict=True)
        ]
        for row, found in zip(classes, counts, strict=True)
    ]
    trace["hovertemplate"] = "%{customdata} (%{z:.1%} of the row)<extra></extra>"
    if len(classes) <= MOST_COUNTED:
        trace["text"] = [
            [f"{n:,}<br>{share:.0%}" for n, share in zip(found, row, strict=True)]
            for found, row in zip(counts, shares, strict=True)
        ]
        trace["texttemplate"] = "%{text}"
    trace["xgap"] = trace["ygap"] = 2
    trace["colorbar"]["tickformat"] = ".0%"
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    ends = (-0.5, len(names) - 0.5)
    figure = heatmap_figure(
        trace,
        x_axis=linear_axis("predicted", *ends) | ticks | {"tickangle": 0 if len(names) < 4 else 45},
        y_axis=linear_axis("reference", *ends[::-1]) | ticks,
    )
    margin = figure["layout"]["margin"]
    margin["l"] = rows_margin([short_name(name) for name in classes])
    margin["b"] = 46 if len(names) < 4 else 34 + 5 * max(map(len, names))
    return figure


def calibration_figure(tables: Tables, chosen: str) -> Figure:
    """Return accuracy against confidence: a dot a bin, its area the answers in it.

    The dashed diagonal is a model that is right as often as it says. The model `chosen` is full,
    the others stand pale behind it.
    """
    diagonal = line_trace([0, 1], [0, 1], name="", color=MUTED, mark="textbook")
    traces: list[Trace] = [{**diagonal, "showlegend": False, "hoverinfo": "skip"}]
    for model, columns in _chosen_last(tables, chosen):
        trace = _curve(model, columns["confidence"], columns["accuracy"], is_chosen=model == chosen)
        most = max(columns["n"], default=1) or 1
        trace["marker"] = {
            "color": model_color(model),
            "size": [4 + 14 * (n / most) ** 0.5 if model == chosen else 3 for n in columns["n"]],
            "line": {"width": 0},
        }
        trace["customdata"] = [f"{n:,} answers" for n in columns["n"]]
        trace["showlegend"] = model == chosen
        trace["hovertemplate"] = (
            f"{trace['name']}: says %{{x:.1%}}, right %{{y:.1%}}<br>%{{customdata}}<extra></extra>"
        )
        traces.append(trace)
    seen = [x for trace in traces[1:] for x in trace["x"]]
    low = min(seen, default=0.5) - 0.03
    heights = [y for trace in traces[1:] for y in trace["y"]]
    return line_figure(
        traces,
        x_axis=linear_axis("confidence (probability of the answer)", low, 1.01, grid=True)
        | PERCENT,
        y_axis=linear_axis("share right", min([low, *heights]) - 0.02, 1.04) | PERCENT,
    )


def ece_of(columns: Columns) -> float | None:
    """Return the calibration error of a model, once it is known."""
    known = columns.get("ece") or [None]
    value: float | None = known[0]
    return value


def length_figure(tables: Tables, chosen: str) -> Figure:
    """Return accuracy by the length of the text; the model `chosen` has its intervals.

    Bins of fewer than `LEAST_TEXTS` texts are left out.
    """
    found = [(model, _reliable(columns)) for model, columns in _chosen_last(tables, chosen)]
    bins = sorted({row for _, columns in found for row in _bins(columns)})
    traces: list[Trace] = []
    for model, columns in found:
        places = [bins.index(row) for row in _bins(columns)]
        trace = _curve(model, places, columns["accuracy"], is_chosen=model == chosen)
        if model == chosen:
            right, lows, highs = (
                columns[name] for name in ("accuracy", "accuracy_low", "accuracy_high")
            )
            trace["error_y"] = whiskers(
                [reach(high, at) for high, at in zip(highs, right, strict=True)],
                [reach(at, low) for at, low in zip(right, lows, strict=True)],
            )
        trace["customdata"] = [
            f"{bin_name(*row)} words, n = {n:,}"
            for row, n in zip(_bins(columns), columns["n"], strict=True)
        ]
        trace["hovertemplate"] = f"{trace['name']}: %{{y:.1%}}<br>%{{customdata}}<extra></extra>"
        traces.append(trace)
    ends = ("accuracy", "accuracy_low", "accuracy_high")
    low, high = padded_range(
        [y for model, own in found for n in (ends if model == chosen else ends[:1]) for y in own[n]]
    )
    return line_figure(
        traces,
        x_axis=linear_axis("words in a text", -0.3, max(len(bins) - 0.7, 0.7))
        | {
            "tickmode": "array",
            "tickvals": list(range(len(bins))),
            "ticktext": [bin_name(*row) for row in bins],
            "tickangle": 0 if len(bins) < 6 else -30,
        },
        y_axis=linear_axis("accuracy", low, high) | PERCENT,
    )


def bin_name(low: float, high: float) -> str:
    """Return the words of a bin that ends at `high`, which may be infinite."""
    return f"{low:g}+" if high == float("inf") else f"{low:g}\N{EN DASH}{high:g}"


def _reliable(columns: Columns) -> Columns:
    rows = [i for i, n in enumerate(columns["n"]) if n >= LEAST_TEXTS]
    return {name: [values[i] for i in rows] for name, values in columns.items()}


def _bins(columns: Columns) -> list[tuple[float, float]]:
    return [
        (low, float("inf") if high is None else high)
        for low, high in zip(columns.get("low", []), columns.get("high", []), strict=True)
    ]


def _chosen_last(tables: Tables, chosen: str) -> list[tuple[str, Columns]]:
    """Return the filled tables, that of the model `chosen` drawn over the others."""
    models = sorted(tables, key=lambda model: model == chosen)
    found = [(model, tables[model].latest.columns) for model in models]
    return [(model, columns) for model, columns in found if columns.get("accuracy")]


def _curve(model: str, x: Sequence[Any], y: Sequence[Any], *, is_chosen: bool) -> Trace:
    color = model_color(model)
    curve = line_trace(x, y, name=classifier_label(model), color=color, hover="%{y:.1%}")
    curve |= {"mode": "lines+markers", "cliponaxis": False, "marker": {"color": color, "size": 7}}
    if not is_chosen:
        curve["opacity"] = _BACKDROP
        curve["line"] = {**curve["line"], "width": 1.25}
    return curve
