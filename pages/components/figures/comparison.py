"""Translation models against their baseline: differences by length, and the ladder of remedies."""

from collections.abc import Sequence

from core.training.events import Columns
from pages.components.figures.axes import linear_axis
from pages.components.figures.dots import reach, whiskers
from pages.components.figures.layout import line_figure
from pages.components.figures.style import (
    GREY,
    Figure,
    Trace,
    line_trace,
    model_color,
    threshold_line,
)
from pages.components.figures.translation import translator_label

BUDGETS = {"updates": "equal updates", "compute": "equal compute"}
_BUDGET_MARKS = {"updates": "circle", "compute": "diamond"}


def paired_figure(columns: Columns) -> Figure:
    """Return the difference of each model to the baseline, by bucket, with its interval.

    Full marks are differences that are real: their interval leaves out 0. Models stand a little
    beside each other, so that no interval hides another.
    """
    models = list(dict.fromkeys(columns.get("model", [])))
    end = max(columns.get("bucket", []), default=1)
    step = 0.012 * end
    traces = []
    for at, model in enumerate(models):
        rows = [i for i, name in enumerate(columns["model"]) if name == model]
        shift = step * (at - (len(models) - 1) / 2)
        traces.append(_differences(columns, rows, shift))
    edges = [value for name in ("low", "high") for value in columns.get(name, [])]
    low, high = min([0.0, *edges]), max([0.0, *edges])
    room = 0.08 * (high - low) or 1.0
    figure = line_figure(
        traces,
        x_axis=linear_axis("reference length (words)", 0, end * 1.05),
        y_axis=linear_axis("BLEU points to the baseline", low - room, high + room, grid=True),
        shapes=[threshold_line(0, "")],
    )
    for label in figure["layout"]["annotations"]:
        label["x"] = end * 1.05  # beside all marks, not beside its own alone
    return figure


def _differences(columns: Columns, rows: Sequence[int], shift: float) -> Trace:
    model = columns["model"][rows[0]]
    color = model_color(model)
    differences = [columns["difference"][i] for i in rows]
    trace = line_trace(
        [columns["bucket"][i] + shift for i in rows],
        differences,
        name=translator_label(model),
        color=color,
    )
    trace |= {"mode": "lines+markers", "cliponaxis": False}
    trace["line"] = {**trace["line"], "width": 1}
    is_real = [bool(columns["real"][i]) for i in rows]
    trace["marker"] = {
        "size": 8,
        "symbol": ["circle" if real else "circle-open" for real in is_real],
        "color": color,
    }
    trace["error_y"] = whiskers(
        [reach(columns["high"][i], d) for i, d in zip(rows, differences, strict=True)],
        [reach(d, columns["low"][i]) for i, d in zip(rows, differences, strict=True)],
    )
    trace["customdata"] = [
        [
            columns["bucket"][i],
            f"95 %: {columns['low'][i]:+.1f} to {columns['high'][i]:+.1f}, "
            f"p = {columns['p_value'][i]:.3g}, n = {columns['n'][i]}<br>"
            + ("real" if columns["real"][i] else "may be chance"),
        ]
        for i in rows
    ]
    trace["hovertemplate"] = (
        f"{trace['name']}, %{{customdata[0]}} words: %{{y:+.1f}}<br>%{{customdata[1]}}"
        "<extra></extra>"
    )
    return trace


def ladder_figure(columns: Columns, bucket: int) -> Figure:
    """Return BLEU of each remedy at one length, with its interval, at both budgets.

    Dots are equal updates, diamonds equal compute; the thin line is the baseline.
    """
    rows = [i for i, value in enumerate(columns.get("bucket", [])) if value == bucket]
    models = list(dict.fromkeys(columns["model"][i] for i in rows))
    names = {columns["model"][i]: str(columns["label"][i]) for i in rows}
    budgets = list(dict.fromkeys(columns["budget"][i] for i in rows))
    traces: list[Trace] = []
    for budget in budgets:
        own = [i for i in rows if columns["budget"][i] == budget]
        shift = 0.13 * (1 if budget == "updates" else -1) * (len(budgets) > 1)
        traces.append(_ladder_dots(columns, own, models, budget, shift))
    baselines = [i for i in rows if columns["verdict"][i] == "baseline"]
    y_axis = linear_axis("", -0.6, max(len(models), 1) - 0.1) | {
        "tickmode": "array",
        "tickvals": list(range(len(models))),
        "ticktext": [names[model] for model in reversed(models)],
        "showgrid": True,
    }
    figure = line_figure(
        [{**trace, "showlegend": False} for trace in traces],
        x_axis=linear_axis(f"BLEU at {bucket} words", -1.5, 103, grid=True),
        y_axis=y_axis,
        shapes=[
            threshold_line(columns["bleu"][i], "baseline" if not at else "", axis="x")
            for at, i in enumerate(baselines[:1])
        ],
    )
    figure["layout"]["margin"]["l"] = 150
    return figure


def _ladder_dots(
    columns: Columns, rows: Sequence[int], models: Sequence[str], budget: str, shift: float
) -> Trace:
    places = [len(models) - 1 - models.index(columns["model"][i]) + shift for i in rows]
    bleu = [columns["bleu"][i] for i in rows]
    above = [reach(columns["high"][i], columns["bleu"][i]) for i in rows]
    below = [reach(columns["bleu"][i], columns["low"][i]) for i in rows]
    trace = line_trace(bleu, places, name=BUDGETS.get(budget, budget), color=GREY, mark="live")
    trace["marker"] = {
        "size": 9,
        "symbol": _BUDGET_MARKS.get(budget, "circle"),
        "color": [model_color(columns["model"][i]) for i in rows],
    }
    trace["error_x"] = whiskers(above, below)
    trace["customdata"] = [
        [f"{columns['label'][i]}, {BUDGETS.get(budget, budget)}", columns["verdict"][i]]
        for i in rows
    ]
    trace["hovertemplate"] = "%{customdata[0]}: %{x:.1f}<br>%{customdata[1]}<extra></extra>"
    return trace
