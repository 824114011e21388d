"""The pictures of the clipping lab: columns in, plotly dicts out; nothing is computed here."""

import math
from collections.abc import Mapping

from core.runs.thinning import thinned
from core.runs.views import TableView
from core.training.events import Columns
from pages.components.figures.axes import linear_axis, log10_axis, padded_range
from pages.components.figures.layout import heatmap_figure, line_figure
from pages.components.figures.series import (
    Records,
    event_lines,
    log10_of,
    log_trace,
    lost_names,
    updates_end,
    updates_figure,
)
from pages.components.figures.style import (
    BLUE,
    LOG10_HOVER,
    MUTED,
    VERMILLION,
    Figure,
    Mark,
    Trace,
    heatmap_trace,
    line_trace,
)

TWIN_COLORS = {"unclipped": VERMILLION, "clipped": BLUE}
TWIN_NAMES = {"unclipped": "without clipping", "clipped": "with clipping"}
FIRST_UPDATES = 12

Series = Mapping[str, Columns]


def norm_figure(
    series: Series, *, rule: str, settings: Records, marks: Records, total: int
) -> Figure:
    """Return gradient norms on a log axis: before pale, after full, the threshold a thin line.

    Only where the `rule` has a threshold that is a norm.
    """
    traces: list[Trace] = []
    unclipped, clipped = series.get("unclipped"), series.get("clipped")
    if unclipped:
        traces.append(log_trace(unclipped, "norm_before", "without clipping", VERMILLION))
    if clipped:
        before = log_trace(clipped, "norm_before", "before clipping", BLUE, mark="start")
        after = log_trace(clipped, "norm_after", "after clipping", BLUE)
        traces += [before, after]
        if rule in ("norm", "percentile"):
            threshold = log_trace(clipped, "threshold", "threshold", MUTED)
            threshold["line"] = {"color": MUTED, "width": 1, "shape": "hv"}
            traces.append(threshold)
    return updates_figure(
        traces,
        "gradient norm",
        settings=settings,
        marks=marks,
        names=TWIN_NAMES,
        total=total,
        outside=lost_names(marks, TWIN_NAMES),
    )


def first_updates_figure(series: Series, *, marks: Records) -> Figure:
    """Return the norms of the first dozen updates, where a divergence happens."""
    curves: tuple[tuple[str, str, str, str, Mark], ...] = (
        ("unclipped", "norm_before", "norm without clipping", VERMILLION, "now"),
        ("clipped", "norm_before", "norm before clipping", BLUE, "start"),
        ("clipped", "norm_after", "norm after clipping", BLUE, "now"),
        ("unclipped", "loss", "loss without clipping", VERMILLION, "textbook"),
        ("clipped", "loss", "loss with clipping", BLUE, "textbook"),
    )
    traces = [
        log_trace(_first(columns), column, name, color, mark)
        for twin, column, name, color, mark in curves
        if (columns := series.get(twin))
    ]
    for trace in traces:
        trace["mode"] = "lines+markers"
    early = [mark for mark in marks if mark["step"] <= FIRST_UPDATES]
    figure = updates_figure(
        traces,
        "norm and loss (nats)",
        settings=(),
        marks=early,
        names=TWIN_NAMES,
        total=FIRST_UPDATES,
    )
    figure["layout"]["xaxis"]["range"] = [0.5, FIRST_UPDATES + 0.5]
    return figure


def _first(columns: Columns) -> Columns:
    count = sum(step <= FIRST_UPDATES for step in columns["step"])
    return {name: values[:count] for name, values in columns.items()}


def coefficient_figure(rates: Columns, *, settings: Records, total: int) -> Figure:
    """Return the coefficient (dots of each update) and the clip rate of the last 50 updates."""
    if not rates.get("step"):
        return line_figure([], x_axis=linear_axis("update"), y_axis=linear_axis("share", 0, 1.05))
    coefficient = line_trace(
        *thinned(rates["step"], rates["coefficient"]), name="coefficient", color=BLUE, mark="live"
    )
    coefficient["marker"] = {"color": BLUE, "size": 4, "opacity": 0.45}
    rate = line_trace(
        *thinned(rates["step"], rates["clip_rate"]),
        name="clip rate",
        color=VERMILLION,
        hover="%{y:.0%}",
    )
    end = updates_end([rate], total)
    return line_figure(
        [coefficient, rate],
        x_axis=linear_axis("update", 0, end),
        y_axis=linear_axis("coefficient; share of updates clipped", 0, 1.05, grid=True),
        shapes=event_lines(settings, (), TWIN_NAMES, end),
    )


def layer_figure(layers: Columns) -> Figure:
    """Return the gradient norm of each parameter over the updates, log10 colours."""
    steps, names = layers.get("step", []), layers.get("layer", [])
    rows = [log10_of(row) for row in layers.get("norm", [])]
    trace = heatmap_trace(rows, x=steps, y=names, title="log₁₀ norm")
    trace["hovertemplate"] = "%{y}, update %{x}<br>norm 10<sup>%{z:.1f}</sup><extra></extra>"
    y_axis = linear_axis("") | {"type": "category", "automargin": True, "nticks": len(names) + 1}
    figure = heatmap_figure(trace, x_axis=linear_axis("update"), y_axis=y_axis)
    figure["layout"]["margin"]["l"] = 110
    return figure


def update_size_figure(series: Series, *, total: int) -> Figure:
    """Return the size of each sampled update, the norm of the change of all weights."""
    traces = [
        log_trace(_measured(columns, "update_size"), "update_size", TWIN_NAMES[twin], color)
        for twin, color in TWIN_COLORS.items()
        if (columns := series.get(twin))
    ]
    return updates_figure(
        traces, "size of the update (norm)", settings=(), marks=(), names=TWIN_NAMES, total=total
    )


def cosine_figure(series: Series, *, total: int) -> Figure:
    """Return the cosine between the raw and the clipped gradient at the sampled updates."""
    columns = _measured(series.get("clipped", {}), "cosine")
    trace = line_trace(
        *thinned(columns.get("step", []), columns.get("cosine", [])),
        name="cosine",
        color=BLUE,
        mark="live",
        hover="%{y:.4f}",
    )
    return line_figure(
        [trace],
        x_axis=linear_axis("update", 0, updates_end([trace], total)),
        y_axis=linear_axis("cosine, raw to clipped (1 = same)", 0, 1.05, grid=True),
    )


def _measured(columns: Columns, name: str) -> Columns:
    """Keep the updates at which `name` was measured."""
    values = columns.get(name, [])
    rows = [(s, v) for s, v in zip(columns.get("step", []), values, strict=False) if v is not None]
    return {"step": [s for s, _ in rows], name: [v for _, v in rows]}


def percentile_figure(percentiles: Mapping[str, TableView]) -> Figure:
    """Return the percentiles of the norms of both twins: what the percentile rule would choose.

    An infinite one is a triangle at the upper edge.
    """
    heights = {twin: log10_of(view.latest.columns["norm"]) for twin, view in percentiles.items()}
    low, high = padded_range([0.0, *(h for row in heights.values() for h in row)])
    traces = []
    for twin in percentiles:
        finite = [math.isfinite(h) for h in heights[twin]]
        trace = line_trace(
            range(len(finite)),
            [h if ok else high for h, ok in zip(heights[twin], finite, strict=True)],
            name=TWIN_NAMES[twin],
            color=TWIN_COLORS[twin],
            hover=LOG10_HOVER,
        )
        symbols = ["circle" if ok else "triangle-up" for ok in finite]
        hover = [
            f"{h:.3g} (log10)" if ok else "infinite"
            for h, ok in zip(heights[twin], finite, strict=True)
        ]
        marker = {"color": TWIN_COLORS[twin], "size": 9, "symbol": symbols}
        trace |= {"mode": "lines+markers", "marker": marker, "customdata": hover}
        if not all(finite):
            trace["hovertemplate"] = "%{customdata}<extra></extra>"
        traces.append(trace)
    names = next((v.latest.columns["percentile"] for v in percentiles.values()), [])
    x_axis = linear_axis("percentile of the gradient norms so far", -0.4, 3.4) | {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [f"{p:.0f}th" for p in names],
    }
    return line_figure(
        traces, x_axis=x_axis, y_axis=log10_axis("gradient norm", low, high + 0.06 * (high - low))
    )
