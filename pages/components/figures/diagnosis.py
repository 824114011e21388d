"""The pictures of the translation lab's diagnosis: columns in, plotly dicts out."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.runs.views import TableView
from core.training.events import Columns
from pages.components.figures.axes import linear_axis
from pages.components.figures.layout import base_layout, line_figure
from pages.components.figures.style import (
    GREY,
    Figure,
    Mark,
    Trace,
    bar_trace,
    line_trace,
    model_color,
    threshold_line,
)
from pages.components.figures.translation import translator_label

Tables = Mapping[str, TableView]
Curve = tuple[str, str, Mark]
CAUSES = {
    "bottleneck": "Bottleneck",
    "attention": "Attention",
    "exposure": "Exposure bias",
    "length": "Length effects",
}
QUALITIES = {
    "entropy": ("Entropy", "entropy over log source length (0 sharp, 1 uniform)"),
    "never_attended": ("Never attended", "share of source words never looked at"),
    "recency": ("Recency", "weight on the last fifth of the source (even: 0.2)"),
    "diagonality": ("Diagonality", "correlation of place looked at with target position"),
    "matches_alignment": ("Gold alignment", "share that looks at the aligned word"),
    "padding_mass": ("Padding", "greatest weight on padding (must be 0)"),
}
SWAP: tuple[Curve, ...] = (
    ("own_state", "own state", "exact"),
    ("other_state", "another's state", "textbook"),
)
PROBE: tuple[Curve, ...] = (("trained", "trained", "exact"), ("untrained", "untrained", "textbook"))
POSITIONS: tuple[Curve, ...] = (
    ("teacher_forced", "gold prefix", "exact"),
    ("free_running", "own prefix", "textbook"),
)
ERRORS: tuple[Curve, ...] = (
    ("edit_error", "own prefix", "exact"),
    ("teacher_forced_error", "gold prefix", "textbook"),
)
PLANTED: tuple[Curve, ...] = (
    ("planted_edit_error", "planted", "exact"),
    ("clean_edit_error", "clean", "textbook"),
)
RECOVERY: tuple[Curve, ...] = (("planted", "planted", "exact"), ("clean", "clean", "textbook"))
REPAIRS: tuple[Curve, ...] = (
    ("bleu", "greedy", "exact"),
    ("beam_bleu", "beam", "start"),
    ("bleu_without_brevity", "without brevity penalty", "textbook"),
)


def cost_figure(tables: Tables) -> Figure:
    """Return what each cause costs each model, as grouped bars, with its threshold."""
    traces: list[Trace] = []
    thresholds: dict[str, float] = {}
    for model, view in tables.items():
        columns = view.latest.columns
        causes = columns.get("cause", [])
        if not causes:
            continue
        names = [CAUSES.get(cause, cause) for cause in causes]
        trace = bar_trace(
            names, columns["cost"], name=translator_label(model), color=model_color(model)
        )
        trace["hovertemplate"] = (
            f"{trace['name']}, %{{x}}: %{{y:.1%}}<br>%{{customdata}}<extra></extra>"
        )
        trace["customdata"] = [
            "named as a cause" if is_named else "not named" for is_named in columns["named"]
        ]
        trace["marker"]["opacity"] = [1.0 if is_named else 0.45 for is_named in columns["named"]]
        traces.append(trace)
        thresholds |= {
            cause: value
            for cause, value in zip(causes, columns.get("threshold", []), strict=False)
            if value is not None
        }
    highest = max((y for trace in traces for y in trace["y"] if y is not None), default=0.0)
    top = max(0.1, min(1.0, 1.15 * max([highest, *thresholds.values()])))
    layout = base_layout(
        x_axis=linear_axis("")
        | {
            "type": "category",
            "tickmode": "array",
            "tickvals": list(CAUSES.values()),
            "ticktext": [name.replace(" ", "<br>") for name in CAUSES.values()],
            "tickangle": 0,
        },
        y_axis=linear_axis("share of words lost", 0, top, grid=True) | {"tickformat": ".0%"},
        shapes=_thresholds(thresholds),
    )
    legend = {"orientation": "h", "x": 0, "y": -0.18, "yanchor": "top"}  # below the names
    layout |= {"barmode": "group", "bargap": 0.25, "legend": legend}
    return {"data": traces, "layout": layout | {"showlegend": len(traces) > 1}}


def _thresholds(thresholds: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return one line where all causes share a threshold, else a short one over each cause."""
    values = sorted(set(thresholds.values()))
    if len(values) == 1:
        return [threshold_line(values[0], "threshold")]
    return [
        threshold_line(value, "threshold" if at == len(thresholds) - 1 else "")
        | {"xref": "x", "x0": at - 0.45, "x1": at + 0.45}
        for at, value in enumerate(thresholds.values())
    ]


def bucket_figure(
    tables: Tables, curves: Sequence[Curve], title: str, *, best: float = 1.0
) -> Figure:
    """Return measurements of each bucket against reference length; a column is a kind of line."""
    return _curves_figure(tables, "bucket", curves, "reference length (words)", title, best=best)


def probe_figure(tables: Tables) -> Figure:
    """Return what a linear probe reads of each word from the last state, with its controls."""
    figure = _curves_figure(tables, "position", PROBE, "word of the source", "accuracy of a probe")
    view = next(iter(tables.values()), None)
    columns: Columns = view.latest.columns if view else {}
    if columns.get("majority"):
        majority = line_trace(
            columns["position"], columns["majority"], name="", color=GREY, mark="textbook"
        )
        figure["data"].append({**majority, "showlegend": False})
    return figure


def position_figure(tables: Tables) -> Figure:
    """Return accuracy along the sentence: fed the gold words, and fed its own."""
    return _curves_figure(
        tables, "position", POSITIONS, "relative position in the sentence", "word accuracy"
    )


def recovery_figure(tables: Tables) -> Figure:
    """Return accuracy after one wrong word in a gold prefix, word by word, beside none wrong."""
    return _curves_figure(
        tables, "distance", RECOVERY, "words after the wrong one", "word accuracy"
    )


def quality_figure(tables: Tables, quality: str) -> Figure:
    """Return one quality of attention against reference length, a curve a model."""
    title = QUALITIES[quality][1]
    best = max(
        [1.0]
        if quality != "padding_mass"
        else [0.01, *(v for t in tables.values() for v in t.latest.columns.get(quality, []) if v)]
    )
    curve: tuple[Curve, ...] = ((quality, "", "exact"),)
    return bucket_figure(tables, curve, title, best=best)


def _curves_figure(
    tables: Tables,
    across: str,
    curves: Sequence[Curve],
    x_title: str,
    y_title: str,
    *,
    best: float = 1.0,
) -> Figure:
    traces: list[Trace] = []
    for model, view in tables.items():
        for column, name, mark in curves:
            columns = view.latest.columns
            if not any(value is not None for value in columns.get(column, [])):
                continue
            label = translator_label(model)
            is_main = column == curves[0][0] or len(tables) == 1
            said = f"{label}, {name}" if name and not (is_main and len(tables) > 1) else label
            trace = line_trace(
                columns[across],
                columns[column],
                name=said,
                color=model_color(model),
                mark=mark,
            )
            traces.append({**trace, "mode": "lines+markers", "showlegend": is_main})
    lowest = min((y for t in traces for y in t["y"] if y is not None), default=0.0)
    best = max([best, *(y for t in traces for y in t["y"] if y is not None)])
    end = max((x for t in traces for x in t["x"] if x is not None), default=1)
    return line_figure(
        traces,
        x_axis=linear_axis(x_title, 0, 1.03 * end),
        y_axis=linear_axis(y_title, min(0.0, 1.05 * lowest), best * 1.06, grid=True),
    )
