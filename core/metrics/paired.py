"""Whether one system is better than another on the same sentences, or only seems so."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.buckets import Buckets
from core.metrics.intervals import (
    RESAMPLES,
    middle,
    resampled_bleu,
    resampled_counts,
    two_sided_p,
)
from core.metrics.statistics import Sentence, bleu_score, sentence_statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first system's BLEU less the second's on the `n` sentences of a bucket.

    Attributes:
        bucket: its centre; None for all sentences together.
        difference: in BLEU points; None without sentences.
        low: with `high`, its 95 % bootstrap interval; None for fewer than two sentences.
        p_value: two-sided, in step with the interval. It is of this bucket alone: of two equals,
            one comparison in four has a bucket of six below 0.05 by chance.
    """

    bucket: int | None
    n: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems compared: on all sentences, by bucket, and sacreBLEU's recipe for the BLEU."""

    overall: Difference
    buckets: tuple[Difference, ...]
    signature: str


def compare_systems(
    first: Sequence[Sentence],
    second: Sequence[Sentence],
    references: Sequence[Sentence],
    buckets: Buckets,
    *,
    tokenize: str = "none",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Return by how much the first system is better, by the length of the reference.

    Paired bootstrap: both are scored on the same draws of sentences, so that what makes a
    sentence hard for both cancels. It speaks of these two trained systems, not of their kinds.

    Source: Koehn 2004, https://aclanthology.org/W04-3250.

    Raises:
        ConfigError: the numbers differ, or the tokenizer cannot be used.
    """
    ours, theirs = (
        sentence_statistics(hypotheses, references, tokenize=tokenize)
        for hypotheses in (first, second)
    )
    counts_NK = np.hstack((ours.bleu_N10, theirs.bleu_N10))
    return Comparison(
        overall=_difference(None, counts_NK, resamples, seed),
        buckets=tuple(
            _difference(centre, counts_NK[index], resamples, seed)
            for centre, index in buckets.split(ours.reference_lengths).items()
        ),
        signature=ours.signature,
    )


def _difference(
    bucket: int | None, counts_NK: NDArray[np.int64], resamples: int, seed: int
) -> Difference:
    n = len(counts_NK)
    if n == 0:
        return Difference(bucket=bucket, n=0)
    difference = bleu_score(counts_NK[:, :10]).score - bleu_score(counts_NK[:, 10:]).score
    if n == 1:
        return Difference(bucket=bucket, n=1, difference=difference)
    sums_RK = resampled_counts(counts_NK, resamples, seed)
    differences_R = resampled_bleu(sums_RK[:, :10]) - resampled_bleu(sums_RK[:, 10:])
    low, high = middle(differences_R)
    return Difference(
        bucket=bucket,
        n=n,
        difference=difference,
        low=low,
        high=high,
        p_value=two_sided_p(differences_R),
    )
