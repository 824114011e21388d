"""The pictures of the sentiment lab's contest, training and texts: columns in, plotly dicts out."""

from collections.abc import Mapping, Sequence

from core.labs.sentiment_shown import best_model, epoch_means
from core.models.classifiers import CLASSIFIERS
from core.runs.views import TableView
from core.training.events import Columns
from pages.components.figures.axes import linear_axis, padded_range
from pages.components.figures.dots import (
    reach,
    row_place,
    rows_axis,
    rows_margin,
    whiskers,
)
from pages.components.figures.layout import base_layout, line_figure
from pages.components.figures.style import (
    MUTED,
    Figure,
    Trace,
    bar_trace,
    line_trace,
    model_color,
    plain,
    threshold_line,
)

Tables = Mapping[str, TableView]
ACCURACY = "accuracy (share of test texts right)"
PERCENT = {"tickformat": ".0%"}
PARTS = {"train": "to train on", "dev": "to stop at", "test": "to test on"}
_PALE = 0.4


def classifier_label(name: str) -> str:
    """Return how a classifier is called on the page."""
    return CLASSIFIERS[name].label if name in CLASSIFIERS else name


def accuracy_figure(shootout: Columns) -> Figure:
    """Return each model's accuracy with its interval; ties with the best are hollow."""
    names = [classifier_label(model) for model in shootout.get("model", [])]
    known = [i for i, value in enumerate(shootout.get("accuracy", [])) if value is not None]
    ends = [shootout[f"accuracy_{end}"][i] for end in ("low", "high") for i in known]
    figure = line_figure(
        [_accuracy_dots(shootout, known, names)],
        x_axis=linear_axis(ACCURACY, *padded_range(ends), grid=True) | PERCENT,
        y_axis=rows_axis(names),
    )
    figure["layout"]["margin"]["l"] = rows_margin(names)
    return figure


def _accuracy_dots(shootout: Columns, known: Sequence[int], names: Sequence[str]) -> Trace:
    accuracy, lows, highs = (
        [shootout[name][i] for i in known] if known else []
        for name in ("accuracy", "accuracy_low", "accuracy_high")
    )
    best = best_model(shootout)
    colors = [model_color(shootout["model"][i]) for i in known]
    is_hollow = [bool(shootout["tie"][i]) and shootout["model"][i] != best for i in known]
    places = [row_place(i, len(names)) for i in known]
    return line_trace(accuracy, places, name="accuracy", color=MUTED, mark="live") | {
        "showlegend": False,
        "mode": "markers+text",
        "text": [f"{value:.1%}" for value in accuracy],
        "textposition": "top center",
        "textfont": {"size": 11, "color": MUTED},
        "marker": {
            "size": 10,
            "symbol": ["circle-open" if hollow else "circle" for hollow in is_hollow],
            "color": colors,
            "line": {"width": 2, "color": colors},
        },
        "error_x": whiskers(
            [reach(high, value) for high, value in zip(highs, accuracy, strict=True)],
            [reach(value, low) for low, value in zip(lows, accuracy, strict=True)],
        ),
        "customdata": [[names[i], interval_words(shootout, i)] for i in known],
        "hovertemplate": "%{customdata[0]}: %{x:.1%}<br>%{customdata[1]}<extra></extra>",
        "cliponaxis": False,
    }


def interval_words(shootout: Columns, row: int) -> str:
    """Return the interval of an accuracy in words, and how many texts it is of."""
    low, high = shootout["accuracy_low"][row], shootout["accuracy_high"][row]
    known = [] if low is None or high is None else [f"95 %: {low:.1%} to {high:.1%}"]
    return ", ".join([*known, f"n = {shootout['n'][row]:,}"])


def epochs_figure(tables: Tables) -> Figure:
    """Return the accuracy on the texts that stop training, over epochs: means, folds as dots."""
    traces: list[Trace] = []
    for model, view in tables.items():
        columns, color = view.latest.columns, model_color(model)
        means = epoch_means(columns)
        if not means["epoch"]:
            continue
        dots = line_trace(
            columns["epoch"],
            columns["dev_accuracy"],
            name=classifier_label(model),
            color=color,
            mark="live",
            hover="%{y:.1%}",
        )
        traces.append({**dots, "opacity": _PALE, "showlegend": False})
        mean = line_trace(
            means["epoch"],
            means["dev_accuracy"],
            name=classifier_label(model),
            color=color,
            hover="%{y:.1%}",
        )
        traces.append({**mean, "mode": "lines+markers", "cliponaxis": False})
    last = max((x for trace in traces for x in trace["x"]), default=1)
    low, high = padded_range([y for trace in traces for y in trace["y"]])
    return line_figure(
        traces,
        x_axis=linear_axis("epoch", 1 - 0.03 * last, max(last, 2) * 1.02)
        | {"tickmode": "linear", "tick0": 1, "dtick": 1 + last // 8},
        y_axis=linear_axis("accuracy on the dev texts", low, high) | PERCENT,
    )


def cap_figure(lengths: Columns) -> Figure:
    """Return how many texts have how many words; those that the cap cuts are pale, if any are."""
    starts = lengths.get("words", [])
    step = starts[1] - starts[0] if len(starts) > 1 else 1
    middles = [start + step / 2 for start in starts]
    every, whole = (
        bar_trace(middles, lengths.get(name, []), name=said, color=color)
        for name, said, color in (("count", "cut", MUTED), ("kept", "read whole", MUTED))
    )
    every["marker"] = {**every["marker"], "opacity": _PALE}
    every["customdata"] = whole["customdata"] = [
        _bin_name(start, step, at == len(starts) - 1) for at, start in enumerate(starts)
    ]
    every["hovertemplate"] = "%{customdata}: %{y:,} texts<extra></extra>"
    whole["hovertemplate"] = "%{customdata}: %{y:,} read whole<extra></extra>"
    for trace in (every, whole):
        trace["width"] = 0.92 * step
    is_cut = lengths.get("count") != lengths.get("kept")
    cap = lengths["cap"][0] if is_cut else 0
    end = starts[-1] + step if starts else 1
    layout = base_layout(
        x_axis=linear_axis("words in a text (last bar: and more)", 0, end),
        y_axis=linear_axis("texts", grid=True) | {"rangemode": "tozero"},
        shapes=[threshold_line(min(cap, end), f"cut at {cap}", axis="x")] if cap else [],
    )
    if cap > 0.6 * end and layout["shapes"]:
        layout["shapes"][0]["label"]["xanchor"] = "right"
    return {"data": [every, whole], "layout": {**layout, "barmode": "overlay"}}


def _bin_name(start: int, step: int, is_last: bool) -> str:
    if is_last:
        return f"{start} words or more"
    return f"{start} words" if step == 1 else f"{start} to {start + step - 1} words"


def classes_figure(data: Columns) -> Figure:
    """Return how many texts of each class each part has, a row a class."""
    classes = list(dict.fromkeys(data.get("class", [])))
    names = [short_name(each) for each in classes]
    traces: list[Trace] = []
    for at, (part, said) in enumerate(PARTS.items()):
        rows = [i for i, each in enumerate(data.get("part", [])) if each == part]
        places = [row_place(classes.index(data["class"][i]), len(classes)) for i in rows]
        trace = bar_trace([data["count"][i] for i in rows], places, name=said, color=MUTED)
        trace |= {
            "opacity": (1.0, 0.6, 0.3)[at],
            "orientation": "h",
            "customdata": [plain(data["class"][i]) for i in rows],
            "hovertemplate": f"%{{customdata}}: %{{x:,}} {said}<extra></extra>",
        }
        traces.append(trace)
    layout = base_layout(
        x_axis=linear_axis("texts of the first fold", grid=True) | {"rangemode": "tozero"},
        y_axis=rows_axis(names) | {"showgrid": False},
    )
    layout["margin"]["l"] = rows_margin(names)
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    layout |= {"barmode": "stack", "bargap": 0.3, "legend": legend, "showlegend": True}
    return {"data": traces, "layout": layout}


def short_name(name: str, most: int = 18) -> str:
    """Return the name of a class, cut where it is long; it may be a visitor's."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
