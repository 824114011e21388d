"""The picture of a pretrained model's BLEU: rows in, a plotly dict out."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pages.components.figures.axes import linear_axis
from pages.components.figures.layout import line_figure
from pages.components.figures.style import Figure, interval_trace, line_trace, model_color


def pretrained_bleu_figure(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Return BLEU with its interval against the reference length; empty buckets are left out."""
    seen = [row for row in rows if row["bucket"] is not None and row["bleu"] is not None]
    lengths = [row["bucket"] for row in seen]
    color = model_color("pretrained")
    low, high = ([_or_nan(row[edge]) for row in seen] for edge in ("low", "high"))
    curve = line_trace(lengths, [row["bleu"] for row in seen], name="BLEU", color=color)
    return line_figure(
        [interval_trace(lengths, low, high, color=color), {**curve, "mode": "lines+markers"}],
        x_axis=linear_axis("reference length (words)", 0, 1.05 * max(lengths, default=1)),
        y_axis=linear_axis("BLEU", 0, 100),
    )


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
