"""What the length lab says about scores: curves, where they fail, and whether a remedy helps.

A score is a share of right answers or a loss in nats; NaN where a model has no answer. Shapes: S
seeds, L lengths, N sequences.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.labs.length_config import LENGTHS
from core.metrics.seed_intervals import mean_interval
from core.training.events import Columns

Scores = NDArray[np.float64]
Verdict = Literal["helps", "does not help here", "hurts"]

LONGEST_TESTED = LENGTHS[-1]
POSITIONS = tuple(range(5, LONGEST_TESTED + 1, 5))
"""Where the trained models are scored; among them are all `LENGTHS`."""

EXACT = 0.9
"""A model that is right less often fails; of a task whose best is not known, a tenth worse."""

LEAST_DIFFERENCE = 0.02
"""A smaller difference is none, however sure."""


OPEN = "Its interval holds 0: these seeds do not tell it apart."
"""Of a difference that is not small, and not sure either."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `seeds` with its 95 % interval; all None where there is no answer.

    The interval is over seeds; of one seed, over its sequences: it says nothing of other seeds.
    """

    mean: float | None = None
    low: float | None = None
    high: float | None = None
    seeds: int = 0


def estimate(values_SN: Scores) -> Estimate:
    """Return the mean of scores or differences over seeds that have an answer."""
    answered_S = ~np.isnan(values_SN).any(1)
    values_SN = values_SN[answered_S]
    if not len(values_SN):
        return Estimate()
    mean = float(values_SN.mean())
    found = mean_interval(values_SN.mean(1) if len(values_SN) > 1 else values_SN[0])
    low, high = found[1:] if found else (None, None)
    return Estimate(mean, low, high, len(values_SN))


def score_estimate(values_SN: Scores, *, is_share: bool) -> Estimate:
    """Return the mean score; of a share no interval goes beyond 0 or 1."""
    found = estimate(values_SN)
    if found.low is None or found.high is None:
        return found
    highest = 1.0 if is_share else math.inf
    return Estimate(found.mean, max(0.0, found.low), min(highest, found.high), found.seeds)


def curve_columns(scores_SLN: Scores, *, is_share: bool) -> Columns:
    """Return a row for each of `LENGTHS`: length, score, low, high, seeds, is_answered."""
    rows = [score_estimate(scores_SLN[:, at], is_share=is_share) for at in range(len(LENGTHS))]
    return {
        "length": list(LENGTHS),
        "score": [row.mean for row in rows],
        "low": [row.low for row in rows],
        "high": [row.high for row in rows],
        "seeds": [row.seeds for row in rows],
        "is_answered": [row.mean is not None for row in rows],
    }


def seed_columns(scores_SLN: Scores, seeds: Sequence[int]) -> Columns:
    """Return a row for each seed and length: seed, length, score."""
    means_SL = scores_SLN.mean(2)
    return {
        "seed": [seed for seed in seeds for _ in LENGTHS],
        "length": [length for _ in seeds for length in LENGTHS],
        "score": [None if math.isnan(mean) else float(mean) for mean in means_SL.flatten()],
    }


def at_lengths(scores_SPN: Scores) -> Scores:
    """Return those of the scores at all `POSITIONS` that are at `LENGTHS`."""
    return scores_SPN[:, [POSITIONS.index(length) for length in LENGTHS]]


@dataclass(frozen=True, slots=True)
class Failure:
    """The first position whose score is under `threshold`; None where there is none.

    `low` and `high` are the first and the last over the seeds, None where a seed does not fail.
    """

    threshold: float
    position: int | None
    low: int | None
    high: int | None
    seeds: int


def first_failure(
    scores_SPN: Scores, *, trained: tuple[int, int], is_better_high: bool, is_exact: bool
) -> Failure:
    """Return from which of `POSITIONS` on the mean score fails.

    An exact task fails under `EXACT`, looked for from the shortest of the `trained` lengths on; any
    other where it is a tenth worse than at the longest, looked for beyond. No answer is a failure.
    """
    means_SP = scores_SPN.mean(2)
    shortest, longest = map(_nearest, trained)
    at_longest = float(np.nanmean(means_SP[:, longest])) if _some(means_SP[:, longest]) else 0.0
    if is_exact:
        threshold, start = EXACT, shortest
    else:
        threshold = at_longest * (EXACT if is_better_high else 2 - EXACT)
        start = longest

    def first(means_P: Scores) -> int | None:
        good_P = means_P >= threshold if is_better_high else means_P <= threshold
        failing = [p for p, good in zip(POSITIONS[start:], good_P[start:], strict=True) if not good]
        return failing[0] if failing else None

    each = [first(means_P) for means_P in means_SP]
    fallen = [position for position in each if position is not None]
    return Failure(
        threshold=threshold,
        position=first(means_SP.mean(0)),
        low=min(fallen, default=None),
        high=max(fallen) if len(fallen) == len(each) else None,
        seeds=len(each),
    )


def is_open(difference: Estimate, verdict: Verdict) -> bool:
    """Return whether a difference that is not small does not help only because it is not sure."""
    is_small = difference.mean is None or abs(difference.mean) < LEAST_DIFFERENCE
    return verdict == "does not help here" and not is_small


def _nearest(length: int) -> int:
    return min(range(len(POSITIONS)), key=lambda at: abs(POSITIONS[at] - length))


def _some(values: Scores) -> bool:
    return not bool(np.isnan(values).all())


def judge(
    scores_SN: Scores, reference_SN: Scores, *, is_better_high: bool
) -> tuple[Estimate, Verdict]:
    """Return by how much scores are above those of the same seeds and sequences, and the verdict.

    A difference whose interval holds 0, or under `LEAST_DIFFERENCE`, does not help; neither does
    no answer, and where the reference has one it hurts.
    """
    found = estimate(scores_SN - reference_SN)
    if found.mean is None:
        is_lost = _some(reference_SN) and not _some(scores_SN)
        return found, "hurts" if is_lost else "does not help here"
    sure = found.low is not None and found.high is not None and not found.low <= 0 <= found.high
    if not sure or abs(found.mean) < LEAST_DIFFERENCE:
        return found, "does not help here"
    return found, "helps" if (found.mean > 0) == is_better_high else "hurts"
