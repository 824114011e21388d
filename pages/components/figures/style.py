"""The one room with colours and marks: one meaning, one mark, on every page.

A figure is a plain dict in plotly's schema, `{"data": [...], "layout": {...}}`: plotly's own
objects would cost milliseconds at every tick, so the tests validate every building block against
them instead. Colours that depend on the theme are tokens ("@text"), which
`assets/live_chart.js` resolves in the browser, so that a switch of theme needs no round trip.
Colours of models are the Okabe-Ito palette (Okabe and Ito, 2008,
https://jfly.uni-koeln.de/color/); the browser shifts one only where the theme makes it illegible.
"""

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

Figure = dict[str, Any]
Trace = dict[str, Any]
Mark = Literal["exact", "textbook", "start", "now", "live"]

BLUE, SKY, NAVY = "#0072B2", "#56B4E9", "#5B6FC4"
VERMILLION, BRICK, AMBER = "#D55E00", "#A8452B", "#E08A3C"
GREEN, ORANGE, PURPLE, GREY = "#009E73", "#E69F00", "#CC79A7", "#8A8F98"
OKABE_ITO = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, GREY)

TEXT, MUTED, GRID, BACKGROUND, BAND = "@text", "@muted", "@grid", "@background", "@band"
TOKENS = (TEXT, MUTED, GRID, BACKGROUND, BAND)

MODEL_COLORS = {
    "rnn": VERMILLION,
    "rnn-relu": AMBER,
    "rnn-orthogonal": BRICK,
    "rnn-identity": "#E8875A",
    "rnn-relu-orthogonal": "#8C5A3C",
    "irnn": "#C77B30",
    "lstm": SKY,
    "lstm-bias": NAVY,
    "lstm-chrono": BLUE,
    "gru": GREEN,
    "cnn": ORANGE,
    "transformer": PURPLE,
    "bag-of-words": GREY,
    "cnn-naive": "#9C6B1E",
    "nb-svm": "#6B7A3A",
    "majority": "#A39B8B",
    "bilstm": "#6F6AD8",
    "lstm-max": "#3B7DD8",
    "lstm-naive": "#B23A5B",
    "pretrained": TEXT,
    "pretrained-top": TEXT,
    "pretrained-frozen": MUTED,
    "pretrained-full": "#4B5563",
    "plain": BLUE,
    "plain-quarter": "#4FA86A",
    "plain-half": "#35A0B5",
    "plain-double": "#4A2FA8",
    "plain-forward": SKY,
    "plain-gru": "#2F8F3F",
    "plain-pieces": "#0E7F6E",
    "bidirectional": "#6F6AD8",
    "sampling-linear": "#466A8A",
    "sampling-sigmoid": "#9A8AC8",
    "hierarchical": "#7A6A58",
    "attention": ORANGE,
    "attention-dot": "#9C3D22",
    "attention-additive": "#E2631A",
    "attention-gru": "#7A8F1E",
    "attention-sampling": "#8A6A3C",
    "transformer-sinusoidal": "#8E6BD1",
    "transformer-rotary": "#A8407E",
    "transformer-alibi": "#E8557F",
    "transformer-learned": "#9A3FC0",
    "transformer-none": "#9E7F8E",
    "transformer-xl": "#7A3E6A",
}

_LINES: dict[str, dict[str, Any]] = {
    "exact": {"width": 2.25},
    "now": {"width": 2.25},
    "textbook": {"width": 1.75, "dash": "6px,4px"},
    "start": {"width": 1.75},
}
_PALE = 0.5
_DIVERGING = [[0, BLUE], [0.25, SKY], [0.5, BACKGROUND], [0.75, "#EE9A5A"], [1, VERMILLION]]

LOG10_HOVER = "10<sup>%{y:.1f}</sup>"
"""What the pointer reads on a curve of log10 values."""

HEIGHT = 340
"""Pixels of a chart unless its card says otherwise."""


def model_color(name: str) -> str:
    """Return the colour of the model `name`; a name not in the list is drawn as its family."""
    return MODEL_COLORS.get(name) or MODEL_COLORS.get(name.split("-", maxsplit=1)[0], GREY)


def line_trace(
    x: Iterable[float],
    y: Iterable[float],
    *,
    name: str,
    color: str,
    mark: Mark = "exact",
    hover: str = "%{y:.3g}",
) -> Trace:
    """Return one curve; `mark` says what kind of truth it is.

    Textbook is dashed, exact and now are solid, start is pale, live is dots.
    """
    trace: Trace = {
        "type": "scatter",
        "name": name,
        "x": numbers(x),
        "y": numbers(y),
        "mode": "markers" if mark == "live" else "lines",
        "hovertemplate": f"%{{x}}: {hover}<extra>{name}</extra>",
    }
    if mark == "live":
        return {**trace, "marker": {"color": color, "size": 6}}
    if mark == "start":
        trace["opacity"] = _PALE
    return {**trace, "line": {"color": color, **_LINES[mark]}}


def interval_trace(
    x: Sequence[float], low: Sequence[float], high: Sequence[float], *, color: str
) -> Trace:
    """Return the band between `low` and `high`, for under the curve or dots it belongs to."""
    rows = [
        (at, bottom, top)
        for at, bottom, top in zip(x, low, high, strict=True)
        if math.isfinite(bottom) and math.isfinite(top)
    ]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers([row[0] for row in rows] + [row[0] for row in reversed(rows)]),
        "y": numbers([row[2] for row in rows] + [row[1] for row in reversed(rows)]),
        "fill": "toself",
        "fillcolor": color,
        "opacity": 0.16,
        "line": {"width": 0, "color": color},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def bar_trace(x: Iterable[Any], y: Iterable[float], *, name: str, color: str) -> Trace:
    """Return bars, for counts and for a few named things."""
    return {
        "type": "bar",
        "name": name,
        "x": [number(value) if isinstance(value, (int, float)) else str(value) for value in x],
        "y": numbers(y),
        "marker": {"color": color, "line": {"width": 0}},
        "hovertemplate": "%{x}: %{y:.3g}<extra></extra>",
    }


def heatmap_trace(
    z: Iterable[Iterable[float]],
    *,
    x: Iterable[Any] | None = None,
    y: Iterable[Any] | None = None,
    title: str,
    low: float | None = None,
    high: float | None = None,
    signed: bool = False,
) -> Trace:
    """Return a heatmap in cividis, or in a diverging scale centred at zero when `signed`."""
    rows = [numbers(row, digits=3) for row in z]
    trace: Trace = {
        "type": "heatmap",
        "z": rows,
        "colorscale": _DIVERGING if signed else "Cividis",
        "hovertemplate": f"%{{x}}, %{{y}}: %{{z:.3g}}<extra>{title}</extra>",
        "colorbar": {
            "title": {"text": title, "side": "top", "font": {"color": MUTED, "size": 12}},
            "thickness": 10,
            "outlinewidth": 0,
            "tickfont": {"color": MUTED, "size": 11},
            "nticks": 6,
        },
    }
    if signed:
        present = [abs(value) for row in rows for value in row if value is not None]
        reach = max(abs(low or 0), abs(high or 0)) or max(present, default=0) or 1.0
        low, high = -reach, reach
    for edge, value in (("zmin", low), ("zmax", high)):
        if value is not None:
            trace[edge] = number(value)
    for axis, values in (("x", x), ("y", y)):
        if values is not None:
            trace[axis] = list(values)
    return trace


def threshold_line(value: float, label: str, *, axis: Literal["x", "y"] = "y") -> dict[str, Any]:
    """Return the shape of a thin labelled line at `value` of `axis`."""
    across = "x" if axis == "y" else "y"
    return {
        "type": "line",
        f"{axis}0": number(value),
        f"{axis}1": number(value),
        f"{across}0": 0,
        f"{across}1": 1,
        f"{across}ref": "paper",
        "line": {"color": MUTED, "width": 1},
        "label": {
            "text": label,
            "textposition": "end",
            "textangle": 0,
            "font": {"color": MUTED, "size": 11},
            "yanchor": "bottom" if axis == "y" else "top",
            "xanchor": "right" if axis == "y" else "left",
        },
    }


def trained_range(low: float, high: float, label: str = "trained range") -> dict[str, Any]:
    """Return the shape of the shaded band that says which lengths a model was trained on."""
    return {
        "type": "rect",
        "layer": "below",
        "x0": number(low),
        "x1": number(high),
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"width": 0},
        "fillcolor": BAND,
        "label": {
            "text": label,
            "textposition": "top left",
            "font": {"color": MUTED, "size": 11},
        },
    }


def plain(text: str) -> str:
    """Return `text` as plotly shows it letter by letter: it would read tags as markup."""
    return html.escape(text, quote=False)


def number(value: float | None, *, digits: int = 4) -> float | None:
    """Return `value` with 4 significant digits; what JSON cannot say (NaN, infinity) is None."""
    if value is None or not math.isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def numbers(values: Iterable[float | None], *, digits: int = 4) -> list[float | None]:
    """Return `values`, each as `number` gives it."""
    return [number(value, digits=digits) for value in values]


def named(traces: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the traces that a reader should be able to tell apart by name."""
    return [trace for trace in traces if trace.get("name") and trace.get("showlegend", True)]
