"""Bars that lie on each other, one named row each: how much of how much."""

from collections.abc import Sequence

from pages.components.figures.axes import linear_axis
from pages.components.figures.dots import rows_axis, rows_margin
from pages.components.figures.layout import base_layout
from pages.components.figures.style import MUTED, Figure, Trace, numbers


def row_bars(values: Sequence[float], places: Sequence[int], color: str | list[str]) -> Trace:
    """Return a bar a row; later traces lie upon earlier ones. See `dots.row_place`."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": numbers(values),
        "y": list(places),
        "width": 0.56,
        "name": "",
        "marker": {"color": color, "line": {"width": 0}},
    }


def row_bars_figure(
    traces: Sequence[Trace], names: Sequence[str], *, title: str, high: float
) -> Figure:
    """Return the rows in one frame that starts at 0 and ends at `high`."""
    layout = base_layout(
        x_axis=linear_axis(title, 0.0, high), y_axis=rows_axis(names) | {"showgrid": False}
    )
    layout["margin"] |= {"l": rows_margin(names), "t": 12}
    layout |= {"barmode": "overlay", "font": {**layout["font"], "color": MUTED}}
    return {"data": list(traces), "layout": layout}
