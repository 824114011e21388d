"""What probes find in a classifier: other orders of words, negations, padding, longer texts."""

import math
from collections.abc import Mapping
from typing import Any

from core.runs.views import TableView
from core.training.events import Columns
from pages.components.figures.axes import linear_axis, log10_axis, padded_range
from pages.components.figures.dots import row_place, rows_axis, rows_margin
from pages.components.figures.layout import line_figure
from pages.components.figures.sentiment import PERCENT, classifier_label
from pages.components.figures.style import (
    GREEN,
    MUTED,
    Figure,
    Mark,
    Trace,
    interval_trace,
    line_trace,
    model_color,
    plain,
    threshold_line,
    trained_range,
)

Tables = Mapping[str, TableView]
ORDERS = {"as written": "circle", "shuffled": "circle-open", "reversed": "diamond-open"}
READINGS: dict[str, tuple[str, Mark]] = {
    "right": ("", "exact"),
    "as written": (", after pads", "textbook"),
}
ROUNDING = 1e-6
_SMALLEST = -9.0
"""log10 of what is drawn on the lower edge: smaller changes and none."""


def order_figure(tables: Tables, column: str) -> Figure:
    """Return a row a model: `column` ("accuracy" or "flips") for each order of the words."""
    filled = {m: c for m, view in tables.items() if (c := view.latest.columns).get("probe")}
    names = [classifier_label(model) for model in filled]
    traces = [
        _orders(model, columns, column, row_place(at, len(names)))
        for at, (model, columns) in enumerate(filled.items())
    ]
    seen = [x for trace in traces for x in trace["x"]]
    low, high = padded_range([*seen, 0.0] if column == "flips" else seen)
    title = "accuracy" if column == "accuracy" else "share of answers that change"
    figure = line_figure(
        traces,
        x_axis=linear_axis(title, low, high, grid=True) | PERCENT,
        y_axis=rows_axis(names),
    )
    figure["layout"]["margin"]["l"] = rows_margin(names)
    return figure


def _orders(model: str, columns: Columns, column: str, place: int) -> Trace:
    """Return a model's row; as written, no answer changes, so that is no dot of its own."""
    shown = [probe for probe in ORDERS if (probe, column) != ("as written", "flips")]
    rows = [i for i, probe in enumerate(columns["probe"]) if probe in shown]
    name, color = classifier_label(model), model_color(model)
    trace = line_trace(
        [columns[column][i] for i in rows], [place] * len(rows), name=name, color=color
    )
    return trace | {
        "mode": "lines+markers",
        "showlegend": False,
        "cliponaxis": False,
        "line": {**trace["line"], "width": 1.25},
        "marker": {
            "size": 10,
            "color": color,
            "symbol": [ORDERS[columns["probe"][i]] for i in rows],
            "line": {"width": 2, "color": color},
        },
        "customdata": [f"{columns['probe'][i]}, n = {columns['n'][i]:,}" for i in rows],
        "hovertemplate": f"{name}, %{{customdata}}: %{{x:.1%}}<extra></extra>",
    }


def negation_figure(columns: Columns) -> Figure:
    """Return P(positive) of each sentence and of its negation, joined; green where it turns."""
    sentences = [str(each) for each in columns.get("plain", [])]
    count = len(sentences)
    traces: list[Trace] = []
    for at in range(count):
        ends = [columns["probability_plain"][at], columns["probability_negated"][at]]
        color = GREEN if columns["flips"][at] else MUTED
        place = row_place(at, count)
        trace = line_trace(ends, [place, place], name="", color=color)
        trace |= {"mode": "lines+markers", "showlegend": False, "cliponaxis": False}
        trace["marker"] = {
            "size": 9,
            "color": color,
            "symbol": ["circle", "circle-open"],
            "line": {"width": 2, "color": color},
        }
        trace["customdata"] = [plain(sentences[at]), plain(str(columns["negated"][at]))]
        trace["hovertemplate"] = "%{customdata}: %{x:.2f}<extra></extra>"
        traces.append(trace)
    figure = line_figure(
        traces,
        x_axis=linear_axis("probability of positive", -0.02, 1.02, grid=True),
        y_axis=rows_axis(sentences),
        shapes=[threshold_line(0.5, "", axis="x")],
    )
    figure["layout"]["margin"]["l"] = rows_margin(sentences)
    return figure


def padding_figure(tables: Tables) -> Figure:
    """Return the largest change of a probability that padding makes, on a log axis.

    What is below the axis, or exactly 0, stands on its lower edge as a triangle.
    """
    pads = sorted({n for view in tables.values() for n in view.latest.columns.get("pads", [])})
    traces: list[Trace] = []
    for model, view in tables.items():
        columns = view.latest.columns
        if not columns.get("pads"):
            continue
        changes = [_log10_above(value) for value in columns["largest_change"]]
        trace = _model_curve(model, [pads.index(n) for n in columns["pads"]], changes)
        trace["marker"]["symbol"] = [
            "triangle-down" if value <= _SMALLEST else "circle" for value in changes
        ]
        trace["customdata"] = [
            f"{change:.2g}, {flips:.1%} of the answers change"
            for change, flips in zip(columns["largest_change"], columns["flips"], strict=True)
        ]
        trace["hovertemplate"] = f"{trace['name']}: %{{customdata}}<extra></extra>"
        traces.append(trace)
    return line_figure(
        traces,
        x_axis=_pads_axis(pads, "more padding (pads behind each text)"),
        y_axis=log10_axis("largest change of a probability", _SMALLEST - 0.2, 0.2),
        shapes=[threshold_line(math.log10(ROUNDING), "rounding")],
    )


def longer_figure(tables: Tables, trained: float) -> Figure:
    """Return accuracy on longer texts, made of several; lengths up to `trained` are shaded."""
    traces: list[Trace] = []
    for model, view in tables.items():
        columns = view.latest.columns
        if not columns.get("words"):
            continue
        words = [math.log10(value) for value in columns["words"]]
        trace = _model_curve(model, words, columns["accuracy"])
        trace["customdata"] = [
            f"{words:,} words, n = {n:,}<br>95 %: {low:.1%} to {high:.1%}"
            for words, n, low, high in zip(
                *(columns[name] for name in ("words", "n", "accuracy_low", "accuracy_high")),
                strict=True,
            )
        ]
        trace["hovertemplate"] = f"{trace['name']}: %{{y:.1%}}<br>%{{customdata}}<extra></extra>"
        traces.append(trace)
    seen = [x for trace in traces for x in trace["x"]]
    left, right = padded_range(seen, share=0.04)
    end = min(math.log10(max(trained, 1)), right)
    heights = [y for trace in traces for y in trace["y"]]
    low, high = padded_range(heights)
    return line_figure(
        traces,
        x_axis=log10_axis("words in a text", left, right, grid=False),
        y_axis=linear_axis("accuracy", low, high) | PERCENT,
        shapes=[trained_range(min(left, end), end)],
    )


def padding_lab_figure(tables: Tables, column: str) -> Figure:
    """Return `column` ("cosine" or "accuracy") against pads: read right, and as written.

    The right reading is solid, the state after the padding dashed.
    """
    filled = {m: c for m, view in tables.items() if (c := view.latest.columns).get("pads")}
    pads = sorted({n for columns in filled.values() for n in columns["pads"]})
    traces: list[Trace] = []
    for model, columns in filled.items():
        for reading, (ending, mark) in READINGS.items():
            rows = [i for i, each in enumerate(columns["reading"]) if each == reading]
            places = [pads.index(columns["pads"][i]) for i in rows]
            if column == "cosine" and mark == "textbook":
                lows, highs = ([_or_nan(columns[f"cosine_{e}"][i]) for i in rows] for e in _ENDS)
                traces.append(interval_trace(places, lows, highs, color=model_color(model)))
            trace = _model_curve(model, places, [columns[column][i] for i in rows], mark=mark)
            trace["name"] += ending
            traces.append({**trace, "hovertemplate": f"{trace['name']}: %{{y:.3g}}<extra></extra>"})
    low, high = padded_range([y for trace in traces for y in trace["y"]])
    title = "cosine to the true last state" if column == "cosine" else "accuracy"
    shapes = [threshold_line(0.5, "half")] if column == "cosine" and low < 0.5 else []
    y_axis = linear_axis(title, low, high)
    return line_figure(
        traces,
        x_axis=_pads_axis(pads, "pads behind each text"),
        y_axis=y_axis if column == "cosine" else y_axis | PERCENT,
        shapes=shapes,
    )


_ENDS = ("low", "high")


def _pads_axis(pads: list[int], title: str) -> dict[str, Any]:
    """Return an axis with a place for each number of pads, whatever lies between them."""
    return linear_axis(title, -0.15, max(len(pads) - 0.85, 0.5)) | {
        "tickmode": "array",
        "tickvals": list(range(len(pads))),
        "ticktext": [f"{n}" for n in pads],
    }


def _model_curve(model: str, x: list[Any], y: list[Any], mark: Mark = "exact") -> Trace:
    color = model_color(model)
    curve = line_trace(x, y, name=classifier_label(model), color=color, mark=mark)
    return {
        **curve,
        "mode": "lines+markers",
        "cliponaxis": False,
        "marker": {"color": color, "size": 7},
    }


def _log10_above(value: float) -> float:
    return max(_SMALLEST, math.log10(value)) if value > 0 else _SMALLEST


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
