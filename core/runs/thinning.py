"""Fewer points of a curve, with nothing lost that an eye would look for."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def thinned(
    x: Sequence[float], y: Sequence[float], most: int = 600
) -> tuple[list[float], list[float]]:
    """Return at most about `most` points of the curve: the lowest and highest of each bucket.

    The first and the last point stay, and so does the first point of every stretch that is not
    finite, so that a spike, a gap and an explosion are seen at any zoom. A curve of at most
    `most` points is returned whole.
    """
    if len(x) <= most:
        return list(x), list(y)
    values = np.asarray(y, dtype=np.float64)
    chosen = thinned_indices(values, most)
    return [x[i] for i in chosen], [float(values[i]) for i in chosen]


def thinned_indices(values: "np.ndarray[Any, np.dtype[np.float64]]", most: int = 600) -> list[int]:
    """Return, in order, which of `values` `thinned` keeps."""
    size = len(values)
    if size <= most:
        return list(range(size))
    finite = np.isfinite(values)
    starts = np.linspace(0, size, max(1, most // 2), endpoint=False).astype(int)
    lowest, highest = np.where(finite, values, np.inf), np.where(finite, values, -np.inf)
    chosen = {0, size - 1}
    for begin, end in zip(starts, [*starts[1:], size], strict=True):
        chosen.add(int(begin + lowest[begin:end].argmin()))
        chosen.add(int(begin + highest[begin:end].argmax()))
    turns = np.flatnonzero(~finite[1:] & finite[:-1]) + 1
    chosen.update(turns[:: max(1, -(-len(turns) // most))].tolist())
    return sorted(chosen)


def block_means(
    x: Sequence[float], y: Sequence[float], size: int
) -> tuple[list[float], list[float]]:
    """Return the mean of each `size` points of the curve, at the last of them.

    The last block may be shorter, so that a curve is seen from its first point on. A block with a
    value that is not finite has none either.
    """
    starts = range(0, len(x), size)
    ends = [min(start + size, len(x)) for start in starts]
    means = [float(np.mean(y[start:end])) for start, end in zip(starts, ends, strict=True)]
    return [x[end - 1] for end in ends], means
