"""Which model to ship, and why: scores and what they are made of, as one heatmap."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.labs.recommendation import CRITERIA, Ranked
from pages.components.figures.axes import linear_axis
from pages.components.figures.dots import rows_margin
from pages.components.figures.layout import heatmap_figure
from pages.components.figures.style import MUTED, Figure, heatmap_trace


def ranking_figure(ranking: Sequence[Ranked], weights: Mapping[str, float]) -> Figure:
    """Return a row a model, best first: its score, and what each criterion says, 0 to 1.

    A criterion that counts nothing is left out.
    """
    counted = [name for name in CRITERIA if weights.get(name)]
    columns = ["Score", *(name.capitalize() for name in counted)]
    names = [each.label for each in ranking]
    rows = [[each.score, *(each.parts[name] for name in counted)] for each in ranking]
    trace = heatmap_trace(rows, title="", low=0, high=1)
    trace |= {"texttemplate": "%{z:.2f}", "showscale": False, "xgap": 2, "ygap": 2}
    trace["customdata"] = [[f"{name}, {column.lower()}" for column in columns] for name in names]
    trace["hovertemplate"] = "%{customdata}: %{z:.2f}<extra></extra>"

    def ticks(texts: Sequence[str]) -> dict[str, Any]:
        places = list(range(len(texts)))
        return {"tickmode": "array", "tickvals": places, "ticktext": list(texts)}

    figure = heatmap_figure(
        trace,
        x_axis=linear_axis("", -0.5, len(columns) - 0.5)
        | ticks(columns)
        | {"side": "top", "tickfont": {"color": MUTED, "size": 10}},
        y_axis=linear_axis("", max(len(names), 1) - 0.5, -0.5) | ticks(names),
    )
    figure["layout"]["margin"] |= {"l": rows_margin(names), "b": 12, "t": 34}
    return figure
