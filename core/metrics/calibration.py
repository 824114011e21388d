"""Whether a classifier that says 90 % is right nine times in ten.

Shapes: N texts, C classes.

Source: Guo et al. 2017, On calibration of modern neural networks, sections 2 and 3,
https://arxiv.org/abs/1706.04599.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Answers whose probability is above `low` and at most `high`.

    Attributes:
        low: its bounds, as `high`, from 0 to 1; a probability of 0 is in the first bin.
        confidence: their mean probability; above `accuracy` the model is too sure.
        accuracy: the share of them that are right.
        n: how many there are.
    """

    low: float
    high: float
    confidence: float
    accuracy: float
    n: int


def reliability(
    probabilities_NC: NDArray[np.float64], labels_N: NDArray[np.int64], bins: int = 10
) -> list[ReliabilityBin]:
    """Return confidence and accuracy in bins of equal width; bins without an answer left out.

    The confidence of an answer is the probability of the class that was predicted, so that with
    two classes none is below a half. A bin of few answers says little: see its `n`.
    """
    confidence_N = probabilities_NC.max(1)
    is_right_N = probabilities_NC.argmax(1) == labels_N
    bounds = np.arange(bins + 1) / bins
    bin_N = np.searchsorted(bounds[1:-1], confidence_N)
    return [
        ReliabilityBin(
            low=float(bounds[index]),
            high=float(bounds[index + 1]),
            confidence=float(confidence_N[is_in_N].mean()),
            accuracy=float(is_right_N[is_in_N].mean()),
            n=int(is_in_N.sum()),
        )
        for index in range(bins)
        if (is_in_N := bin_N == index).any()
    ]


def expected_calibration_error(rows: Sequence[ReliabilityBin]) -> float | None:
    """Return how far accuracy is from confidence, over all answers, from 0 to 1; None of none.

    It is the mean over the bins, each counting as many times as it has answers. With few texts
    it is never 0, even for a model that says what it knows: compare models on the same texts.
    """
    n = sum(row.n for row in rows)
    return sum(row.n * abs(row.accuracy - row.confidence) for row in rows) / n if n else None


def calibration_columns(
    probabilities_NC: NDArray[np.float64], labels_N: NDArray[np.int64], bins: int = 10
) -> dict[str, list[Any]]:
    """Return `reliability` as a table, a bin a row, with the same `ece` in every row."""
    rows = reliability(probabilities_NC, labels_N, bins)
    columns: dict[str, list[Any]] = {
        f.name: [getattr(row, f.name) for row in rows] for f in fields(ReliabilityBin)
    }
    return {**columns, "ece": [expected_calibration_error(rows)] * len(rows)}
