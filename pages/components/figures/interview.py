"""An interview in two pictures: points by topic, and the time of each answer."""

import pandas as pd

from pages.components.figures.dots import row_place, rows_height
from pages.components.figures.row_bars import row_bars, row_bars_figure
from pages.components.figures.style import BAND, BLUE, ORANGE, Figure
from pages.components.figures.wrapped_rows import texts_beside


def rows_pixels(*tables: pd.DataFrame) -> int:
    """Return the pixels that the pictures of these tables need, to stand beside each other."""
    return rows_height(max(len(table) for table in tables))


def topic_points_figure(table: pd.DataFrame) -> Figure:
    """Return a row a topic: points as a full bar upon all that there were; see `topic_table`."""
    names = list(table["topic"])
    places = [row_place(at, len(names)) for at in range(len(names))]
    points, of = list(table["points"]), list(table["of"])
    texts = [f"{got:g} of {every}" for got, every in zip(points, of, strict=True)]
    return row_bars_figure(
        [
            row_bars(of, places, BAND) | {"hoverinfo": "skip", "hovertemplate": None},
            row_bars(points, places, BLUE)
            | {"customdata": texts, "hovertemplate": "%{customdata} points<extra></extra>"},
            texts_beside(of, places, texts),
        ],
        names,
        title="Key points",
        high=1.25 * max([*of, 1]),
    )


def answer_times_figure(table: pd.DataFrame) -> Figure:
    """Return a row an answer: its seconds upon its budget, orange where it went over.

    See `time_table`.
    """
    names = list(table["question"])
    places = [row_place(at, len(names)) for at in range(len(names))]
    seconds, budget = list(table["seconds"]), list(table["budget_seconds"])
    colors = [ORANGE if took > of else BLUE for took, of in zip(seconds, budget, strict=True)]
    texts = [f"{took:.0f} of {of:.0f} s" for took, of in zip(seconds, budget, strict=True)]
    reach = [max(took, of) for took, of in zip(seconds, budget, strict=True)]
    return row_bars_figure(
        [
            row_bars(budget, places, BAND) | {"hoverinfo": "skip", "hovertemplate": None},
            row_bars(seconds, places, colors)
            | {"customdata": texts, "hovertemplate": "%{customdata}<extra></extra>"},
            texts_beside(reach, places, texts),
        ],
        names,
        title="Time taken (seconds)",
        high=1.35 * max([*reach, 1]),
    )
