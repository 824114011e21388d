"""What practice has come to, in pictures: mastery by topic, the forecast, ratings by day."""

from typing import Any

from core.practice.card import TOPICS
from core.practice.schedule import RATINGS
from core.training.events import Columns
from pages.components.figures.axes import linear_axis
from pages.components.figures.dots import row_place, rows_height
from pages.components.figures.layout import base_layout
from pages.components.figures.row_bars import row_bars, row_bars_figure
from pages.components.figures.style import (
    BAND,
    BLUE,
    GREEN,
    MUTED,
    ORANGE,
    SKY,
    VERMILLION,
    Figure,
    bar_trace,
    line_trace,
    threshold_line,
)
from pages.components.figures.wrapped_rows import texts_beside

RATING_COLORS = {"again": VERMILLION, "hard": ORANGE, "good": BLUE, "easy": GREEN}
TARGET = 0.9
"""The share that the schedule keeps: a card comes back when it has fallen to it."""


def mastery_height() -> int:
    """Return the pixels that `mastery_figure` needs."""
    return rows_height(len(TOPICS))


def mastery_figure(columns: Columns) -> Figure:
    """Return a row a topic: its cards, those seen, and those that would be recalled now."""
    names = [TOPICS[topic] for topic in columns["topic"]]
    places = [row_place(at, len(names)) for at in range(len(names))]
    rows = list(zip(*(columns[n] for n in ("recalled", "seen", "lasting", "cards")), strict=True))
    texts = [f"{recalled:.1f} of {cards}" for recalled, _, _, cards in rows]
    told = [
        f"{recalled:.1f} recalled now, {seen} seen, {lasting} lasting, of {cards}"
        for recalled, seen, lasting, cards in rows
    ]
    return row_bars_figure(
        [
            row_bars(columns["cards"], places, BAND) | {"hoverinfo": "skip"},
            row_bars(columns["seen"], places, SKY) | {"opacity": 0.45, "hoverinfo": "skip"},
            row_bars(columns["recalled"], places, BLUE)
            | {"customdata": told, "hovertemplate": "%{customdata}<extra></extra>"},
            texts_beside(columns["cards"], places, texts),
        ],
        names,
        title="cards",
        high=1.25 * max([*columns["cards"], 1]),
    )


def forecast_figure(columns: Columns) -> Figure:
    """Return what would be left of the cards seen so far, day by day, if nothing is rated."""
    days = columns["day"]
    curve = line_trace(
        days, [100 * share for share in columns["recalled"]], name="recalled", color=BLUE
    )
    curve["hovertemplate"] = "in %{x} days: %{y:.0f} %<extra></extra>"
    return {
        "data": [curve],
        "layout": base_layout(
            x_axis=linear_axis("days from today", 0, max(days, default=1)),
            y_axis=linear_axis("cards recalled (%)", 0, 103, grid=True),
            shapes=[threshold_line(100 * TARGET, "what the schedule keeps")],
        ),
    }


def due_figure(columns: Columns) -> Figure:
    """Return how many cards fall due on each day to come."""
    bars = bar_trace(columns["day"], columns["due"], name="due", color=MUTED)
    bars["hovertemplate"] = "in %{x} days: %{y} due<extra></extra>"
    return {
        "data": [bars],
        "layout": base_layout(
            x_axis=linear_axis("days from today", -0.7, max(columns["day"], default=1) + 0.7),
            y_axis=_count_axis("cards due", max(columns["due"], default=0)),
        ),
    }


def activity_figure(columns: Columns) -> Figure:
    """Return the ratings of each day, stacked from again to easy."""
    traces = []
    for rating, label in RATINGS.items():
        bars = bar_trace(columns["date"], columns[rating], name=label, color=RATING_COLORS[rating])
        traces.append(bars | {"hovertemplate": f"%{{x}}: %{{y}} {label.lower()}<extra></extra>"})
    totals = [sum(day) for day in zip(*(columns[rating] for rating in RATINGS), strict=True)]
    layout = base_layout(
        x_axis=linear_axis("") | {"type": "date", "tickformat": "%-d %b"},
        y_axis=_count_axis("ratings", max(totals, default=0)),
    )
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    layout |= {"barmode": "stack", "legend": legend, "showlegend": True}
    return {"data": traces, "layout": layout}


def _count_axis(title: str, most: int) -> dict[str, Any]:
    return linear_axis(title, 0, max(1.06 * most, 4), grid=True)
