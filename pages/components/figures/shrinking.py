"""What makes a model smaller or faster: speed, size, accuracy, and what a teacher is worth."""

import math
from collections.abc import Sequence
from typing import Any

from core.training.events import Columns
from pages.components.figures.axes import linear_axis, padded_range
from pages.components.figures.dots import reach, row_place, rows_axis, rows_margin, whiskers
from pages.components.figures.layout import line_figure
from pages.components.figures.style import (
    BLUE,
    GREEN,
    GREY,
    MUTED,
    NAVY,
    ORANGE,
    VERMILLION,
    Figure,
    Trace,
    line_trace,
    numbers,
    plain,
)
from pages.components.figures.wrapped_rows import (
    texts_beside,
    upright_line,
    wrapped_axis,
    wrapped_figure,
)

SERVED = "served"
BATCHES = (1, 8, 32)
COLORS = {"faster": GREEN, "slower": VERMILLION}
"""What is neither is grey."""
_STEPS = (0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32)
_PERCENT = {"tickformat": ".0%"}


def speed_figure(variants: Columns) -> Figure:
    """Return three bars a variant, batch 1, 8 and 32: how many times as fast as what is served.

    To the right of 1 and green is faster, to the left and red slower.
    """
    rows = [i for i, name in enumerate(variants.get("name", [])) if name != SERVED]
    traces = [_speeds(variants, rows, batch, 0.27 * (1 - at)) for at, batch in enumerate(BATCHES)]
    seen = [x for trace in traces for x in trace["x"]]
    low, high = min([-1.0, *seen]), max([1.0, *seen])
    air = 0.3 * (high - low)
    low, high = low - air, high + air
    ticks = [step for step in _STEPS if low <= math.log2(step) <= high]
    figure = line_figure(
        traces,
        x_axis=linear_axis("times as fast as what is served", low, high, grid=True)
        | {
            "tickmode": "array",
            "tickvals": [math.log2(step) for step in ticks],
            "ticktext": [f"{step:g}×" for step in ticks],
        },
        y_axis=wrapped_axis(_names(variants, rows)),
        shapes=[upright_line(0)],
    )
    return wrapped_figure(figure)


def _speeds(variants: Columns, rows: Sequence[int], batch: int, shift: float) -> Trace:
    speeds = variants.get(f"speedup_{batch}", [])
    known = [i for i in rows if (speeds[i] or 0) > 0]
    return {
        "type": "bar",
        "orientation": "h",
        "name": f"batch {batch}",
        "showlegend": False,
        "x": numbers(math.log2(speeds[i]) for i in known),
        "y": [row_place(rows.index(i), len(rows)) + shift for i in known],
        "width": 0.22,
        "marker": {
            "color": [COLORS.get(variants[f"words_{batch}"][i], GREY) for i in known],
            "line": {"width": 0},
        },
        "text": [f"{batch}: {_times(speeds[i])}" for i in known],
        "textposition": "outside",
        "textfont": {"size": 10, "color": MUTED},
        "constraintext": "none",
        "cliponaxis": False,
        "customdata": [
            f"{plain(str(variants['label'][i]))}, batch {batch}: {_times(speeds[i])}, "
            f"{variants[f'words_{batch}'][i]} ({variants[f'ms_{batch}'][i]:.3g} ms)"
            for i in known
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _times(speed: float) -> str:
    return f"{speed:.2f}×" if speed < 10 else f"{speed:.0f}×"


def accuracy_figure(variants: Columns) -> Figure:
    """Return the accuracy of each variant with its interval; the line is what is served."""
    rows = _rows(variants)
    known = [i for i in rows if variants["accuracy"][i] is not None]
    values = [variants["accuracy"][i] for i in known]
    lows = [variants["accuracy_low"][i] for i in known]
    highs = [variants["accuracy_high"][i] for i in known]
    colors = [ORANGE if variants["name"][i] == SERVED else BLUE for i in known]
    dots: Trace = line_trace(
        values,
        [row_place(rows.index(i), len(rows)) for i in known],
        name="accuracy",
        color=BLUE,
        mark="live",
    )
    dots |= {
        "showlegend": False,
        "marker": {"size": 10, "color": colors},
        "error_x": whiskers(
            [reach(high, value) for high, value in zip(highs, values, strict=True)],
            [reach(value, low) for low, value in zip(lows, values, strict=True)],
        ),
        "customdata": [plain(str(variants["label"][i])) for i in known],
        "hovertemplate": "%{customdata}: %{x:.1%}<extra></extra>",
        "cliponaxis": False,
    }
    ends = [v if high is None else high for high, v in zip(highs, values, strict=True)]
    said = texts_beside(ends, dots["y"], [f"{value:.1%}" for value in values])
    served = [
        value for i, value in zip(known, values, strict=True) if variants["name"][i] == SERVED
    ]
    low, high = padded_range([*values, *lows, *highs])
    high += 0.24 * (high - low)
    figure = line_figure(
        [dots, said],
        x_axis=linear_axis("share of test texts right", low, high, grid=True) | _PERCENT,
        y_axis=wrapped_axis(_names(variants, rows)),
        shapes=[upright_line(value) for value in served],
    )
    return wrapped_figure(figure)


def flips_figure(variants: Columns) -> Figure:
    """Return the share of test texts that each variant answers otherwise than what is served."""
    return _bars(
        variants,
        "flips",
        "share of answers that change",
        said=lambda row: f"{variants['flips'][row]:.1%}" if variants["flips"][row] else "none",
        axis=_PERCENT,
        least=0.04,
    )


def size_figure(variants: Columns) -> Figure:
    """Return the megabytes of each variant as it is stored, and how many times smaller it is."""

    def said(row: int) -> str:
        size, smaller = variants["megabytes"][row], variants["smaller"][row]
        much = f", {smaller:.1f}× smaller" if smaller and smaller >= 1.05 else ""
        return f"{size:.2f}{much}"

    return _bars(variants, "megabytes", "size as stored (MB)", said=said, axis={})


def _bars(
    variants: Columns,
    column: str,
    title: str,
    *,
    said: Any,
    axis: dict[str, Any],
    least: float = 0.01,
) -> Figure:
    rows = _rows(variants)
    known = [i for i in rows if variants[column][i] is not None]
    values = [variants[column][i] for i in known]
    trace: Trace = {
        "type": "bar",
        "orientation": "h",
        "name": column,
        "showlegend": False,
        "x": numbers(values),
        "y": [row_place(rows.index(i), len(rows)) for i in known],
        "width": 0.55,
        "marker": {
            "color": [ORANGE if variants["name"][i] == SERVED else BLUE for i in known],
            "line": {"width": 0},
        },
        "text": [said(i) for i in known],
        "textposition": "outside",
        "textfont": {"size": 11, "color": MUTED},
        "constraintext": "none",
        "cliponaxis": False,
        "customdata": [f"{plain(str(variants['label'][i]))}: {said(i)}" for i in known],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    most = max([least, *values])
    figure = line_figure(
        [trace],
        x_axis=linear_axis(title, 0, 1.45 * most, grid=True) | axis,
        y_axis=wrapped_axis(_names(variants, rows)),
    )
    return wrapped_figure(figure)


def distillation_figure(distillation: Columns) -> Figure:
    """Return a line a seed: the same student without a teacher, and with one."""
    seeds = distillation.get("seed", [])
    pairs = list(
        zip(distillation.get("scratch", []), distillation.get("distilled", []), strict=True)
    )
    traces = [
        line_trace([0, 1], pair, name=f"seed {seed}", color=NAVY, hover="%{y:.1%}")
        | {"mode": "lines+markers", "marker": {"size": 9, "color": NAVY}, "cliponaxis": False}
        for seed, pair in zip(seeds, pairs, strict=True)
    ]
    low, high = padded_range([value for pair in pairs for value in pair], share=0.2)
    return line_figure(
        traces,
        x_axis=linear_axis("", -0.25, 1.15)
        | {
            "tickmode": "array",
            "tickvals": [0, 1],
            "ticktext": ["labels alone", "with a teacher"],
        },
        y_axis=linear_axis("share of test texts right", low, high) | _PERCENT,
    )


def difference_figure(distillation: Columns) -> Figure:
    """Return by how many points the teacher's student is better, a row a seed, and their mean.

    The mean has its 95 % interval over the seeds, where there is one.
    """
    seeds = distillation.get("seed", [])
    means, lows, highs = (distillation.get(name, []) for name in ("mean", "low", "high"))
    names = [f"seed {seed}" for seed in seeds] + ["mean"] * bool(means)
    shown = [100 * each for each in [*distillation.get("difference", []), *means[:1]]]
    places = [row_place(at, len(names)) for at in range(len(names))]
    dots = line_trace(shown, places, name="difference", color=BLUE, mark="live")
    has_interval = bool(lows) and lows[0] is not None
    ends = [100 * lows[0], 100 * highs[0]] if has_interval else []
    nothing = [0.0] * len(seeds)
    dots |= {
        "showlegend": False,
        "marker": {"size": 10, "color": [NAVY] * len(seeds) + [ORANGE] * bool(means)},
        "hovertemplate": "%{x:+.1f} points<extra></extra>",
        "cliponaxis": False,
    }
    if ends:
        dots["error_x"] = whiskers(
            [*nothing, reach(ends[1], shown[-1])], [*nothing, reach(shown[-1], ends[0])]
        )
    far = 1.25 * max(abs(x) for x in [1.0, *shown, *ends])
    said = texts_beside([1.3 * far] * len(shown), places, [f"{x:+.1f}" for x in shown])
    figure = line_figure(
        [dots, said | {"textposition": "middle left"}],
        x_axis=linear_axis("better with a teacher (points)", -far, 1.3 * far, grid=True),
        y_axis=rows_axis(names),
        shapes=[upright_line(0)],
    )
    figure["layout"]["margin"]["l"] = rows_margin(names)
    return figure


def _rows(variants: Columns) -> list[int]:
    return list(range(len(variants.get("name", []))))


def _names(variants: Columns, rows: Sequence[int]) -> list[str]:
    return [str(variants["label"][i]) for i in rows]
