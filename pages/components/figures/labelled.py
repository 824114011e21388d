"""What labelled texts of a visitor's own look like before a model learns them."""

from collections.abc import Sequence

from core.text.lengths import LengthBin
from pages.components.figures.axes import linear_axis
from pages.components.figures.layout import base_layout
from pages.components.figures.style import BLUE, Figure, bar_trace

LENGTHS_HEIGHT = 220


def lengths_figure(bins: Sequence[LengthBin]) -> Figure:
    """Return how many texts have how many words, a bar for each bin."""
    names = [_name(each) for each in bins]
    bars = bar_trace(names, [each.count for each in bins], name="texts", color=BLUE)
    bars["hovertemplate"] = "%{x} words: %{y:,}<extra></extra>"
    layout = base_layout(
        x_axis=linear_axis("words in a text") | {"type": "category"},
        y_axis=linear_axis("texts", grid=True) | {"rangemode": "tozero"},
    )
    return {"data": [bars], "layout": layout}


def _name(each: LengthBin) -> str:
    if each.high is None:
        return f"{each.low}+"
    return str(each.low) if each.low == each.high else f"{each.low}\N{EN DASH}{each.high}"
