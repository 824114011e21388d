"""What each remedy does to the score at one length, beside the model as trained and the control."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.labs.remedies import CONTROL, REMEDIES
from pages.components.figures.axes import linear_axis, padded_range
from pages.components.figures.dots import reach, row_place, whiskers
from pages.components.figures.layout import line_figure
from pages.components.figures.length import GAP, NO_ANSWER, PERCENT
from pages.components.figures.style import (
    BACKGROUND,
    BLUE,
    GREEN,
    GREY,
    MUTED,
    VERMILLION,
    Figure,
    Trace,
    line_trace,
    number,
    plain,
    threshold_line,
)
from pages.components.figures.wrapped_rows import texts_beside, wrapped_axis, wrapped_figure

Row = Mapping[str, Any]
BASE = "none"
AS_TRAINED = "As trained"
COLORS = {"helps": GREEN, "hurts": VERMILLION, "does not help here": GREY, "": BLUE}
BUDGETS = {
    "none": ("circle", 0.0, "trains nothing"),
    "updates": ("circle", 0.2, "equal updates"),
    "compute": ("diamond", -0.2, "equal compute"),
}
"""The symbol of each budget, its place within a row, and its name."""
REMEDY_PIXELS = 40
_LETTERS = 20
_AIR = 0.42
"""The share of the plot kept free at the right for what is said beside a dot."""


def remedy_names(remedies: Sequence[str]) -> list[str]:
    """Return the rows of the picture: the model as trained, then each remedy of the config."""
    return [BASE, *remedies]


def remedy_label(name: str) -> str:
    """Return how a remedy is called; `BASE` is the model as it was trained."""
    return AS_TRAINED if name == BASE else REMEDIES[name].label if name in REMEDIES else name


def remedies_figure(rows: Sequence[Row], names: Sequence[str], *, is_share: bool) -> Figure:
    """Return a row for each of `names`: the score with its interval, a dot a budget.

    `rows` are those of one length. Colours are verdicts; what is said beside a dot is the
    difference to what it is compared with. Lines: the model as trained and the control.
    """
    shown = [row for row in rows if row["remedy"] in names]
    known = [row for row in shown if row["score"] is not None]
    silent = [row for row in shown if row["score"] is None]
    seen = [row[name] for row in known for name in ("score", "low", "high")]
    low, high = padded_range([*seen, 0.0] if is_share else seen)
    low = min(low, 0.0) if is_share else low
    end = high + _AIR * (high - low)
    traces = [
        _dots([row for row in known if row["budget"] == budget], names, budget, is_share)
        for budget in BUDGETS
    ]
    beside = [GAP + _beside(row, is_share) for row in known]
    ends = [row["score"] if row["high"] is None else row["high"] for row in known]
    traces.append(texts_beside(ends, [_place(row, names) for row in known], beside))
    traces.append(_silences(silent, names, end))
    title = "accuracy (share right)" if is_share else "loss (nats)"
    axis = linear_axis(title, low, end, grid=True)
    figure = line_figure(
        traces,
        x_axis=axis | PERCENT if is_share else axis,
        y_axis=wrapped_axis([remedy_label(name) for name in names], letters=_LETTERS),
        shapes=[_line(score, name) for name, score in _lines(known).items()],
    )
    figure = wrapped_figure(figure, letters=_LETTERS)
    figure["layout"]["yaxis"]["range"] = [-1.0, len(names) + 0.1]
    figure["layout"]["annotations"] = [
        _line_label(score, name) for name, score in _lines(known).items()
    ]
    return figure


def _place(row: Row, names: Sequence[str]) -> float:
    return row_place(names.index(row["remedy"]), len(names)) + BUDGETS[row["budget"]][1]


def _dots(rows: Sequence[Row], names: Sequence[str], budget: str, is_share: bool) -> Trace:
    symbol, _, name = BUDGETS[budget]
    scores = [row["score"] for row in rows]
    colors = [COLORS.get(row["verdict"], GREY) for row in rows]
    trace = line_trace(
        scores, [_place(row, names) for row in rows], name=name, color=BLUE, mark="live"
    )
    return trace | {
        "showlegend": False,
        "cliponaxis": False,
        "marker": {"size": 10, "symbol": symbol, "color": colors},
        "error_x": whiskers(
            [reach(row["high"], row["score"]) for row in rows],
            [reach(row["score"], row["low"]) for row in rows],
        ),
        "customdata": [plain(_hover(row, is_share)) for row in rows],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _hover(row: Row, is_share: bool) -> str:
    said = f"{row['label']}, {BUDGETS[row['budget']][2]}: {score_words(row['score'], is_share)}"
    said = f"{said}, {row['verdict']}" if row["verdict"] else said
    return f"{said}. {row['note']}" if row["note"] else said


def _beside(row: Row, is_share: bool) -> str:
    if row["difference"] is None:
        return score_words(row["score"], is_share)
    said = difference_words(row["difference"], is_share)
    return f"{row['verdict']} {said}" if row["verdict"] in ("helps", "hurts") else said


def _silences(silent: Sequence[Row], names: Sequence[str], end: float) -> Trace:
    """Return what is said at the right edge of a remedy that has no answer, once for its row."""
    said = {row["remedy"]: _silence(row) for row in silent}
    places = [row_place(names.index(name), len(names)) for name in said]
    return texts_beside([end] * len(said), places, list(said.values()), at="middle left")


def _silence(row: Row) -> str:
    is_past_table = row["kind"] == "architecture" and row["note"]
    return NO_ANSWER if is_past_table else "no answer"


def score_words(score: float, is_share: bool) -> str:
    """Return a score as it is said: a share in percent, a loss in nats."""
    return f"{100 * score:.0f} %" if is_share else f"{score:.2f}"


def difference_words(difference: float, is_share: bool) -> str:
    """Return a difference of scores: of shares in points, of losses in nats."""
    said = f"{100 * difference:+.0f}" if is_share else f"{difference:+.2f}"
    if not float(said):
        return said[1:]  # rounded, it is none
    return said.replace("-", "\N{MINUS SIGN}")


def _lines(known: Sequence[Row]) -> dict[str, float]:
    """Return where the lines of the model as trained and of the control are."""
    found = {
        name: next((row["score"] for row in known if row["remedy"] == remedy), None)
        for remedy, name in ((BASE, "as trained"), (CONTROL, "control"))
    }
    return {name: score for name, score in found.items() if score is not None}


def _line(score: float, name: str) -> dict[str, Any]:
    line = threshold_line(score, "", axis="x")
    if name == "control":
        line["line"] = {"color": MUTED, "width": 1, "dash": "4px,3px"}
    return line


def _line_label(score: float, name: str) -> dict[str, Any]:
    """Return the label beside a line: on top or at the bottom, in front of what it crosses."""
    edge = "top" if name == "as trained" else "bottom"
    return {
        "name": "line",
        "text": name,
        "x": number(score),
        "xanchor": "left",
        "xshift": 4,
        "y": 1 if edge == "top" else 0,
        "yref": "paper",
        "yanchor": edge,
        "showarrow": False,
        "font": {"color": MUTED, "size": 11},
        "bgcolor": BACKGROUND,
        "borderpad": 1,
    }
