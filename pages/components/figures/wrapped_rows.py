"""Rows with long names: each on two lines or three, so that a narrow chart keeps its plot."""

import textwrap
from collections.abc import Sequence
from typing import Any

from pages.components.figures.axes import linear_axis
from pages.components.figures.style import MUTED, Figure, Trace, line_trace, number, plain

LETTERS = 16
_LETTER_PIXELS = 6.2
_FRAME_PIXELS = 84


def wrapped_height(count: int, *, pixels: int = 34, least: int = 220) -> int:
    """Return the pixels of a chart of so many rows, each `pixels` high."""
    return max(least, _FRAME_PIXELS + pixels * count)


def wrapped_axis(names: Sequence[str], *, letters: int = LETTERS) -> dict[str, Any]:
    """Return a vertical axis with one row a name, the first on top; see `dots.row_place`.

    A line of a name has up to so many `letters`.
    """
    texts = ["<br>".join(map(plain, textwrap.wrap(name, letters))) for name in reversed(names)]
    return linear_axis("", -0.6, max(len(names), 1) - 0.4, grid=True) | {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": texts,
    }


def wrapped_figure(figure: Figure, *, letters: int = LETTERS) -> Figure:
    """Return the figure with room for the names at the left, and with no other label."""
    layout = figure["layout"]
    margin = layout["margin"] | {"l": round(18 + letters * _LETTER_PIXELS), "r": 16}
    quiet = layout["yaxis"] | {"showgrid": False}
    return figure | {"layout": layout | {"annotations": [], "margin": margin, "yaxis": quiet}}


def texts_beside(
    x: Sequence[float], y: Sequence[float], texts: Sequence[str], *, at: str = "middle right"
) -> Trace:
    """Return texts beside the points, as a trace that is nothing else."""
    trace = line_trace(x, y, name="", color=MUTED)
    del trace["hovertemplate"]
    return trace | {
        "mode": "text",
        "text": [f" {text} " for text in texts],
        "textposition": at,
        "textfont": {"size": 11, "color": MUTED},
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
    }


def upright_line(at: float) -> dict[str, Any]:
    """Return the shape of a thin line at `at` of the horizontal axis."""
    return {
        "type": "line",
        "x0": number(at),
        "x1": number(at),
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": MUTED, "width": 1},
    }
