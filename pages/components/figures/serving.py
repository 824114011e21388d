"""What an answer of a served model takes, against batch size and length: columns in, dicts out."""

import math
from collections.abc import Sequence
from typing import Any

from core.labs.serving_what_if import Clock
from core.training.events import Columns
from pages.components.figures.axes import linear_axis, log10_axis, padded_range
from pages.components.figures.layout import line_figure
from pages.components.figures.series import log10_of
from pages.components.figures.style import (
    BLUE,
    GREEN,
    NAVY,
    ORANGE,
    Figure,
    Trace,
    interval_trace,
    line_trace,
    threshold_line,
)

BATCH = "requests in a batch"
TIME = "time of a batch (ms)"
CLOCKS: dict[Clock, str] = {"wall": "on the wall", "cpu": "of the CPU"}
_FARTHEST_RATE = 4.0
"""A rate asked for is drawn up to so many times what the model reaches."""


def latency_figure(service: Columns, words: int) -> Figure:
    """Return the milliseconds of a batch against its size, at `words` words a request.

    On the wall: the median, and a band up to the 99th percentile. Of the CPU: the median.
    """
    rows = [i for i in _measured(service) if service["words"][i] == words]
    rows.sort(key=lambda i: service["batch"][i])
    sizes = [service["batch"][i] for i in rows]
    places = [math.log2(size) for size in sizes]
    wall, worst, cpu = (
        log10_of([service[name][i] for i in rows]) for name in ("wall_p50", "wall_p99", "cpu_p50")
    )
    said = [_times(service, i) for i in rows]
    traces = [
        interval_trace(places, wall, worst, color=BLUE),
        _curve(places, wall, CLOCKS["wall"], BLUE) | {"customdata": said},
        _curve(places, cpu, CLOCKS["cpu"], ORANGE, is_dashed=True) | {"customdata": said},
    ]
    return line_figure(
        traces,
        x_axis=_size_axis(sizes),
        y_axis=log10_axis(TIME, *padded_range([*wall, *worst, *cpu], share=0.08)),
    )


def throughput_figure(service: Columns, words: int, rate: float, clock: Clock) -> Figure:
    """Return the requests a second that one replica answers, against the batch, and those asked.

    By the median time of `clock`.
    """
    rows = [i for i in _measured(service) if service["words"][i] == words]
    rows.sort(key=lambda i: service["batch"][i])
    sizes = [service["batch"][i] for i in rows]
    reached = [1e3 * service["batch"][i] / service[f"{clock}_p50"][i] for i in rows]
    most = max(reached, default=1.0)
    is_near = rate <= _FARTHEST_RATE * most
    trace = _curve([math.log2(size) for size in sizes], reached, "reached", GREEN)
    trace["customdata"] = [
        [f"{size:,}", f"{value:,.0f}"] for size, value in zip(sizes, reached, strict=True)
    ]
    trace["hovertemplate"] = "batch %{customdata[0]}: %{customdata[1]} a second<extra></extra>"
    return line_figure(
        [trace],
        x_axis=_size_axis(sizes),
        y_axis=linear_axis(
            "requests answered a second", 0, 1.12 * max(most, rate if is_near else 0)
        ),
        shapes=[threshold_line(rate, f"asked: {rate:,.0f} a second")] if is_near else (),
    )


def words_figure(service: Columns, batches: Sequence[int], clock: Clock) -> Figure:
    """Return the median milliseconds of a batch against the words of a request, by `clock`."""
    traces: list[Trace] = []
    lengths: set[int] = set()
    for size, color in zip(batches, (NAVY, GREEN), strict=False):
        rows = [i for i in _measured(service) if service["batch"][i] == size]
        rows.sort(key=lambda i: service["words"][i])
        lengths |= {service["words"][i] for i in rows}
        times = log10_of([service[f"{clock}_p50"][i] for i in rows])
        places = [math.log10(service["words"][i]) for i in rows]
        name = "one request" if size == 1 else f"batch of {size}"
        trace = _curve(places, times, name, color)
        traces.append(trace | {"customdata": [_times(service, i) for i in rows]})
    ticks = sorted(lengths)
    return line_figure(
        traces,
        x_axis=linear_axis("words in a request") | _ticks([math.log10(n) for n in ticks], ticks),
        y_axis=log10_axis(
            TIME, *padded_range([y for trace in traces for y in trace["y"]], share=0.08)
        ),
    )


def _measured(service: Columns) -> list[int]:
    """Return the rows that have a time: a model may take no batch of some sizes."""
    return [i for i, time in enumerate(service.get("wall_p50", [])) if time is not None]


def _times(service: Columns, row: int) -> list[str]:
    """Return what the pointer says of a row."""

    def three(clock: str) -> str:
        values = (service[f"{clock}_{name}"][row] for name in ("p50", "p95", "p99"))
        return " / ".join("–" if value is None else f"{value:.3g}" for value in values)

    head = f"batch {service['batch'][row]}, {service['words'][row]} words"
    return [f"{head}, {service['calls'][row]} calls", three("wall"), three("cpu")]


def _curve(
    x: Sequence[float],
    y: Sequence[float],
    name: str,
    color: str,
    *,
    is_dashed: bool = False,
) -> Trace:
    trace = line_trace(x, y, name=name, color=color, mark="textbook" if is_dashed else "exact")
    return trace | {
        "mode": "lines+markers",
        "marker": {"color": color, "size": 6},
        "cliponaxis": False,
        "hovertemplate": "%{customdata[0]}<br>wall, median / 95 % / 99 %: %{customdata[1]} ms"
        "<br>CPU: %{customdata[2]} ms<extra></extra>",
    }


def _size_axis(sizes: Sequence[int]) -> dict[str, Any]:
    places = [math.log2(size) for size in sizes]
    low, high = padded_range(places, share=0.02) if places else (0.0, 7.0)
    return linear_axis(BATCH, low, high) | _ticks(places, sizes)


def _ticks(places: Sequence[float], names: Sequence[int]) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": [round(place, 4) for place in places],
        "ticktext": [str(name) for name in names],
    }
