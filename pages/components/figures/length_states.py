"""What a recurrent state does along a sequence, and what reading it in chunks changes."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from core.runs.views import TableView
from core.training.events import Columns
from pages.components.figures.axes import linear_axis, log10_axis, padded_range
from pages.components.figures.layout import line_figure
from pages.components.figures.length import PERCENT, length_axis, model_name
from pages.components.figures.style import (
    BLUE,
    MUTED,
    Figure,
    Mark,
    Trace,
    bar_trace,
    line_trace,
    model_color,
    threshold_line,
    trained_range,
)

Tables = Mapping[str, TableView]
TITLES = {
    "hidden_norm": "norm of the hidden state",
    "cell_norm": "norm of the cell state",
    "saturated": "share saturated",
    "forget": "mean forget gate",
}
_SHARES = ("saturated", "forget")
_AIR = 0.16
EQUAL = 1e-6
"""A larger difference between two ways to read is not rounding."""
_SMALLEST = -9.0
"""log10 of what is drawn on the lower edge: smaller differences and none."""


def trace_figure(traces: Tables, column: str, *, trained: tuple[int, int], height: int) -> Figure:
    """Return one quantity of each model against the position; pale is before training.

    `column` is one of `TITLES`. Models that have no such quantity are left out.
    """
    curves: list[Trace] = []
    for model, view in traces.items():
        if view.first is not view.latest:
            curves.append(_curve(model, view.first.columns, column, "start"))
        curves.append(_curve(model, view.latest.columns, column, "now"))
    low, high = padded_range([y for curve in curves for y in curve["y"]], share=_AIR)
    if column in _SHARES:
        low, high = -0.02, 1.12
    y_axis = linear_axis(TITLES[column], max(low, -0.02), high)
    return line_figure(
        curves,
        x_axis=length_axis("position (steps read)"),
        y_axis=y_axis | PERCENT if column == "saturated" else y_axis,
        shapes=[trained_range(*trained, label="")],
        height=height,
    )


def has_quantity(columns: Columns, column: str) -> bool:
    """Return whether a model has a quantity at all: not every cell has a gate."""
    return any(value is not None for value in columns.get(column, []))


def _curve(model: str, columns: Columns, column: str, mark: Mark) -> Trace:
    values = [math.nan if value is None else value for value in columns[column]]
    hover = "%{y:.1%}" if column == "saturated" else "%{y:.3g}"
    curve = line_trace(
        columns["position"],
        values,
        name=model_name(model),
        color=model_color(model),
        mark=mark,
        hover=hover,
    )
    return curve | {"showlegend": mark == "now"}


def chunk_difference_figure(chunks: Columns) -> Figure:
    """Return how far chunked reading is from one pass, on a log axis, by the size of a chunk.

    No difference at all stands on the lower edge as a triangle.
    """
    values = [_log10_above(value) for value in chunks.get("difference", [])]
    trace = line_trace(range(len(values)), values, name="difference", color=BLUE)
    trace |= {
        "mode": "lines+markers",
        "cliponaxis": False,
        "marker": {
            "size": 9,
            "color": BLUE,
            "symbol": ["triangle-down" if value <= _SMALLEST else "circle" for value in values],
        },
        "customdata": [
            f"chunks of {chunk}: {difference:.2g}"
            for chunk, difference in zip(
                chunks.get("chunk", []), chunks.get("difference", []), strict=True
            )
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    high = max([math.log10(EQUAL) + 1, *(value + 0.5 for value in values)])
    return line_figure(
        [trace],
        x_axis=_chunk_axis(chunks),
        y_axis=log10_axis("largest difference of an output", _SMALLEST - 0.3, high),
        shapes=[threshold_line(math.log10(EQUAL), "rounding")],
    )


def _log10_above(value: float) -> float:
    return max(_SMALLEST, math.log10(value)) if value > 0 else _SMALLEST


def chunk_memory_figure(chunks: Columns) -> Figure:
    """Return the peak memory of chunked reading beside that of one pass, by the size of a chunk."""
    pairs = list(zip(chunks.get("megabytes", []), chunks.get("full_megabytes", []), strict=True))
    values = [math.nan if value is None else value for value, _ in pairs]
    whole = [full for _, full in pairs if full is not None]
    trace = bar_trace(range(len(values)), values, name="peak memory", color=BLUE)
    trace |= {
        "width": 0.6,
        "text": ["" if math.isnan(value) else f"{value:.3g}" for value in values],
        "textposition": "outside",
        "textfont": {"size": 11, "color": MUTED},
        "cliponaxis": False,
        "customdata": chunks.get("chunk", []),
        "hovertemplate": "chunks of %{customdata}: %{y:.3g} MB<extra></extra>",
    }
    high = 1.2 * max([1e-3, *whole, *(value for value in values if not math.isnan(value))])
    return line_figure(
        [trace],
        x_axis=_chunk_axis(chunks),
        y_axis=linear_axis("peak memory (MB)", 0, high),
        shapes=[threshold_line(full, f"one pass: {full:.3g}") for full in whole[:1]],
    )


def _chunk_axis(chunks: Columns) -> dict[str, Any]:
    sizes: Sequence[int] = chunks.get("chunk", [])
    return linear_axis("steps a chunk", -0.5, max(len(sizes), 1) - 0.5) | {
        "tickmode": "array",
        "tickvals": list(range(len(sizes))),
        "ticktext": [str(size) for size in sizes],
    }
