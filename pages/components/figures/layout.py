"""A whole figure from traces and axes: margins, direct labels, one place for what all share."""

import textwrap
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from pages.components.figures.axes import padded_range
from pages.components.figures.style import BACKGROUND, HEIGHT, TEXT, Figure, named, number

LABEL_SIZE = 12
_LINE_PIXELS = 15
_LABEL_CHARACTERS = 20
_MARGIN = {"l": 52, "r": 16, "t": 30, "b": 46}
_HEATMAP_MARGIN = {"l": 52, "r": 8, "t": 30, "b": 46}


def base_layout(
    *,
    x_axis: Mapping[str, Any],
    y_axis: Mapping[str, Any],
    shapes: Sequence[Mapping[str, Any]] = (),
    annotations: Sequence[Mapping[str, Any]] = (),
    right: int = _MARGIN["r"],
) -> dict[str, Any]:
    """Return what every chart shares; its margins are fixed, so that nothing moves as it fills."""
    return {
        "uirevision": "keep",  # a zoom outlives new data
        "margin": {**_MARGIN, "r": right},
        "xaxis": dict(x_axis),
        "yaxis": dict(y_axis),
        "shapes": [dict(shape) for shape in shapes],
        "annotations": [dict(annotation) for annotation in annotations],
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": 12},
        "hoverlabel": {"bgcolor": BACKGROUND, "font": {"color": TEXT, "size": 12}},
        "hovermode": "closest",
        "showlegend": False,
        "bargap": 0.08,
    }


def line_figure(
    traces: Sequence[Mapping[str, Any]],
    *,
    x_axis: Mapping[str, Any],
    y_axis: Mapping[str, Any],
    shapes: Sequence[Mapping[str, Any]] = (),
    height: int = HEIGHT,
) -> Figure:
    """Return curves with a direct label at the end of each, where there is more than one."""
    y_axis = dict(y_axis)
    if "range" not in y_axis:
        seen = [value for trace in traces for value in trace.get("y", ())]
        y_axis["range"] = [number(edge) for edge in padded_range(seen)]
    y_axis["showgrid"] = True
    x_axis = _fitted(x_axis, traces)
    several = len(named(traces)) > 1
    return {
        "data": [dict(trace) for trace in traces],
        "layout": base_layout(
            x_axis=x_axis,
            y_axis=y_axis,
            shapes=shapes,
            annotations=direct_labels(traces, y_axis["range"], height) if several else (),
            right=label_margin(traces) if several else _MARGIN["r"],
        ),
    }


def _fitted(x_axis: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Give a numeric axis the range of its curves: labels beside them would stretch it."""
    seen = [x for trace in traces for x in trace.get("x", ())]
    if "range" in x_axis or not seen or any(isinstance(x, str) for x in seen):
        return x_axis
    return {**x_axis, "range": [number(edge) for edge in padded_range(seen, share=0.0)]}


def heatmap_figure(
    trace: Mapping[str, Any], *, x_axis: Mapping[str, Any], y_axis: Mapping[str, Any]
) -> Figure:
    """Return a heatmap; its colour bar stands where direct labels stand elsewhere."""
    layout = base_layout(x_axis=x_axis, y_axis={**y_axis, "showgrid": False})
    return {"data": [dict(trace)], "layout": {**layout, "margin": dict(_HEATMAP_MARGIN)}}


def direct_labels(
    traces: Sequence[Mapping[str, Any]],
    y_range: Sequence[float],
    height: int = HEIGHT,
) -> list[dict[str, Any]]:
    """Return an annotation at the last visible point of each named trace, in its colour.

    Labels that end near each other and would overlap are spread, each as near to its own curve
    as the others allow, and none leaves the plot. A narrow chart shows a legend instead.

    Args:
        traces: curves; those without a name, or with `showlegend` false, get no label.
        y_range: bottom and top of the vertical axis.
        height: pixels of the whole chart, margins included.
    """
    plot = height - _MARGIN["t"] - _MARGIN["b"]
    bottom, top = y_range
    scale = plot / ((top - bottom) or 1.0)
    ends = [
        (trace, x, y, _wrapped(str(trace["name"])))
        for trace in named(traces)
        for x, y in [_last_visible_point(trace, bottom, top)]
        if x is not None and y is not None
    ]
    reach = max((x for _, x, _, _ in ends), default=0) - min(
        (x for trace in named(traces) for x in trace["x"] if x is not None), default=0
    )
    last = max((x for _, x, _, _ in ends), default=0)
    ends.sort(key=lambda end: (-round(4 * end[1] / (reach or 1)), -end[2]))
    wanted = [(top - y) * scale for _, _, y, _ in ends]
    sizes = [_LINE_PIXELS * (text.count("<br>") + 1) + 2 for *_, text in ends]
    places: list[float] = []
    for _, column in groupby(range(len(ends)), lambda i: round(4 * ends[i][1] / (reach or 1))):
        members = list(column)  # labels that stand over each other: they end at about the same x
        places += spread([wanted[i] for i in members], [sizes[i] for i in members], plot)
    return [
        {
            "name": "direct",
            "text": text,
            "x": x,
            "y": number(y),
            "xanchor": "left",
            "yanchor": "middle",
            "align": "left",
            "xshift": 6,
            "yshift": number(want - place),
            "showarrow": False,
            "font": {"color": _color(trace), "size": LABEL_SIZE},
            "bgcolor": BACKGROUND if x == last else "rgba(0,0,0,0)",  # never over a curve
            "borderpad": 1,
        }
        for (trace, x, y, text), want, place in zip(ends, wanted, places, strict=True)
    ]


def spread(wanted: Sequence[float], sizes: Sequence[float], length: float) -> list[float]:
    """Return centres near `wanted` (ascending) so that things of `sizes` neither touch nor leave.

    Neighbours that would touch become a group, centred where its members wish to be on average.
    What does not fit into `length` at all is squeezed evenly.
    """
    total = sum(sizes)
    squeeze = min(1.0, length / total) if total else 1.0
    sizes = [size * squeeze for size in sizes]
    groups: list[tuple[list[float], list[float]]] = []
    for want, size in zip(wanted, sizes, strict=True):
        groups.append(([want], [size]))
        while len(groups) > 1 and _bottom(groups[-2], length) > _top(groups[-1], length):
            wants, members = groups.pop()
            groups[-1] = (groups[-1][0] + wants, groups[-1][1] + members)
    places: list[float] = []
    for group in groups:
        edge = _top(group, length)
        for size in group[1]:
            places.append(edge + size / 2)
            edge += size
    return places


def label_margin(traces: Sequence[Mapping[str, Any]]) -> int:
    """Return the pixels that the longest label needs to the right of the plot."""
    lines = [line for trace in named(traces) for line in _wrapped(str(trace["name"])).split("<br>")]
    return round(14 + 0.54 * LABEL_SIZE * max((len(line) for line in lines), default=0))


def _top(group: tuple[list[float], list[float]], length: float) -> float:
    """Where a group starts: its members' mean wish, kept between 0 and `length`."""
    wants, sizes = group
    edge, wishes = 0.0, 0.0
    for want, size in zip(wants, sizes, strict=True):
        wishes += want - (edge + size / 2)
        edge += size
    return min(max(wishes / len(wants), 0.0), length - edge)


def _bottom(group: tuple[list[float], list[float]], length: float) -> float:
    return _top(group, length) + sum(group[1])


def _wrapped(name: str) -> str:
    return "<br>".join(textwrap.wrap(name, _LABEL_CHARACTERS)) or name


def _color(trace: Mapping[str, Any]) -> str:
    part = trace.get("line") or trace.get("marker") or {}
    return str(part.get("color", TEXT))


def _last_visible_point(
    trace: Mapping[str, Any], bottom: float, top: float
) -> tuple[float | None, float | None]:
    for x, y in zip(reversed(trace["x"]), reversed(trace["y"]), strict=True):
        if y is not None and bottom <= y <= top:
            return x, y
    return None, None
