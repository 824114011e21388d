"""What the clipping lab's page reads off the series: tables, made without torch."""

from itertools import pairwise

import numpy as np
import pandas as pd

from core.training.events import Columns

WINDOW = 50
CLIPPED_BELOW = 1 - 1e-6


def clip_rate_columns(columns: Columns, window: int = WINDOW) -> Columns:
    """Return `step`, `coefficient` and `clip_rate` of one twin's series.

    The coefficient is what the gradient was multiplied by, 0 to 1; the clip rate is the share of
    the last `window` updates in which that was less than 1.
    """
    if not columns.get("step"):
        return {"step": [], "coefficient": [], "clip_rate": []}
    coefficient = np.asarray(columns["coefficient"], dtype=np.float64)
    clipped = np.concatenate([[0.0], np.cumsum(coefficient < CLIPPED_BELOW)])
    ends = np.arange(1, len(clipped))
    begins = np.maximum(ends - window, 0)
    rate = (clipped[ends] - clipped[begins]) / (ends - begins)
    return {
        "step": columns["step"],
        "coefficient": columns["coefficient"],
        "clip_rate": rate.tolist(),
    }


def layer_norm_columns(columns: Columns, most_steps: int = 200) -> Columns:
    """Return `step`, `layer` and `norm` (one row a layer) of one twin, thinned to `most_steps`.

    Of each stretch of updates the one with the largest total norm is kept, so that an explosion
    is never thinned away.
    """
    layers = [name for name in columns if name.startswith("norm:")]
    steps = columns.get("step", [])
    kept = _largest_of_each_stretch(columns.get("norm_before", []), most_steps)
    return {
        "step": [steps[i] for i in kept],
        "layer": [name.removeprefix("norm:") for name in layers],
        "norm": [[columns[name][i] for i in kept] for name in layers],
    }


def layer_norm_table(layers: Columns) -> pd.DataFrame:
    """Return what `layer_norm_columns` gave as one row a layer and update: layer, step, norm."""
    rows = [
        (layer, step, norm)
        for layer, norms in zip(layers["layer"], layers["norm"], strict=True)
        for step, norm in zip(layers["step"], norms, strict=True)
    ]
    return pd.DataFrame(rows, columns=["layer", "step", "norm"])


def _largest_of_each_stretch(norms: list[float], most: int) -> list[int]:
    if len(norms) <= most:
        return list(range(len(norms)))
    values = np.nan_to_num(np.asarray(norms, dtype=np.float64), nan=np.inf, posinf=np.inf)
    edges = np.linspace(0, len(values), most + 1).astype(int)
    return [int(begin + values[begin:end].argmax()) for begin, end in pairwise(edges)]
