"""Which classifier is the best, which cannot be told from it, and which are worth their cost.

Classifiers are compared on the same texts, so that what makes a text hard for both cancels.
Of N texts only those count that exactly one of the two has right.

Sources: McNemar 1947, Note on the sampling error of the difference between correlated
proportions, https://doi.org/10.1007/BF02295996; Tango 1998, Equivalence test and confidence
interval for the difference in proportions for the paired-sample design, Statistics in Medicine
17, 891-908; both recommended by Fagerland, Lydersen and Laake 2014,
https://doi.org/10.1002/sim.6148.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.classification import STANDARD_ERRORS

_HALVINGS = 50  # of what is at most 2 wide: bounds to 2e-15

Rights = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyDifference:
    """The first classifier's accuracy less the second's on the same `n` answers.

    Attributes:
        difference: from -1 to 1; None without a text.
        low: with `high`, its 95 % interval; None where there is nothing to compare.
        p_value: two-sided, below 0.05 exactly where the interval leaves 0 out. It is of this
            comparison alone: of many with equals some fall below 0.05 by chance.
    """

    n: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None

    @property
    def is_tie(self) -> bool:
        """Whether the texts cannot tell the two apart: the interval holds 0, or there is none."""
        return self.low is None or self.high is None or self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Ranking:
    """The most accurate model, and each model's accuracy less that of the best.

    Attributes:
        best: of equals the first; None without a text.
        differences: by model, in the order given. The best's own is 0, has no interval and
            counts as a tie.
    """

    best: str | None
    differences: dict[str, AccuracyDifference]


def compare_accuracy(first_right_N: Rights, second_right_N: Rights) -> AccuracyDifference:
    """Return by how much the first classifier is more often right, with interval and test.

    The test is McNemar's and the interval Tango's, which holds just the differences that this
    test does not reject; so the two never disagree. A bootstrap gives the same for thousands of
    texts; for few it is too sure: of models that never differ it says that they never will.
    What is found speaks of these trained models: other seeds move the difference too.

    Args:
        first_right_N: whether the first classifier was right on each text; each text is there
            once, since answers to the same text are not independent.
        second_right_N: the same of the second.
    """
    n = len(first_right_N)
    if len(second_right_N) != n:
        raise ValueError(f"{n} answers against {len(second_right_N)}")
    if n == 0:
        return AccuracyDifference(n=0)
    won = int((first_right_N & ~second_right_N).sum())
    lost = int((second_right_N & ~first_right_N).sum())
    low, high = _tango(won, lost, n)
    score = (won - lost) / math.sqrt(won + lost) if won + lost else 0.0
    return AccuracyDifference(
        n=n,
        difference=(won - lost) / n,
        low=low,
        high=high,
        p_value=math.erfc(abs(score) / math.sqrt(2)),
    )


def rank_models(right_by_model: Mapping[str, Rights]) -> Ranking:
    """Return the most accurate model and how far each is from it, on the same texts.

    The best was chosen by the very texts on which it is then compared, so its lead is flattered
    a little: a lead that is only just no tie deserves new texts.

    Args:
        right_by_model: whether each model was right on each text; all have the same texts.
    """
    sizes = {len(right_N) for right_N in right_by_model.values()}
    if len(sizes) > 1:
        raise ValueError(f"models with {sorted(sizes)} answers cannot be ranked together")
    if not sizes or sizes == {0}:
        return Ranking(None, {name: AccuracyDifference(n=0) for name in right_by_model})
    best = max(right_by_model, key=lambda name: int(right_by_model[name].sum()))
    return Ranking(
        best,
        {
            name: AccuracyDifference(n=len(right_N), difference=0.0)
            if name == best
            else compare_accuracy(right_N, right_by_model[best])
            for name, right_N in right_by_model.items()
        },
    )


def efficient_frontier(costs: Sequence[float | None], gains: Sequence[float | None]) -> list[bool]:
    """Return which choices no other beats: none costs less for the same gain, or gains more.

    A choice is beaten by one that is at least as cheap and at least as good, and better in one
    of the two; so equals stand on the frontier together. One whose cost or gain is not known
    is not on it and beats no other.
    """
    known = [(c, g) for c, g in zip(costs, gains, strict=True) if c is not None and g is not None]
    return [
        cost is not None
        and gain is not None
        and not any(c <= cost and g >= gain and (c < cost or g > gain) for c, g in known)
        for cost, gain in zip(costs, gains, strict=True)
    ]


def _tango(won: int, lost: int, n: int) -> tuple[float, float]:
    bounds = []
    for end in (-1.0, 1.0):
        inside, outside = (won - lost) / n, end
        for _ in range(_HALVINGS):
            half = (inside + outside) / 2
            if _is_likely(half, won, lost, n):
                inside = half
            else:
                outside = half
        bounds.append(outside)
    return bounds[0], bounds[1]


def _is_likely(difference: float, won: int, lost: int, n: int) -> bool:
    """Whether what was seen is within 1.96 standard errors of this difference, were it true."""
    linear = (2 * n - won + lost) * difference - won - lost
    constant = lost * difference * (1 - difference)
    lost_share = (math.sqrt(max(0.0, linear**2 + 8 * n * constant)) - linear) / (4 * n)
    variance = n * (2 * lost_share + difference * (1 - difference))
    return (won - lost - n * difference) ** 2 <= STANDARD_ERRORS**2 * variance
