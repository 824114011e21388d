"""Scores against length: the curves, where they fail, and what a state does on the way."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from core.labs.length_config import LENGTHS
from core.models.catalogue import find_spec
from core.runs.views import TableView
from core.training.events import Columns
from pages.components.figures.axes import linear_axis, padded_range
from pages.components.figures.dots import reach, row_place, whiskers
from pages.components.figures.layout import line_figure
from pages.components.figures.style import (
    Figure,
    Trace,
    interval_trace,
    line_trace,
    model_color,
    plain,
    threshold_line,
    trained_range,
)
from pages.components.figures.wrapped_rows import texts_beside, wrapped_axis, wrapped_figure

Tables = Mapping[str, TableView]
PERCENT = {"tickformat": ".0%"}
NO_ANSWER = "no answer<br>past its table"
NEVER = "holds"
GAP = "\N{NO-BREAK SPACE}"
_LOOKS = {
    "transformer-sinusoidal": ("7px,3px", "square"),
    "transformer-rotary": ("2px,3px", "diamond"),
    "transformer-alibi": ("9px,3px,2px,3px", "triangle-up"),
    "transformer-none": ("4px,4px", "circle-open"),
}
"""The dash and the dots of models that differ from another by their positions alone."""
_END = 1.02 * LENGTHS[-1]
_PALE = 0.6


def model_name(model: str) -> str:
    """Return how the model is called."""
    return find_spec(model).label


def curve_figure(
    curves: Tables,
    seeds: Tables,
    *,
    trained: tuple[int, int],
    is_share: bool,
    threshold: float | None = None,
    height: int,
) -> Figure:
    """Return each model's score against length: means, their intervals, and each seed's dots.

    `trained` are the lengths that it learned, shaded. Where a model has no answer its curve ends,
    and a line says so. Scores on the bad side of `threshold`, if it is given, fail.
    """
    bands: list[Trace] = []
    dots: list[Trace] = []
    means: list[Trace] = []
    for model, view in curves.items():
        columns = view.latest.columns
        bands.append(_band(model, columns))
        if model in seeds:
            dots.append(_seed_dots(model, seeds[model].latest.columns, is_share))
        means.append(_mean_trace(model, columns, is_share))
    shapes = [trained_range(*trained, label="trained on")]
    if threshold is not None:
        shapes.append(threshold_line(threshold, "fails below" if is_share else "fails above"))
    ends = {m: end for m in curves if (end := _table_end(m, curves[m].latest.columns))}
    figure = line_figure(
        [*bands, *dots, *means],
        x_axis=length_axis("length (steps)"),
        y_axis=_score_axis([*dots, *means], is_share),
        shapes=[*shapes, *ends.values()],
        height=height,
    )
    said = {model_name(model) for model in ends}  # by the line, not once more amid other curves
    layout = figure["layout"]
    layout["annotations"] = [each for each in layout["annotations"] if each["text"] not in said]
    return figure


def length_axis(title: str) -> dict[str, Any]:
    """Return the horizontal axis of all lengths tested."""
    return linear_axis(title, 0, _END) | {"tickmode": "linear", "tick0": 0, "dtick": 100}


def _score_axis(traces: Sequence[Trace], is_share: bool) -> dict[str, Any]:
    if is_share:
        return linear_axis("accuracy (share right)", -0.02, 1.14) | PERCENT | {"dtick": 0.2}
    # Of two seeds a band is so wide that it would hide all: it may leave the frame.
    low, high = padded_range([y for trace in traces for y in trace["y"]], share=0.25)
    return linear_axis("loss (nats)", low, high)


def _band(model: str, columns: Columns) -> Trace:
    return interval_trace(
        columns["length"], _gaps(columns["low"]), _gaps(columns["high"]), color=model_color(model)
    )


def _gaps(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _hover(is_share: bool) -> str:
    return "%{y:.1%}" if is_share else "%{y:.3f} nats"


def _seed_dots(model: str, columns: Columns, is_share: bool) -> Trace:
    trace = line_trace(
        columns["length"],
        _gaps(columns["score"]),
        name=model_name(model),
        color=model_color(model),
        mark="live",
    )
    trace["marker"] = {"color": model_color(model), "size": 5, "opacity": _PALE}
    hover = f"seed %{{customdata}}, %{{x}} steps: {_hover(is_share)}"
    return trace | {
        "showlegend": False,
        "customdata": columns["seed"],
        "hovertemplate": f"{hover}<extra>{model_name(model)}</extra>",
    }


def _mean_trace(model: str, columns: Columns, is_share: bool) -> Trace:
    dash, symbol = _LOOKS.get(model, ("", "circle"))
    name, color = model_name(model), model_color(model)
    trace = line_trace(columns["length"], _gaps(columns["score"]), name=name, color=color)
    said = [
        _interval_words(low, high, seeds, is_share)
        for low, high, seeds in zip(columns["low"], columns["high"], columns["seeds"], strict=True)
    ]
    hover = f"%{{x}} steps: {_hover(is_share)}%{{customdata}}"
    return trace | {
        "mode": "lines+markers",
        "line": trace["line"] | ({"dash": dash} if dash else {}),
        "marker": {"size": 7, "symbol": symbol, "color": color},
        "customdata": said,
        "hovertemplate": f"{hover}<extra>{name}</extra>",
        "cliponaxis": False,
    }


def _interval_words(low: float | None, high: float | None, seeds: int, is_share: bool) -> str:
    if low is None or high is None:
        return ""
    between = f"{low:.1%} to {high:.1%}" if is_share else f"{low:.3f} to {high:.3f}"
    of = "1 seed" if seeds == 1 else f"{seeds} seeds"
    return f"<br>95 %: {between}, {of}"


def _table_end(model: str, columns: Columns) -> dict[str, Any] | None:
    """Return the line where a model's answers end before the lengths do, if they do."""
    answered = [
        length
        for length, is_answered in zip(columns["length"], columns["is_answered"], strict=True)
        if is_answered
    ]
    if not answered or answered[-1] == columns["length"][-1]:
        return None
    line = threshold_line(answered[-1], f"{model_name(model)}: {NO_ANSWER}", axis="x")
    line["line"] = {"color": model_color(model), "width": 1, "dash": "dot"}
    line["label"]["font"] = {"color": model_color(model), "size": 11}
    return line


def failing_figure(failing: Columns, *, trained: tuple[int, int]) -> Figure:
    """Return from which length on each model fails, a row a model; whiskers reach over its seeds.

    A model that never fails stands on the right edge as a triangle.
    """
    models, positions = failing.get("model", []), failing.get("position", [])
    last = LENGTHS[-1]
    fallen = [last if position is None else position for position in positions]
    places = [row_place(at, len(models)) for at in range(len(models))]
    lows = [low or end for low, end in zip(failing.get("low", []), fallen, strict=True)]
    highs = [high or last for high in failing.get("high", [])]
    dots = line_trace(fallen, places, name="first failing", color=model_color(""), mark="live")
    dots |= {
        "showlegend": False,
        "cliponaxis": False,
        "marker": {
            "size": 11,
            "color": [model_color(model) for model in models],
            "symbol": ["triangle-right" if each is None else "circle" for each in positions],
        },
        "error_x": whiskers(
            [reach(high, x) for high, x in zip(highs, fallen, strict=True)],
            [reach(x, low) for low, x in zip(lows, fallen, strict=True)],
        ),
        "customdata": [plain(text) for text in _failing_words(failing)],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    words = [NEVER if each is None else f"from {each}" for each in positions]
    words = [f"{2 * GAP}{each}{2 * GAP}" for each in words]
    ends = [
        max(x, high) if position is not None else x
        for x, high, position in zip(fallen, highs, positions, strict=True)
    ]
    said = texts_beside(ends, places, words)
    said["textposition"] = ["middle left" if x > 0.8 * last else "middle right" for x in ends]
    for at, x in enumerate(ends):
        if x > 0.8 * last:
            said["x"][at] = lows[at]  # to the left of its whisker
    figure = line_figure(
        [dots, said],
        x_axis=length_axis("first failing length (steps)") | {"showgrid": True},
        y_axis=wrapped_axis([model_name(model) for model in models]),
        shapes=[trained_range(*trained, label="")],
    )
    return wrapped_figure(figure)


def _failing_words(failing: Columns) -> list[str]:
    rows = zip(
        *(failing.get(name, []) for name in ("label", "position", "threshold", "seeds")),
        strict=True,
    )
    return [
        f"{label}: {'never fails up to ' + str(LENGTHS[-1]) if at is None else f'fails from {at}'}"
        f" steps (threshold {threshold:.3g}, n = {seeds})"
        for label, at, threshold, seeds in rows
    ]
