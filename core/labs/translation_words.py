"""What the translation lab shows, in sentences with this run's numbers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.labs.pair_material import PairMaterial
from core.labs.translation_config import TranslationConfig
from core.metrics.bleu import BucketScore, Scores
from core.metrics.buckets import LEAST_SENTENCES
from core.models.translators import find_translator

if TYPE_CHECKING:
    from core.labs.translation_diagnosis import ModelDiagnosis

LIKE_THE_FIRST = 0.8
"""A longest trained bucket with this share of the shortest's BLEU holds; with half of it, falls."""


def describe_translation(
    config: TranslationConfig,
    scores: Mapping[str, Scores],
    material: PairMaterial,
    diagnosed: "Mapping[str, ModelDiagnosis]",
) -> list[str]:
    """Return what each model does over the lengths, then why, then what was not tested enough."""
    if config.schedule == "ladder":
        sentences = []
    else:
        sentences = [_curve(name, found, config) for name, found in scores.items()]
    sentences += [
        f"{find_translator(name).label}, {found.sentence[:1].lower()}{found.sentence[1:]}"
        for name, found in diagnosed.items()
    ]
    beyond = [b for b in config.buckets if b not in config.trained]
    if beyond and scores:
        sentences.append(
            f"Trained on {config.shortest} to {config.longest} words: "
            f"{_listed([str(b) for b in beyond])} words are extrapolation."
        )
    few = {b: len(pairs) for b, pairs in material.corpus.test.items()}
    few = {b: n for b, n in few.items() if n < LEAST_SENTENCES}
    if few and scores:
        counts = _listed([f"{n} at {b}" for b, n in few.items()])
        sentences.append(f"Too few sentences to read much from: {counts} words.")
    return sentences


def _curve(name: str, scores: Scores, config: TranslationConfig) -> str:
    label = find_translator(name).label
    rows = [row for row in scores.buckets if row.bleu is not None and row.bucket in config.trained]
    if not rows:
        rows = [row for row in scores.buckets if row.bleu is not None]
    if not rows:
        return f"{label}: there is no sentence to test it on."
    first, last = rows[0], rows[-1]
    if first is last:
        return f"{label}: BLEU {_bleu(first)} at {first.bucket} words."
    return (
        f"{label}: BLEU {_bleu(first)} at {first.bucket} words, {_bleu(last)} at {last.bucket}"
        f"{_middle(rows)}: it {_shape(first, last)}."
    )


def _middle(rows: Sequence[BucketScore]) -> str:
    between = rows[len(rows) // 2]
    return "" if len(rows) < 4 else f" ({_bleu(between)} at {between.bucket})"


def _shape(first: BucketScore, last: BucketScore) -> str:
    assert first.bleu is not None
    assert last.bleu is not None
    if first.bleu < 20:
        return "has not learned the short ones yet"
    if last.bleu >= LIKE_THE_FIRST * first.bleu:
        return "holds over the lengths it was trained on"
    return "falls with length" if last.bleu > first.bleu / 2 else "breaks down with length"


def _bleu(row: BucketScore) -> str:
    assert row.bleu is not None
    if row.low is None or row.high is None:
        return f"{row.bleu:.0f}"
    return f"{row.bleu:.0f} ({row.low:.0f} to {row.high:.0f})"


def _listed(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
