"""The pictures of the gradient-flow lab: columns in, plotly dicts out; nothing is computed here."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.models.catalogue import find_spec
from core.runs.thinning import thinned
from core.runs.views import TableView
from core.training.events import Columns
from pages.components.figures.axes import linear_axis, log10_axis, padded_range
from pages.components.figures.layout import heatmap_figure, line_figure
from pages.components.figures.series import log10_of
from pages.components.figures.style import (
    LOG10_HOVER,
    Figure,
    Trace,
    heatmap_trace,
    line_trace,
    model_color,
    plain,
    threshold_line,
    trained_range,
)

Tables = Mapping[str, TableView]
LEAST_SHARE = -3.5
"""log10 of the smallest share that a histogram tells from nothing."""
SLOPE = ", slope"
LEAST_SPAN = 0.1
"""Of an axis of mean gates: less would be noise blown up."""
SHORT_TEXT = 52
CHARACTERS_ACROSS = 84
"""About how many small characters fit below a heatmap."""


def flow_figure(flows: Tables) -> Figure:
    """Return the gradient against distance: textbook dashed, exact solid, the start pale."""
    traces: list[Trace] = []
    for model, view in flows.items():
        columns = (view.first.columns, view.latest.columns)
        traces += _flow_traces(model, *columns, is_crowded=len(flows) > 2)
    return _framed(traces)


def _framed(traces: list[Trace]) -> Figure:
    """Return the curves in a frame that those marked so decide; others may leave it."""
    framing = [trace for trace in traces if trace["meta"] == "frame"]
    low, high = padded_range([y for trace in framing for y in trace["y"]])
    return line_figure(
        traces,
        x_axis=linear_axis("distance back in time (steps)"),
        y_axis=log10_axis("gradient that is left (norm, start = 1)", low, max(high, 1.0)),
    )


def _flow_traces(
    model: str, start: Columns, now: Columns, *, is_crowded: bool = False
) -> list[Trace]:
    """Return a model's curves; among many models only one of each has a label."""
    label, color = find_spec(model).label, model_color(model)
    has_cell = find_spec(model).cell == "lstm"
    distance = now["distance"]

    def curve(columns: Columns, column: str, name: str, mark: Any, frame: bool = True) -> Trace:
        y = columns[column]
        trace = line_trace(distance, y, name=name, color=color, mark=mark, hover=LOG10_HOVER)
        return trace | {"meta": "frame" if frame else "free"}

    textbook = curve(now, "textbook_log10", f"{label} textbook", "textbook", frame=has_cell)
    hidden = curve(now, "exact_h_log10", f"{label} exact, hidden", "exact")
    began = curve(start, "exact_h_log10", f"{label} at the start", "start")
    began["showlegend"] = False
    textbook["showlegend"] = not is_crowded
    if not has_cell:
        hidden["name"] = label if is_crowded else f"{label} exact"
        return [began, textbook, hidden]
    hidden["showlegend"] = not is_crowded
    hidden["line"] = {**hidden["line"], "width": 1.25}
    cell = f"{label}, cell" if is_crowded else f"{label} exact, cell"
    return [began, textbook, hidden, curve(now, "exact_c_log10", cell, "exact")]


def score_figure(scores: Tables, lag: int, score_name: str) -> Figure:
    """Return R2, accuracy or loss against lag, with the trained lags shaded."""
    titles = {
        "R2": "R² of the remembered number",
        "accuracy": "accuracy of the remembered letter",
        "loss": "held-out loss (nats per character)",
    }
    traces = [
        line_trace(
            *thinned(view.latest.columns["lag"], view.latest.columns["score"]),
            name=find_spec(model).label,
            color=model_color(model),
            mark="now",
        )
        for model, view in scores.items()
    ]
    # A model that explodes beyond its range would flatten all others: R2 is shown from -0.25.
    y_axis = linear_axis(titles[score_name], grid=True)
    if score_name != "loss":
        y_axis = linear_axis(titles[score_name], -0.25 if score_name == "R2" else 0, 1.2, grid=True)
    title = "position (characters)" if score_name == "loss" else "lag (steps)"
    return line_figure(
        traces, x_axis=linear_axis(title), y_axis=y_axis, shapes=[trained_range(0, lag)]
    )


def histogram_figure(histograms: Tables) -> Figure:
    """Return where the gates stand: the start pale, now full, one outline a model; log shares."""

    def points(columns: Columns) -> tuple[list[float], list[float]]:
        edges = zip(columns["low"], columns["high"], strict=True)
        shares = [LEAST_SHARE if math.isnan(s) else s for s in log10_of(columns["share"])]
        return [(low + high) / 2 for low, high in edges], shares

    traces = _start_and_now(histograms, points, hover=LOG10_HOVER)
    for trace in traces:
        trace["line"] = {**trace["line"], "shape": "hvh"}
    return line_figure(
        traces,
        x_axis=linear_axis("gate: 0 forgets, 1 keeps", 0, 1),
        y_axis=log10_axis("share of gates", LEAST_SHARE, 0.1),
    )


def _start_and_now(
    tables: Tables,
    points: Callable[[Columns], tuple[Sequence[float], Sequence[float]]],
    *,
    hover: str = "%{y:.3g}",
) -> list[Trace]:
    """Return two curves a model: its first table pale and without a label, its newest full."""
    traces = []
    for model, view in tables.items():
        for at, mark in ((view.first, "start"), (view.latest, "now")):
            trace = line_trace(
                *points(at.columns),
                name=gate_name(model),
                color=model_color(model),
                mark="start" if mark == "start" else "now",
                hover=hover,
            )
            traces.append(trace | {"showlegend": mark == "now"})
    return traces


def gate_name(model: str) -> str:
    """Return what a curve of gates is called: an RNN has none, its slope stands in for it."""
    spec = find_spec(model)
    return spec.label + (SLOPE if spec.cell == "rnn" else "")


def gate_heatmap_figure(gate: Sequence[Sequence[float]], labels: Columns) -> Figure:
    """Return units x steps of one gate, the slowest unit on top, with what was read below."""
    symbols = [str(symbol) for symbol in labels["symbol"]]
    steps = list(range(len(symbols)))
    trace = heatmap_trace(gate, x=steps, title="gate", low=0, high=1)
    shown = [visible(symbol) for symbol in symbols]
    trace["customdata"] = [
        [[unit, shown[step]] for step in range(len(row))]
        for unit, row in zip(labels["unit"], gate, strict=True)
    ]
    trace["hovertemplate"] = (
        "unit %{customdata[0]}, step %{x}, reads %{customdata[1]}<br>gate %{z:.3g}<extra></extra>"
    )
    x_axis = linear_axis("step")
    if steps and len(max(symbols, key=len)) == 1:
        places, texts = _reading(symbols)
        x_axis = linear_axis("what is read") | {
            "tickmode": "array",
            "tickvals": places,
            "ticktext": texts,
            "tickangle": 0,
        }
    y_axis = linear_axis("unit (slowest on top)") | {"autorange": "reversed", "nticks": 5}
    return heatmap_figure(trace, x_axis=x_axis, y_axis=y_axis)


def _reading(symbols: Sequence[str]) -> tuple[list[float], list[str]]:
    """Return where to write what: each character of a short text, each word of a longer one.

    A word stands below its middle; one that would touch the word before it is left out.
    """
    if len(symbols) <= SHORT_TEXT:
        return [float(step) for step in range(len(symbols))], [visible(s) for s in symbols]
    places, texts, free_from = [], [], 0.0
    room = len(symbols) / CHARACTERS_ACROSS
    for word in re.finditer(r"\S+", "".join(symbols)):
        middle = (word.start() + word.end() - 1) / 2
        half = (len(word.group()) + 1) * room / 2
        if middle - half >= free_from - 1:
            places.append(middle)
            texts.append(plain(word.group()))
            free_from = middle + half
    return places, texts


def visible(symbol: str) -> str:
    """Return a symbol that can be seen: white space as its usual sign, a tag as its letters."""
    return {" ": "␣", "\n": "↵", "\t": "⇥"}.get(symbol) or plain(symbol)


def time_scale_figure(scales: Tables) -> Figure:
    """Return each unit's time scale, slowest first, on a log axis: the start pale, now full.

    An RNN has no gate, and so no curve.
    """

    def points(columns: Columns) -> tuple[Sequence[float], Sequence[float]]:
        scale = log10_of(columns["time_scale_steps"])
        return range(1, len(scale) + 1), scale

    gated = {model: view for model, view in scales.items() if find_spec(model).cell != "rnn"}
    traces = _start_and_now(gated, points, hover=LOG10_HOVER)
    low, high = padded_range([y for trace in traces for y in trace["y"]])
    return line_figure(
        traces,
        x_axis=linear_axis("unit, slowest first"),
        y_axis=log10_axis("time scale 1 / (1 − gate) (steps)", min(low, 0), high),
    )


def closing_figure(closing: Columns, color: str, *, is_text: bool) -> Figure:
    """Return the steps at which the gates are most closed, in their order.

    Of a text the characters read there stand below, of numbers the steps.
    """
    order = sorted(range(len(closing["step"])), key=lambda i: closing["step"][i])
    steps = [closing["step"][i] for i in order]
    symbols = [visible(str(closing["symbol"][i])) for i in order]
    gates = [closing["mean_gate"][i] for i in order]
    trace = line_trace(range(len(order)), gates, name="mean gate", color=color, mark="live")
    trace["customdata"] = [[step, symbol] for step, symbol in zip(steps, symbols, strict=True)]
    trace["hovertemplate"] = (
        "step %{customdata[0]}, reads %{customdata[1]}<br>mean gate %{y:.3g}<extra></extra>"
    )
    title = "character read there" if is_text else "step of the sequence"
    x_axis = linear_axis(title, -0.6, len(order) - 0.4) | {
        "tickmode": "array",
        "tickvals": list(range(len(order)))[:: 1 if is_text else 3],
        "ticktext": symbols if is_text else [str(step) for step in steps[::3]],
        "tickangle": 0,
    }
    low, high = padded_range(gates, share=0.2)
    low = min(low, high - LEAST_SPAN)
    y_axis = linear_axis("mean gate over units", max(low, 0.0), min(high, 1.0), grid=True)
    return line_figure([trace], x_axis=x_axis, y_axis=y_axis)


def lyapunov_figure(exponents: Tables) -> Figure:
    """Return the top Lyapunov exponents: the start pale, now full; 0 is the edge of chaos."""
    traces = _start_and_now(exponents, lambda c: (c["index"], c["exponent_nats_per_step"]))
    for trace in traces:
        trace["name"] = trace["name"].removesuffix(SLOPE)
        trace["mode"] = "lines+markers"
    low, high = padded_range([0.0, *(y for trace in traces for y in trace["y"])], share=0.12)
    count = max((len(trace["x"]) for trace in traces), default=1)
    return line_figure(
        traces,
        x_axis=linear_axis("exponent, largest first", 0.6, count + 0.4) | {"dtick": 1},
        y_axis=linear_axis("exponent (nats per step)", low, high, grid=True),
        shapes=[threshold_line(0, "0: neither grows nor dies")],
    )


def what_if_figure(pictures: Mapping[str, Columns]) -> Figure:
    """Return the gradient at initialization: textbook dashed, exact solid."""
    traces: list[Trace] = []
    for model, columns in pictures.items():
        numbers = {name: [float(v) for v in values] for name, values in columns.items()}
        traces += [t for t in _flow_traces(model, numbers, numbers) if t.get("showlegend", True)]
    return _framed(traces)
