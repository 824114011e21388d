"""Axes with plain ticks: linear, and powers of ten for magnitudes that a float cannot hold."""

import math
from collections.abc import Sequence
from typing import Any

from pages.components.figures.style import GRID, MUTED, number

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MOST_TICKS = 7
_MANTISSAS = ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7), [tenth / 10 for tenth in range(10, 100)])
_PLAIN = range(-3, 4)


def linear_axis(
    title: str,
    low: float | None = None,
    high: float | None = None,
    *,
    grid: bool = False,
) -> dict[str, Any]:
    """Return an axis with a title that carries its unit; the range follows the data if not given.

    Args:
        title: what is shown, with the unit in brackets.
        low: where the axis starts; both ends or neither.
        high: where it ends.
        grid: whether thin lines cross the plot (the vertical axis of a chart has them).
    """
    axis: dict[str, Any] = {
        "title": {"text": title, "font": {"color": MUTED, "size": 12}, "standoff": 8},
        "tickfont": {"color": MUTED, "size": 11},
        "gridcolor": GRID,
        "showgrid": grid,
        "zeroline": False,
        "showline": False,
        "ticks": "outside",  # unseen: they keep the numbers off the plot
        "ticklen": 5,
        "tickcolor": "rgba(0,0,0,0)",
        "nticks": _MOST_TICKS,
    }
    if low is not None and high is not None:
        axis["range"] = [number(low), number(high)]
    return axis


def log10_axis(title: str, low: float, high: float, *, grid: bool = True) -> dict[str, Any]:
    """Return a linear axis over log10 values whose ticks read as the numbers themselves.

    Gradients over hundreds of steps fall below what a float holds, so they come as logarithms:
    -20 is drawn at -20 and reads 10⁻²⁰.

    Args:
        title: what is shown, with the unit in brackets.
        low: log10 of the smallest value shown.
        high: log10 of the largest.
        grid: whether thin lines cross the plot.
    """
    if high <= low:
        low, high = low - 0.5, high + 0.5
    ticks = log10_ticks(low, high)
    return {
        **linear_axis(title, low, high, grid=grid),
        "tickmode": "array",
        "tickvals": [number(tick) for tick in ticks],
        "ticktext": [power_of_ten(tick) for tick in ticks],
        "exponentformat": "power",  # how live_chart.js knows such an axis
    }


def log10_ticks(low: float, high: float) -> list[float]:
    """Return a few places between `low` and `high`: whole powers, or round parts of each."""
    for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000):
        ticks = [float(step * k) for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
        if len(ticks) <= _MOST_TICKS:
            break
    if len(ticks) > 2:
        return ticks
    for mantissas in _MANTISSAS:
        finer = [
            power + math.log10(mantissa)
            for power in range(math.floor(low), math.floor(high) + 1)
            for mantissa in mantissas
            if low <= power + math.log10(mantissa) <= high
        ]
        if len(finer) > 2:
            return finer[:: -(-len(finer) // _MOST_TICKS)]
    return max(finer, ticks, key=len)


def power_of_ten(exponent: float) -> str:
    """Return 10 to the `exponent` as a reader writes it: 0.01, 1, 50, 10⁻²⁰, 2·10⁻⁷."""
    power = math.floor(exponent + 1e-9)
    mantissa = round(10 ** (exponent - power), 1)
    if power in _PLAIN:
        return f"{mantissa * 10**power:.4g}"
    ten = "10" + str(power).translate(_SUPERSCRIPTS)
    return ten if mantissa == 1 else f"{mantissa:g}·{ten}"


def padded_range(values: Sequence[float | None], *, share: float = 0.06) -> tuple[float, float]:
    """Return the range of the finite `values` with a little air on both sides; (0, 1) if none."""
    present = [value for value in values if value is not None and math.isfinite(value)]
    if not present:
        return 0.0, 1.0
    low, high = min(present), max(present)
    air = (high - low) * share if high > low else abs(high) * share or 1.0
    return low - air, high + air
