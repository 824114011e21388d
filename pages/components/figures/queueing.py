"""Requests that wait: how long, in which batches, under which policy, with how many replicas."""

import math
from collections.abc import Sequence
from typing import Any

from core.training.events import Columns
from pages.components.figures.axes import linear_axis, log10_axis, padded_range
from pages.components.figures.dots import row_place
from pages.components.figures.layout import base_layout, heatmap_figure, line_figure
from pages.components.figures.series import log10_of
from pages.components.figures.style import (
    BAND,
    BLUE,
    MUTED,
    ORANGE,
    TEXT,
    Figure,
    Trace,
    bar_trace,
    heatmap_trace,
    line_trace,
    numbers,
    plain,
    threshold_line,
)
from pages.components.figures.wrapped_rows import (
    texts_beside,
    upright_line,
    wrapped_axis,
    wrapped_figure,
)

SIMULATED, REPLAYED = "simulated", "real passes"
_PALE = 0.7
_UNSTABLE = "∞"
WHITE, BLACK = "#FFFFFF", "#10151C"
_FARTHEST = 1.5
"""Powers of ten from the deadline at which the colours end."""


def latencies_figure(latencies: Columns, *, deadline_ms: float) -> Figure:
    """Return how many requests took how long: simulated as bars, real passes as a stair."""
    lows, highs = latencies.get("bin_low", []), latencies.get("bin_high", [])
    middles = [(low + high) / 2 for low, high in zip(lows, highs, strict=True)]
    bars = bar_trace(middles, latencies.get("simulated", []), name=SIMULATED, color=BLUE)
    bars |= {
        "width": numbers(high - low for low, high in zip(lows, highs, strict=True)),
        "opacity": _PALE,
        "customdata": [
            f"{low:.3g} to {high:.3g} ms" for low, high in zip(lows, highs, strict=True)
        ],
        "hovertemplate": f"%{{customdata}}: %{{y:.1%}}<extra>{SIMULATED}</extra>",
    }
    traces = [bars]
    replayed = latencies.get("replayed", [])
    if any(share is not None for share in replayed):
        stair = line_trace(
            [*lows, highs[-1]],
            [*replayed, replayed[-1]],
            name=REPLAYED,
            color=ORANGE,
            hover="%{y:.1%}",
        )
        traces.append(stair | {"line": {"color": ORANGE, "width": 2, "shape": "hv"}})
    left, right = (lows[0], highs[-1]) if lows else (0.0, 1.0)
    is_near = left <= deadline_ms <= right
    layout = base_layout(
        x_axis=linear_axis("from arrival to answer (ms)", left, right),
        y_axis=_share_axis("share of requests"),
        shapes=[threshold_line(deadline_ms, "deadline", axis="x")] if is_near else (),
    )
    return {"data": traces, "layout": layout | {"showlegend": len(traces) > 1, "bargap": 0.0}}


def batches_figure(batches: Columns) -> Figure:
    """Return of how many requests the passes were, simulated and real side by side."""
    sizes = batches.get("batch", [])
    traces = []
    for column, name, color in (
        ("share_simulated", SIMULATED, BLUE),
        ("share_replayed", REPLAYED, ORANGE),
    ):
        shares = batches.get(column, [])
        if any(share is not None for share in shares):
            trace = bar_trace(sizes, shares, name=name, color=color)
            traces.append(trace | {"hovertemplate": f"%{{x}}: %{{y:.1%}}<extra>{name}</extra>"})
    last = max(sizes, default=1)
    layout = base_layout(
        x_axis=linear_axis("requests in a pass", 0.4, last + 0.6)
        | ({"tickmode": "linear", "tick0": 1, "dtick": 1} if last <= 12 else {}),
        y_axis=_share_axis("share of passes"),
    )
    return {"data": traces, "layout": layout | {"showlegend": len(traces) > 1}}


def _share_axis(title: str) -> dict[str, Any]:
    return linear_axis(title, grid=True) | {"rangemode": "tozero", "tickformat": ".0%"}


def policies_figure(grid: Columns, best: Columns, *, deadline_ms: float) -> Figure:
    """Return the 99th percentile over rate and batch cap: blue in time, red late, ∞ unstable.

    The best cap at each rate is framed.
    """
    rates, caps = _sorted(grid.get("rate", [])), _sorted(grid.get("max_batch", []))
    cells = dict(
        zip(
            zip(grid.get("max_batch", []), grid.get("rate", []), strict=True),
            zip(grid.get("p99", []), grid.get("stable", []), strict=True),
            strict=True,
        )
    )
    known = [[_known(*cells.get((cap, rate), (None, False))) for rate in rates] for cap in caps]
    trace = heatmap_trace(
        [[_to_deadline(p99, deadline_ms) for p99 in row] for row in known],
        title="",
        low=-_FARTHEST,
        high=_FARTHEST,
        signed=True,
    )
    trace |= {
        "hovertemplate": "%{customdata}<extra></extra>",
        "customdata": [
            [_cell_words(cells, cap, rate, p99) for rate, p99 in zip(rates, row, strict=True)]
            for cap, row in zip(caps, known, strict=True)
        ],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    figure = heatmap_figure(
        trace,
        x_axis=_names_axis("requests a second", [_short(rate) for rate in rates]),
        y_axis=_names_axis("batch cap", [str(cap) for cap in caps]),
    )
    figure["data"].append(_cell_texts(cells, caps, rates, deadline_ms))
    figure["layout"]["plot_bgcolor"] = BAND
    figure["layout"]["shapes"] = [
        _frame(rates.index(rate), caps.index(cap))
        for rate, cap in zip(best.get("rate", []), best.get("max_batch", []), strict=True)
        if rate in rates and cap in caps
    ]
    return figure


def _sorted(values: Sequence[float]) -> list[float]:
    return sorted(set(values))


def _known(p99: float | None, stable: bool) -> float | None:
    return p99 if stable and p99 is not None and math.isfinite(p99) else None


def _to_deadline(p99: float | None, deadline_ms: float) -> float:
    return math.nan if p99 is None or p99 <= 0 else math.log10(p99 / deadline_ms)


def _cell_texts(
    cells: Any, caps: Sequence[float], rates: Sequence[float], deadline_ms: float
) -> Trace:
    """Return what stands in the cells, each in a colour that can be read on its cell's."""
    known = [
        (rates.index(rate), caps.index(cap), _known(p99, stable))
        for (cap, rate), (p99, stable) in cells.items()
    ]
    trace = texts_beside(
        [x for x, _, _ in known],
        [y for _, y, _ in known],
        [_UNSTABLE if p99 is None else _short(p99) for _, _, p99 in known],
        at="middle center",
    )
    shades = [abs(_to_deadline(p99, deadline_ms)) / _FARTHEST for _, _, p99 in known]
    colors = [WHITE if s > 0.8 else BLACK if s > 0.35 else TEXT for s in shades]  # NaN: TEXT
    return trace | {"textfont": {"size": 10, "color": colors}}


def _cell_words(cells: Any, cap: float, rate: float, p99: float | None) -> str:
    if (cap, rate) not in cells:
        return ""
    said = "unstable: the queue grows without end" if p99 is None else f"p99 {p99:.3g} ms"
    return f"{rate:,.0f} a second, up to {cap:g} at once: {said}"


def _short(value: float) -> str:
    """Return a number in as few letters as a cell has room for: 0.82, 8.4, 51, 1.2k."""
    if value >= 1000:
        return f"{float(f'{value / 1000:.2g}'):g}k"
    return f"{float(f'{value:.2g}'):g}"


def _names_axis(title: str, names: Sequence[str]) -> dict[str, Any]:
    return linear_axis(title, -0.5, max(len(names), 1) - 0.5) | {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "tickfont": {"color": MUTED, "size": 9 if len(names) > 8 else 11},
    }


def _frame(x: int, y: int) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": x - 0.47,
        "x1": x + 0.47,
        "y0": y - 0.46,
        "y1": y + 0.46,
        "line": {"color": TEXT, "width": 2.5},
    }


def replicas_figure(replicas: Columns) -> Figure:
    """Return, a row a model, the replicas that keep the queue finite and those that keep time."""
    names = [str(label) for label in replicas.get("label", [])]
    places = [row_place(at, len(names)) for at in range(len(names))]
    traces = []
    for column, name, color, symbol in (
        ("least_stable", "for a queue that ends", MUTED, "circle-open"),
        ("least_in_time", "for the deadline", BLUE, "circle"),
    ):
        counts = replicas.get(column, [])
        traces.append(
            line_trace(log10_of(counts), places, name=name, color=color, mark="live")
            | {
                "marker": {
                    "color": color,
                    "size": 12,
                    "symbol": symbol,
                    "line": {"width": 2, "color": color},
                },
                "mode": "markers+text",
                "text": ["" if count is None else f"{count:,}" for count in counts],
                "textposition": "top center" if column == "least_in_time" else "bottom center",
                "textfont": {"size": 11, "color": MUTED},
                "customdata": [plain(label) for label in names],
                "hovertemplate": f"%{{customdata}}: %{{text}} {name}<extra></extra>",
                "cliponaxis": False,
            }
        )
    seen = [x for trace in traces for x in trace["x"]]
    low, high = padded_range([0.0, 1.0, *seen], share=0.1)
    figure = line_figure(
        traces, x_axis=log10_axis("replicas", low, high), y_axis=wrapped_axis(names)
    )
    figure["layout"]["showlegend"] = True
    return wrapped_figure(figure)


def agreement_figure(
    names: Sequence[str], simulated: Sequence[float | None], known: Sequence[float | None]
) -> Figure:
    """Return, a row a quantity, by how many percent the simulation misses what is `known`."""
    rows = [
        (row_place(at, len(names)), plain(name), 100 * (found / right - 1), found, right)
        for at, (name, found, right) in enumerate(zip(names, simulated, known, strict=True))
        if found is not None and right
    ]
    places, errors = [row[0] for row in rows], [row[2] for row in rows]
    dots: Trace = line_trace(errors, places, name="error", color=BLUE, mark="live")
    dots |= {
        "showlegend": False,
        "marker": {"color": BLUE, "size": 10},
        "customdata": [
            f"{name}: simulated {found:.3g}, known {right:.3g}" for _, name, _, found, right in rows
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
    }
    far = 1.15 * max([15.0, *map(abs, errors)])
    said = texts_beside(
        [1.5 * far] * len(rows), places, [f"{x:+.1f} %" for x in errors], at="middle left"
    )
    figure = line_figure(
        [dots, said],
        x_axis=linear_axis("error of the simulation (%)", -far, 1.5 * far, grid=True),
        y_axis=wrapped_axis(names),
        shapes=[upright_line(0)],
    )
    return wrapped_figure(figure)
