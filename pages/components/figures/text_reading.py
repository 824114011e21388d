"""How classifiers read one text: what each says, which words count, and the way of its state.

The words may be a visitor's: they are shown letter by letter.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pages.components.figures.attention import attention_figure, shortened, word_labels
from pages.components.figures.axes import linear_axis, padded_range
from pages.components.figures.dots import row_place, rows_axis, rows_margin
from pages.components.figures.layout import base_layout, heatmap_figure, line_figure
from pages.components.figures.sentiment import classifier_label, short_name
from pages.components.figures.style import (
    BLUE,
    MUTED,
    TEXT,
    VERMILLION,
    Figure,
    bar_trace,
    heatmap_trace,
    line_trace,
    model_color,
    number,
    plain,
    threshold_line,
)

_ISOLATE, _END = "\u2068", "\u2069"
_ACROSS, _ACROSS_LONG = 5, 8
_LONG_TEXT = 80
_STRIP_ROW = 28
_STRIP_FRAME = 24
_BAR_BELOW = {"orientation": "h", "y": -0.02, "yanchor": "top", "len": 0.6, "thickness": 8}
_MOST_NGRAMS = 12
_WORDS_ON_THE_WAY = 6
_MOST_NAMED = 24


def probability_figure(answers: Sequence[Mapping[str, Any]], classes: Sequence[str]) -> Figure:
    """Return every model's probabilities: of two classes the second as a dot, of more a heatmap."""
    names = [classifier_label(str(each["model"])) for each in answers]
    if len(classes) != 2:
        return _probability_heatmap(answers, names, classes)
    places = [row_place(at, len(names)) for at in range(len(names))]
    colors = [model_color(str(each["model"])) for each in answers]
    values = [each["probabilities"][1] for each in answers]
    dots = line_trace(values, places, name="", color=MUTED, mark="live")
    dots |= {
        "showlegend": False,
        "mode": "markers+text",
        "cliponaxis": False,
        "marker": {"size": 12, "color": colors},
        "text": [f"{value:.2f}" for value in values],
        "textposition": [_outwards(value) for value in values],
        "textfont": {"size": 11, "color": MUTED},
        "customdata": names,
        "hovertemplate": "%{customdata}: %{x:.3f}<extra></extra>",
    }
    first, second = (plain(short_name(name)) for name in classes)
    figure = line_figure(
        [dots],
        x_axis=linear_axis(f"probability of {second} (0: {first})", -0.02, 1.02, grid=True),
        y_axis=rows_axis(names),
        shapes=[threshold_line(0.5, "", axis="x")],
    )
    figure["layout"]["margin"]["l"] = rows_margin(names)
    return figure


def _outwards(value: float) -> str:
    """Return the side of a probability's dot that is off the middle line and inside the plot."""
    is_right = 0.5 < value < 0.85 or value < 0.15
    return "middle right" if is_right else "middle left"


def _probability_heatmap(
    answers: Sequence[Mapping[str, Any]], names: Sequence[str], classes: Sequence[str]
) -> Figure:
    rows = [list(each["probabilities"]) for each in answers]
    labels = [plain(short_name(name)) for name in classes]
    trace = heatmap_trace(rows, title="probability", low=0, high=1)
    trace["texttemplate"] = "%{z:.2f}" if len(classes) <= 10 else ""
    trace["customdata"] = [[f"{name}, {plain(each)}" for each in classes] for name in names]
    trace["hovertemplate"] = "%{customdata}: %{z:.3f}<extra></extra>"
    trace["xgap"] = trace["ygap"] = 2

    def ticks(texts: Sequence[str]) -> dict[str, Any]:
        places = list(range(len(texts)))
        return {"tickmode": "array", "tickvals": places, "ticktext": list(texts)}

    figure = heatmap_figure(
        trace,
        x_axis=linear_axis("", -0.5, len(classes) - 0.5) | ticks(labels) | {"tickangle": 45},
        y_axis=linear_axis("", len(names) - 0.5, -0.5) | ticks(names),
    )
    figure["layout"]["margin"] |= {
        "l": rows_margin(names),
        "b": 24 + 5 * max(map(len, labels), default=0),
    }
    return figure


def strip_height(words: int) -> int:
    """Return the pixels that the strip of so many words needs."""
    return _STRIP_FRAME + _STRIP_ROW * max(1, -(-words // _across(words))) + 56


def strip_figure(words: Sequence[str], shares: Sequence[float]) -> Figure:
    """Return the words in lines to be read as a text, each on the colour of its share.

    Vermillion speaks for the class, blue against it.
    """
    across = _across(len(words))
    trace = heatmap_trace(_lines(shares, across, None), title="share", signed=True)
    trace |= {
        "text": _lines([_apart(shortened(word)) for word in words], across, ""),
        "customdata": _lines([_apart(word) for word in words], across, ""),
        "texttemplate": "%{text}",
        "textfont": {"size": 12 if across == _ACROSS else 10},
        "hovertemplate": "%{customdata}: %{z:+.3f}<extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
    }
    trace["colorbar"] |= _BAR_BELOW
    trace["colorbar"]["title"]["side"] = "right"
    hidden = {"showticklabels": False, "showgrid": False, "fixedrange": True, "ticks": ""}
    figure = heatmap_figure(
        trace,
        x_axis=linear_axis("", -0.5, across - 0.5) | hidden,
        y_axis=linear_axis("", max(len(trace["z"]), 1) - 0.5, -0.5) | hidden,
    )
    figure["layout"]["margin"] = {"l": 4, "r": 4, "t": _STRIP_FRAME - 16, "b": 56}
    return figure


def _lines(values: Sequence[Any], across: int, rest: Any) -> list[list[Any]]:
    """Return the values in lines of one length, the last one filled up with `rest`."""
    padded = [*values, *[rest] * (-len(values) % across)]
    return [padded[at : at + across] for at in range(0, len(padded), across)]


def _apart(word: str) -> str:
    """Return the word letter by letter, apart from its neighbours whichever way it is read."""
    return f"{_ISOLATE}{plain(word)}{_END}"


def _across(words: int) -> int:
    return _ACROSS if words <= _LONG_TEXT else _ACROSS_LONG


def ngrams_figure(ngrams: Sequence[Mapping[str, Any]]) -> Figure:
    """Return what the weightiest runs of words add to the class's lead, as signed bars."""
    shown = list(ngrams)[:_MOST_NGRAMS]
    names = [
        f"{_ISOLATE}{' '.join(shortened(word) for word in str(each['words']).split())}{_END}"
        for each in shown
    ]
    weights = [float(each["weight"]) for each in shown]
    places = [row_place(at, len(names)) for at in range(len(names))]
    bars = bar_trace(weights, places, name="weight", color=MUTED)
    bars |= {
        "orientation": "h",
        "marker": {"color": [VERMILLION if weight > 0 else BLUE for weight in weights]},
        "customdata": [
            f"{plain(str(each['words']))} (word {each['start'] + 1}): {each['filters']} filters"
            for each in shown
        ],
        "hovertemplate": "%{customdata}, %{x:+.3f}<extra></extra>",
    }
    layout = base_layout(
        x_axis=linear_axis("adds to the lead of the class (logit)", grid=True)
        | {"zeroline": True, "zerolinecolor": MUTED},
        y_axis=rows_axis(names) | {"showgrid": False},
    )
    layout["margin"]["l"] = rows_margin(names)
    return {"data": [bars], "layout": layout}


def path_figure(path: Mapping[str, Any], model: str) -> Figure:
    """Return the probability of the class after each word, in the text's order."""
    labels = word_labels(path["words"])
    trace = line_trace(
        range(len(labels)), path["probability"], name="", color=model_color(model), hover="%{y:.2f}"
    )
    trace |= {"mode": "lines+markers", "showlegend": False, "customdata": labels}
    trace["hovertemplate"] = "after %{customdata}: %{y:.3f}<extra></extra>"
    figure = line_figure(
        [trace],
        x_axis=linear_axis("", -0.5, max(len(labels), 1) - 0.5)
        | {
            "tickmode": "array",
            "tickvals": list(range(len(labels)))[:: _every(len(labels))],
            "ticktext": labels[:: _every(len(labels))],
            "tickangle": -60,
        },
        y_axis=linear_axis("probability of the class", -0.02, 1.05, grid=True),
        shapes=[threshold_line(0.5, "")],
    )
    longest = max((len(shortened(word)) for word in path["words"]), default=0)
    figure["layout"]["margin"]["b"] = 34 + round(5.2 * longest)
    return figure


def _every(count: int) -> int:
    """Return of how many words one is named, so that their names keep apart on a phone too."""
    return -(-count // _MOST_NAMED) or 1


def plane_figure(path: Mapping[str, Any], model: str) -> Figure:
    """Return the way of the state on its first two principal axes, with its largest steps named."""
    words, x, y = list(path["words"]), list(path["x"]), list(path["y"])
    way = line_trace(x, y, name="", color=model_color(model))
    way |= {"mode": "lines+markers", "showlegend": False, "customdata": word_labels(words)}
    way["line"] = {**way["line"], "width": 1.25}
    way["hovertemplate"] = "%{customdata}<extra></extra>"
    chosen = _largest(path["change"])
    last = len(words) - 1
    marks = line_trace(
        [x[at] for at in chosen], [y[at] for at in chosen], name="", color=TEXT, mark="live"
    )
    marks |= {
        "showlegend": False,
        "mode": "markers+text",
        "marker": {
            "size": [11 if at == last else 6 for at in chosen],
            "color": model_color(model),
            "line": {"width": 0},
        },
        "text": [_apart(shortened(words[at])) for at in chosen],
        "textposition": "top center",
        "textfont": {"size": 11, "color": MUTED},
        "hovertemplate": "%{text}<extra></extra>",
    }
    return line_figure(
        [way, marks],
        x_axis=linear_axis("first axis", *padded_range(x, share=0.12)),
        y_axis=linear_axis("second axis", *padded_range(y, share=0.12), grid=True),
    )


def _largest(changes: Sequence[float]) -> list[int]:
    """Return where the largest changes are, and the last place, in the order of the text."""
    places = range(len(changes))
    largest = sorted(places, key=lambda at: -changes[at])[:_WORDS_ON_THE_WAY]
    return sorted({*largest, *places[-1:]})


def word_attention_figure(weights: Sequence[Sequence[float]], words: Sequence[str]) -> Figure:
    """Return where each word looks among the words of the text, as a heatmap up to the highest."""
    figure = attention_figure(weights, words, words)
    highest = max((weight for row in weights for weight in row), default=1.0)
    figure["data"][0]["zmax"] = number(highest)
    for axis, title in (("xaxis", "word looked at"), ("yaxis", "word that looks")):
        figure["layout"][axis]["title"] = {**figure["layout"][axis]["title"], "text": title}
    return figure
