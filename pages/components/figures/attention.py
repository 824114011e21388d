"""What a translator looks at, and which ways its beam went: heatmaps of words, and a tree."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from core.training.events import number
from pages.components.figures.axes import linear_axis
from pages.components.figures.layout import base_layout, heatmap_figure, line_figure
from pages.components.figures.style import (
    BLUE,
    GREY,
    ORANGE,
    TEXT,
    VERMILLION,
    Figure,
    Trace,
    bar_trace,
    heatmap_trace,
    plain,
)

LONGEST_WORD = 12
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_ISOLATE, _FROM_RIGHT, _END = "\u2068", "\u2067", "\u2069"
_ROW_PIXELS = 17
_MARGIN = {"l": 116, "r": 8, "t": 30, "b": 112}
_TREE_WORDS = 60
"""More hypotheses than these have their words on hover only."""


def word_labels(words: Sequence[str]) -> list[str]:
    """Return one different label a word: cut where it is long, its position as a small number.

    Each is isolated from its neighbours, so that a word written from right to left stays in the
    sentence's own order. Tags are shown letter by letter.
    """
    return [
        f"{_ISOLATE}{plain(shortened(word))}{_END}{str(position).translate(_SUBSCRIPTS)}"
        for position, word in enumerate(words, start=1)
    ]


def sentence(words: Sequence[Any]) -> str:
    """Return the words as a sentence; one that begins from right to left goes on so.

    Each of its words is isolated then, or the end mark would be mirrored.
    """
    text = " ".join(map(str, words))
    directions = map(unicodedata.bidirectional, text)
    first = next((each for each in directions if each in ("L", "R", "AL")), "L")
    if first == "L":
        return text
    return _FROM_RIGHT + " ".join(f"{_ISOLATE}{word}{_END}" for word in words) + _END


def shortened(word: str) -> str:
    """Return a word of at most `LONGEST_WORD` characters; no accent is torn from its letter."""
    if len(word) <= LONGEST_WORD:
        return word
    end = LONGEST_WORD - 1
    while end > 1 and unicodedata.combining(word[end]):
        end -= 1
    return word[:end] + "…"


def position_of(label: str) -> int:
    """Return the position, from 0, that a label of `word_labels` ends with."""
    digits = label.rpartition(_END)[2]
    return int(digits.translate({ord("₀") + d: str(d) for d in range(10)})) - 1


def attention_height(rows: int) -> int:
    """Return the pixels that a heatmap of `rows` target words needs, within reason."""
    return max(360, min(820, _MARGIN["t"] + _MARGIN["b"] + _ROW_PIXELS * rows))


def attention_figure(
    weights: Sequence[Sequence[float]],
    source: Sequence[str],
    target: Sequence[str],
    *,
    edits: Sequence[Mapping[str, Any]] = (),
) -> Figure:
    """Return attention weights, target words down and source words across.

    Positions that were forced are framed in blue, those that were blocked in vermillion.
    """
    return _words_figure(weights, source, target, title="weight", low=0, high=1, edits=edits)


def erasure_figure(
    change: Sequence[Sequence[float]], source: Sequence[str], target: Sequence[str]
) -> Figure:
    """Return what each target word loses (log probability) when a source word is erased."""
    return _words_figure(change, source, target, title="nats", signed=True)


def _words_figure(
    values: Sequence[Sequence[float]],
    source: Sequence[str],
    target: Sequence[str],
    *,
    title: str,
    edits: Sequence[Mapping[str, Any]] = (),
    **scale: Any,
) -> Figure:
    across, down = word_labels(source), word_labels(target)
    rows = [[float(number(value)) for value in row] for row in values]
    trace = heatmap_trace(rows, x=across, y=down, title=title, **scale)
    trace["hovertemplate"] = f"%{{y}} from %{{x}}: %{{z:.3g}} {title}<extra></extra>"
    long = [[len(word) > LONGEST_WORD for word in words] for words in (source, target)]
    if any(map(any, long)):
        trace["text"] = _full_words(source, target, *long)
        trace["hovertemplate"] = f"%{{y}} from %{{x}}: %{{z:.3g}} {title}%{{text}}<extra></extra>"
    trace["xgap"] = trace["ygap"] = 0 if max(len(across), len(down)) > 60 else 1
    figure = heatmap_figure(
        trace,
        x_axis=linear_axis("source") | {"type": "category", "nticks": 0, "tickangle": -60},
        y_axis=linear_axis("target") | {"type": "category", "nticks": 0, "autorange": "reversed"},
    )
    figure["layout"]["margin"] = dict(_MARGIN)
    figure["layout"]["shapes"] = [_frame(edit) for edit in edits]
    return figure


def _full_words(
    source: Sequence[str],
    target: Sequence[str],
    is_long_source: Sequence[bool],
    is_long_target: Sequence[bool],
) -> list[list[str]]:
    """Return what a cell says more than its labels: the words that were cut, in full."""

    def said(word: str, is_long: bool) -> str:
        return f"<br>{_ISOLATE}{plain(word)}{_END}" if is_long else ""

    across = [said(word, is_long) for word, is_long in zip(source, is_long_source, strict=True)]
    down = [said(word, is_long) for word, is_long in zip(target, is_long_target, strict=True)]
    return [[row + column for column in across] for row in down]


def _frame(edit: Mapping[str, Any]) -> dict[str, Any]:
    color = BLUE if edit["kind"] == "force" else VERMILLION
    return {
        "type": "rect",
        "x0": edit["source"] - 0.5,
        "x1": edit["source"] + 0.5,
        "y0": edit["target"] - 0.5,
        "y1": edit["target"] + 0.5,
        "line": {"color": color, "width": 2.5},
    }


def beam_figure(tree: Sequence[Mapping[str, Any]], target: Sequence[str] = ()) -> Figure:
    """Return the ways a beam search went: kept ones full, dropped ones pale; best on top.

    The way to `target`, the hypothesis, is thick, and its words stand below.
    """
    places = {node["id"]: (node["step"], -float(node["rank"])) for node in tree}
    kept = [node for node in tree if node["kept"]]
    dropped = [node for node in tree if not node["kept"]]
    traces = [_branches(dropped, places, GREY), _leaves(dropped, places, GREY, "dropped")]
    traces += [_branches(kept, places, BLUE), _leaves(kept, places, BLUE, "kept")]
    for trace in traces[:2]:
        trace["opacity"] = 0.45
    if len(kept) <= _TREE_WORDS:
        traces[-1]["mode"] = "markers+text"
    way = _branches(_way_to(target, tree), places, ORANGE)
    traces.append(way | {"line": {"color": ORANGE, "width": 3}})
    last = max((step for step, _ in places.values()), default=1)
    lowest = min((rank for _, rank in places.values()), default=0.0)
    figure = line_figure(
        [{**trace, "showlegend": False} for trace in traces],
        x_axis=linear_axis("word of the hypothesis", -0.3, last + 0.8),
        y_axis=linear_axis("rank", lowest - 0.6, 0.6) | {"showticklabels": False},
    )
    figure["layout"]["yaxis"]["showgrid"] = False
    if target:
        figure["layout"]["xaxis"] |= {
            "tickmode": "array",
            "tickvals": list(range(1, len(target) + 1)),
            "ticktext": word_labels(target),
            "tickangle": -60,
        }
        figure["layout"]["margin"]["b"] = 46 + _slant(target)
    return figure


def _way_to(target: Sequence[str], tree: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the nodes of the tree whose words are `target`, the last one first."""
    nodes = {node["id"]: node for node in tree}
    for end in tree:
        way, node = [], end if end["step"] == len(target) else None
        while node is not None and node["step"] > 0:
            way.append(node)
            node = nodes.get(node["parent"])
        if way and [each["word"] for each in reversed(way)] == list(target):
            return way
    return []


def _slant(words: Sequence[str]) -> int:
    """Return the pixels that the longest of the words, aslant, reaches down."""
    return round(5.2 * max((len(shortened(word)) for word in words), default=0))


def _branches(
    nodes: Sequence[Mapping[str, Any]],
    places: Mapping[Any, tuple[int, float]],
    color: str,
) -> Trace:
    x: list[float | None] = []
    y: list[float | None] = []
    for node in nodes:
        if node["parent"] in places:
            (x0, y0), (x1, y1) = places[node["parent"]], places[node["id"]]
            x += [x0, x1, None]
            y += [y0, y1, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": color, "width": 1.25},
        "hoverinfo": "skip",
    }


def _leaves(
    nodes: Sequence[Mapping[str, Any]],
    places: Mapping[Any, tuple[int, float]],
    color: str,
    name: str,
) -> Trace:
    words = [f"{_ISOLATE}{plain(shortened(str(node['word'])))}{_END}" for node in nodes]
    logs = [number(node["log_probability"]) for node in nodes]
    return {
        "type": "scatter",
        "name": name,
        "mode": "markers",
        "x": [places[node["id"]][0] for node in nodes],
        "y": [places[node["id"]][1] for node in nodes],
        "text": words,
        "textposition": "top center",
        "textfont": {"size": 11, "color": TEXT},
        "marker": {"color": color, "size": 6},
        "customdata": [f"{value:.2f}" if value is not None else "" for value in logs],
        "hovertemplate": f"%{{text}}: log probability %{{customdata}}<extra>{name}</extra>",
    }


def certainty_figure(words: Sequence[str], probabilities: Sequence[float], color: str) -> Figure:
    """Return the probability of each word of a hypothesis, as bars in the sentence's order."""
    count = min(len(words), len(probabilities))
    bars = bar_trace(
        word_labels(words)[:count], probabilities[:count], name="probability", color=color
    )
    layout = base_layout(
        x_axis=linear_axis("") | {"type": "category", "nticks": 0, "tickangle": -60},
        y_axis=linear_axis("probability", 0, 1.05, grid=True),
    )
    layout["margin"]["b"] = 34 + _slant(words[:count])
    return {"data": [bars], "layout": layout}
