"""Dots with their intervals, one named row each: what is compared stands under each other."""

from collections.abc import Sequence
from typing import Any

from pages.components.figures.axes import linear_axis
from pages.components.figures.style import MUTED, numbers, plain

ROW_PIXELS = 30
_LETTER_PIXELS = 6.0
_FRAME_PIXELS = 84


def rows_height(count: int) -> int:
    """Return the pixels that a chart of so many rows needs."""
    return max(200, _FRAME_PIXELS + ROW_PIXELS * count)


def rows_axis(names: Sequence[str]) -> dict[str, Any]:
    """Return a vertical axis with one row a name, the first on top; see `row_place`."""
    return linear_axis("", -0.6, max(len(names), 1) - 0.4, grid=True) | {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [plain(name) for name in reversed(names)],
    }


def row_place(at: int, count: int) -> int:
    """Return where on the axis of `rows_axis` the row number `at` of `count` is."""
    return count - 1 - at


def rows_margin(names: Sequence[str]) -> int:
    """Return the pixels that the longest name needs to the left of the plot."""
    return round(18 + _LETTER_PIXELS * max((len(name) for name in names), default=0))


def whiskers(above: Sequence[float], below: Sequence[float]) -> dict[str, Any]:
    """Return error bars that reach so far above and below each dot."""
    return {
        "type": "data",
        "symmetric": False,
        "array": numbers(above),
        "arrayminus": numbers(below),
        "color": MUTED,
        "thickness": 1.25,
        "width": 3,
    }


def reach(above: float | None, below: float | None) -> float:
    """Return how far `above` is above `below`; 0 where one of them is not known."""
    return max(0.0, above - below) if above is not None and below is not None else 0.0
