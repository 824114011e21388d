"""How often a classifier is right: accuracy with its interval, macro-F1, where it errs.

A label is an index into the classes. Accuracy is a share from 0 to 1 everywhere.

Shapes: N texts, C classes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import NormalDist, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.metrics.intervals import CONFIDENCE

STANDARD_ERRORS = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""Standard errors on each side of a 95 % interval: 1.96."""

LENGTH_EDGES = (10, 20, 30, 50, 100, 200, 400)

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An accuracy and how sure it is.

    Attributes:
        accuracy: right answers of all folds over texts of all folds; None without a text.
        low: with `high`, the 95 % interval of `accuracy`, inside 0 to 1.
        fold_sd: standard deviation of the folds' accuracies; None for fewer than two folds.
    """

    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    fold_sd: float | None = None


@dataclass(frozen=True, slots=True)
class LengthAccuracy:
    """The accuracy on texts of `low` to `high` words, both in it; a `high` of None has no end.

    `accuracy_low` and `accuracy_high` are its 95 % Wilson interval.
    """

    low: int
    high: int | None
    n: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float


def wilson_interval(right: float, n: float) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % interval of the share `right / n`; None for `n` 0.

    Unlike the share plus and minus 1.96 standard errors it stays inside 0 to 1 and has a width
    where all or none are right.

    Source: Wilson 1927, Probable inference, the law of succession, and statistical inference,
    https://doi.org/10.1080/01621459.1927.10502953.
    """
    return _wilson(right / n, n) if n else (None, None)


def accuracy_interval(right_by_fold: Sequence[int], n_by_fold: Sequence[int]) -> Interval:
    """Return the accuracy of all folds together with its 95 % interval.

    The interval reaches as far as the wider of two on each side: what the folds vary (1.96
    standard errors of their mean) and what so many texts allow (Wilson). Three folds say little
    about their own spread, and by luck they can agree to a tenth of a point; below what the
    number of texts allows no agreement of folds can bring the interval. Folds without a text
    are left out.

    Args:
        right_by_fold: right answers of each fold.
        n_by_fold: texts tested in each fold, none of which another fold tests again.
    """
    tested = [(r, n) for r, n in zip(right_by_fold, n_by_fold, strict=True) if n]
    if not tested:
        return Interval()
    total = sum(n for _, n in tested)
    accuracy = sum(right for right, _ in tested) / total
    low, high = _wilson(accuracy, total)
    if len(tested) == 1:
        return Interval(accuracy, low, high)
    fold_sd = stdev(right / n for right, n in tested)
    reach = STANDARD_ERRORS * fold_sd / math.sqrt(len(tested))
    return Interval(
        accuracy,
        max(0.0, min(low, accuracy - reach)),
        min(1.0, max(high, accuracy + reach)),
        fold_sd,
    )


def confusion_counts(predicted_N: Labels, labels_N: Labels, class_count: int) -> Labels:
    """Return how many texts of each reference (row) were given each label (column): (C, C)."""
    cells_N = labels_N * class_count + predicted_N
    counts = np.bincount(cells_N, minlength=class_count**2)
    return counts.reshape(class_count, class_count)


def macro_f1(predicted_N: Labels, labels_N: Labels, class_count: int) -> float | None:
    """Return the mean F1 of the classes, each counting the same, from 0 to 1; None without a text.

    A class that is neither a reference nor predicted is left out; one that is never predicted
    counts 0. Where it is far below the accuracy, a small class is sacrificed.
    """
    counts_CC = confusion_counts(predicted_N, labels_N, class_count)
    seen_C = counts_CC.sum(0) + counts_CC.sum(1)
    is_seen_C = seen_C > 0
    if not is_seen_C.any():
        return None
    return float((2 * counts_CC.diagonal()[is_seen_C] / seen_C[is_seen_C]).mean())


def confusion_columns(counts_CC: Labels, classes: Sequence[str]) -> dict[str, list[Any]]:
    """Return the table of a confusion, a cell a row: reference and predicted (names), count."""
    return {
        "reference": [name for name in classes for _ in classes],
        "predicted": [name for _ in classes for name in classes],
        "count": counts_CC.ravel().tolist(),
    }


def accuracy_by_length(
    right_N: NDArray[np.bool_],
    lengths_N: NDArray[np.int64],
    edges: Sequence[int] = LENGTH_EDGES,
) -> list[LengthAccuracy]:
    """Return the accuracy by length in words, shortest first; lengths without a text left out.

    Args:
        right_N: whether the answer to each text was right.
        lengths_N: words of each text; an empty text falls into the first bin.
        edges: the greatest length of each bin, rising; one more bin, without an end, follows.
    """
    bin_N = np.searchsorted(np.asarray(edges), lengths_N)
    total = np.bincount(bin_N, minlength=len(edges) + 1).tolist()
    right = np.bincount(bin_N[right_N], minlength=len(edges) + 1).tolist()
    lows, highs = (1, *(edge + 1 for edge in edges)), (*edges, None)
    return [
        LengthAccuracy(low, high, n, ok / n, *_wilson(ok / n, n))
        for low, high, n, ok in zip(lows, highs, total, right, strict=True)
        if n
    ]


def by_length_columns(
    right_N: NDArray[np.bool_],
    lengths_N: NDArray[np.int64],
    edges: Sequence[int] = LENGTH_EDGES,
) -> dict[str, list[Any]]:
    """Return `accuracy_by_length` as a table: the names of a LengthAccuracy, a bin a row."""
    rows = accuracy_by_length(right_N, lengths_N, edges)
    return {f.name: [getattr(row, f.name) for row in rows] for f in fields(LengthAccuracy)}


def confident_errors(
    probabilities_NC: NDArray[np.float64], labels_N: Labels, most: int = 20
) -> list[int]:
    """Return which texts were answered wrongly, the surest answers first, at most `most`.

    Equally sure ones stand in the order of the texts. Many of them are not the model's fault:
    this is where wrong labels are found.
    """
    predicted_N = probabilities_NC.argmax(1)
    wrong = np.flatnonzero(predicted_N != labels_N)
    confidence = probabilities_NC[wrong, predicted_N[wrong]]
    found: list[int] = wrong[np.argsort(-confidence, kind="stable")[:most]].tolist()
    return found


def _wilson(share: float, n: float) -> tuple[float, float]:
    squared = STANDARD_ERRORS**2
    centre = share + squared / (2 * n)
    reach = STANDARD_ERRORS * math.sqrt(share * (1 - share) / n + squared / (4 * n * n))
    scale = 1 + squared / n
    low, high = (centre - reach) / scale, (centre + reach) / scale
    return max(0.0, min(share, low)), min(1.0, max(share, high))  # against rounding
