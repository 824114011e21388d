"""How sure a BLEU is: the sentences drawn again and again, with replacement.

The statistics of all draws are one matrix product, so that a thousand take milliseconds.

Shapes: N sentences, R resamples, K statistics (10, see core/metrics/statistics.py).

Source: Koehn 2004, Statistical significance tests for machine translation evaluation,
https://aclanthology.org/W04-3250.
"""

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
CONFIDENCE = 0.95

_MOST_DRAWN = 4_000_000  # sentences drawn at once: 32 MB

Numbers = NDArray[np.float64]


def bootstrap_interval(
    counts_N10: NDArray[np.int64], *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % interval of the BLEU of these sentences; None for fewer than two.

    It says how far another test set of this size would move the number, not another training.
    """
    if len(counts_N10) < 2:
        return None, None
    return middle(resampled_bleu(resampled_counts(counts_N10, resamples, seed)))


def resampled_counts(counts_NK: NDArray[np.int64], resamples: int, seed: int) -> Numbers:
    """Return the summed statistics of `resamples` draws of N from the N sentences: (R, K)."""
    random = np.random.default_rng(seed)
    sentences = len(counts_NK)
    values_NK = counts_NK.astype(np.float64)  # exact: they are below 2**53
    sums_RK = np.empty((resamples, counts_NK.shape[1]))
    at_once = max(1, _MOST_DRAWN // sentences)
    for start in range(0, resamples, at_once):
        rows = min(at_once, resamples - start)
        drawn_RN = random.integers(sentences, size=(rows, sentences))
        drawn_RN += np.arange(rows)[:, None] * sentences
        times_RN = np.bincount(drawn_RN.ravel(), minlength=rows * sentences)
        sums_RK[start : start + rows] = times_RN.reshape(rows, sentences) @ values_NK
    return sums_RK


def resampled_bleu(counts_R10: Numbers) -> Numbers:
    """Return the BLEU of each row of summed statistics, as sacreBLEU's `exp` smoothing has it."""
    length_R, reference_R = counts_R10[:, 0], counts_R10[:, 1]
    correct_R4, total_R4 = counts_R10[:, 2:6], counts_R10[:, 6:10]
    is_missed_R4 = correct_R4 == 0
    smoothed_R4 = np.where(is_missed_R4, 0.5 ** is_missed_R4.cumsum(1), correct_R4)
    log_precision_R = np.log(smoothed_R4 / np.maximum(total_R4, 1)).mean(1)
    log_brevity_R = np.minimum(0, 1 - reference_R / np.maximum(length_R, 1))
    bleu_R = 100 * np.exp(log_brevity_R + log_precision_R)
    is_scored_R = (total_R4 > 0).all(1) & ~is_missed_R4.all(1)
    scores: Numbers = np.where(is_scored_R, bleu_R, 0.0)
    return scores


def middle(values_R: Numbers) -> tuple[float, float]:
    """Return the bounds of the middle 95 % of the values."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values_R, (tail, 1 - tail))
    return float(low), float(high)


def two_sided_p(differences_R: Numbers) -> float:
    """Return how often resampled differences lie on the other side of 0, twice; at most 1.

    One is added above and below, so that no finite number of resamples makes it 0. sacreBLEU's
    own paired test looks at one side and prints about half of it.
    """
    below, above = int((differences_R <= 0).sum()), int((differences_R >= 0).sum())
    return min(1.0, 2 * (min(below, above) + 1) / (len(differences_R) + 1))
