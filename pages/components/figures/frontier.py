"""What accuracy costs: each model against its latency, and which are worth their price."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from core.training.events import Columns
from pages.components.figures.axes import linear_axis, log10_axis, padded_range
from pages.components.figures.dots import reach, whiskers
from pages.components.figures.label_places import Dot, Line, label_annotation, place_labels
from pages.components.figures.layout import line_figure
from pages.components.figures.sentiment import (
    ACCURACY,
    PERCENT,
    classifier_label,
    interval_words,
)
from pages.components.figures.series import log10_of
from pages.components.figures.style import (
    MUTED,
    TEXT,
    Figure,
    Trace,
    line_trace,
    model_color,
    number,
)

FRONTIER_HEIGHT = 420
_NARROWEST = 332
"""Pixels of a plot whose chart is just wide enough for direct labels."""
_MARGINS = 76
_SIDE_OF_A_MEGABYTE = 5.0
_LEAST_SIDE = 8.0


def frontier_figure(shootout: Columns) -> Figure:
    """Return accuracy against the milliseconds for one text, megabytes as area.

    The majority class, which reads nothing, is left out. The line, and a ring about each
    dot on it, is the efficient frontier: no other model is both faster and more accurate.
    """
    known = [
        i
        for i, model in enumerate(shootout.get("model", []))
        if model != "majority"
        and shootout["accuracy"][i] is not None
        and (shootout["p50_1"][i] or 0) > 0
    ]
    speeds = log10_of([shootout["p50_1"][i] for i in known])
    left, right = padded_range(speeds, share=0.14)
    edges = [shootout[name][i] for name in ("accuracy_low", "accuracy_high") for i in known]
    low, high = padded_range(edges)
    traces = [_frontier(shootout, known, speeds)]
    traces += [_priced(shootout, i, speed) for i, speed in zip(known, speeds, strict=True)]
    figure = line_figure(
        traces,
        x_axis=log10_axis("time for one text (ms, median)", left, right, grid=False),
        y_axis=linear_axis(ACCURACY, low, high) | PERCENT,
        height=FRONTIER_HEIGHT,
    )
    layout = figure["layout"]
    layout["margin"]["r"] = 16
    layout["annotations"] = _labels(traces, (left, right), (low, high))
    return figure


def _frontier(shootout: Columns, known: Sequence[int], speeds: Sequence[float]) -> Trace:
    on_it = sorted(
        (speed, shootout["accuracy"][i])
        for i, speed in zip(known, speeds, strict=True)
        if shootout["frontier"][i]
    )
    line = line_trace(
        [speed for speed, _ in on_it],
        [accuracy for _, accuracy in on_it],
        name="efficient frontier",
        color=MUTED,
    )
    return {**line, "line": {"color": MUTED, "width": 1.25, "shape": "hv"}, "hoverinfo": "skip"} | {
        "showlegend": False
    }


def _priced(shootout: Columns, row: int, speed: float) -> Trace:
    model, accuracy = shootout["model"][row], shootout["accuracy"][row]
    megabytes = shootout["megabytes"][row] or 0.0
    trace = line_trace(
        [speed], [accuracy], name=classifier_label(model), color=model_color(model), mark="live"
    )
    trace["marker"] = {
        "color": model_color(model),
        "size": number(max(_LEAST_SIDE, _SIDE_OF_A_MEGABYTE * math.sqrt(megabytes))),
        "opacity": 0.9,
        "line": {"width": 2 if shootout["frontier"][row] else 0, "color": TEXT},
    }
    trace["error_y"] = whiskers(
        [reach(shootout["accuracy_high"][row], accuracy)],
        [reach(accuracy, shootout["accuracy_low"][row])],
    )
    trace["customdata"] = [
        [f"{shootout['p50_1'][row]:.3g} ms, {megabytes:.3g} MB<br>{interval_words(shootout, row)}"]
    ]
    trace["hovertemplate"] = f"{trace['name']}: %{{y:.1%}}<br>%{{customdata[0]}}<extra></extra>"
    return trace


def _labels(
    traces: Sequence[Trace], across: tuple[float, float], down: tuple[float, float]
) -> list[dict[str, Any]]:
    """Return the names of the dots, which neither each other nor the frontier strikes."""
    height = FRONTIER_HEIGHT - _MARGINS
    frontier, *priced = traces

    def place_of(x: float, y: float) -> tuple[float, float]:
        return (
            _NARROWEST * (x - across[0]) / (across[1] - across[0]),
            height * (down[1] - y) / (down[1] - down[0]),
        )

    dots = [
        Dot(*place_of(trace["x"][0], trace["y"][0]), trace["marker"]["size"] / 2)
        for trace in priced
    ]
    corners = [place_of(*each) for each in zip(frontier["x"], frontier["y"], strict=True)]
    places = place_labels(
        dots,
        [str(trace["name"]) for trace in priced],
        width=_NARROWEST,
        height=height,
        lines=_steps(corners),
    )
    return [
        label_annotation(
            place,
            x=trace["x"][0],
            y=trace["y"][0],
            text=str(trace["name"]),
            color=trace["marker"]["color"],
            radius=dot.radius,
        )
        for trace, dot, place in zip(priced, dots, places, strict=True)
    ]


def _steps(corners: Sequence[tuple[float, float]]) -> list[Line]:
    """Return the lines of a stair through `corners`: level to the next one's x, then upright."""
    lines = []
    for (x, y), (next_x, next_y) in pairwise(corners):
        lines.append(Line(x, y, next_x, y))
        lines.append(Line(next_x, min(y, next_y), next_x, max(y, next_y)))
    return lines
