"""Corpus BLEU and its companions in each bucket of reference length, and the floor below it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.metrics.buckets import Buckets
from core.metrics.intervals import RESAMPLES, bootstrap_interval
from core.metrics.quality import exact_match, token_accuracy
from core.metrics.statistics import (
    Sentence,
    SentenceStatistics,
    bleu_score,
    chrf_score,
    sentence_lengths,
    sentence_statistics,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketScore:
    """How good the hypotheses of one bucket are; all but the first four are None without any.

    Attributes:
        bucket: its centre; None for all sentences together.
        low_length: least length in words of a reference; `high_length` None is without end.
        n: sentences.
        bleu: corpus BLEU from 0 to 100.
        low: with `high`, its 95 % bootstrap interval; None for fewer than two sentences.
        brevity_penalty: what BLEU was multiplied by because hypotheses are short; 1: they are not.
        length_ratio: words of the hypotheses per word of the references.
        chrf: corpus chrF from 0 to 100; None also where it was not asked for.
        token_accuracy: share of reference words at their very position, from 0 to 1.
        exact_match: share of hypotheses that are their reference, from 0 to 1.
    """

    bucket: int | None
    low_length: int
    high_length: int | None
    n: int
    bleu: float | None = None
    low: float | None = None
    high: float | None = None
    brevity_penalty: float | None = None
    length_ratio: float | None = None
    chrf: float | None = None
    token_accuracy: float | None = None
    exact_match: float | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one system: of all sentences, by bucket, and sacreBLEU's recipe for them."""

    overall: BucketScore
    buckets: tuple[BucketScore, ...]
    signature: str
    chrf_signature: str


def score_buckets(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sentence],
    buckets: Buckets,
    *,
    tokenize: str = "none",
    with_chrf: bool = True,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Scores:
    """Return corpus BLEU and more, overall and by the length of the reference.

    Lengths are in words as the tokenizer cuts them. The arguments that are not named here are
    those of `sentence_statistics`; the same seed gives the same intervals.

    Raises:
        ConfigError: the numbers differ, or the tokenizer cannot be used.
    """
    statistics = sentence_statistics(hypotheses, references, tokenize=tokenize, with_chrf=with_chrf)

    def score(centre: int | None, index: Sequence[int]) -> BucketScore:
        low, high = buckets.bounds(centre) if centre is not None else (1, math.inf)
        empty = BucketScore(
            bucket=centre,
            low_length=low,
            high_length=None if math.isinf(high) else int(high),
            n=len(index),
        )
        return _filled(empty, statistics.select(index), resamples, seed) if index else empty

    by_bucket = buckets.split(statistics.reference_lengths)
    return Scores(
        overall=score(None, range(len(references))),
        buckets=tuple(score(centre, index) for centre, index in by_bucket.items()),
        signature=statistics.signature,
        chrf_signature=statistics.chrf_signature,
    )


def floor(
    references: Sequence[Sentence],
    buckets: Buckets,
    *,
    tokenize: str = "none",
    with_chrf: bool = True,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Scores:
    """Return the scores of a system that says nothing about its source.

    Its hypothesis is another reference of the same bucket, of the nearest length there is. A
    reference alone in its bucket has no other and is left out.
    """
    lengths = sentence_lengths(references, tokenize)
    random = np.random.default_rng(seed)
    hypotheses: list[Sentence] = []
    kept: list[Sentence] = []
    for index in buckets.split(lengths).values():
        others = _nearest_others([lengths[i] for i in index], random)
        hypotheses += [references[index[other]] for other in others]
        kept += [references[i] for i in index[: len(others)]]
    return score_buckets(
        hypotheses,
        kept,
        buckets,
        tokenize=tokenize,
        with_chrf=with_chrf,
        resamples=resamples,
        seed=seed,
    )


def _filled(
    empty: BucketScore, statistics: SentenceStatistics, resamples: int, seed: int
) -> BucketScore:
    bleu = bleu_score(statistics.bleu_N10)
    low, high = bootstrap_interval(statistics.bleu_N10, resamples=resamples, seed=seed)
    return replace(
        empty,
        bleu=min(bleu.score, 100.0),  # sacreBLEU's logarithms pass it by 4e-14
        low=low,
        high=high,
        brevity_penalty=bleu.bp,
        length_ratio=bleu.ratio if bleu.ref_len else None,
        chrf=None if statistics.chrf_N18 is None else chrf_score(statistics.chrf_N18),
        token_accuracy=token_accuracy(statistics.hypotheses, statistics.references),
        exact_match=exact_match(statistics.hypotheses, statistics.references),
    )


def _nearest_others(lengths: Sequence[int], random: np.random.Generator) -> list[int]:
    """Return for each length the index of another one that is as near as any, drawn at random.

    In the order of length, with equal lengths shuffled, it is a neighbour.
    """
    if len(lengths) < 2:
        return []
    length_N = np.array(lengths, dtype=np.float64)
    order_N = np.lexsort((random.random(len(lengths)), length_N))
    gap_N = np.diff(length_N[order_N])
    before_N = np.concatenate(([np.inf], gap_N))
    after_N = np.concatenate((gap_N, [np.inf]))
    is_tie_N = before_N == after_N
    step_N = np.where(before_N < after_N, -1, 1)
    step_N[is_tie_N] = random.choice((-1, 1), size=int(is_tie_N.sum()))
    others_N = np.empty_like(order_N)
    others_N[order_N] = order_N[np.arange(len(lengths)) + step_N]
    others: list[int] = others_N.tolist()
    return others
