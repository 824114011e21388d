"""What the translation lab shows, in sentences with this run's numbers."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from core.labs.pair_material import PairMaterial
from core.labs.translation_config import TranslationConfig
from core.metrics.bleu import BucketScore, Scores
from core.metrics.buckets import LEAST_SENTENCES
from core.models.translators import find_translator
from core.text.phrases import listed

if TYPE_CHECKING:
    from core.labs.translation_diagnosis import ModelDiagnosis

COUNTED_WORDS = 4
"""BLEU needs sequences of so many words; a shorter reference has none."""

MOST_TOLD = 4
LIKE_THE_FIRST = 0.8
"""A longest trained bucket with this share of the shortest's BLEU holds; with half of it, falls."""


def describe_translation(
    config: TranslationConfig,
    scores: Mapping[str, Scores],
    material: PairMaterial,
    diagnosed: "Mapping[str, ModelDiagnosis]",
) -> list[str]:
    """Return what each model does over the lengths, then why, then what was not tested enough."""
    unscored = _unscored(material)
    if config.schedule == "ladder":
        sentences = []
    else:
        sentences = [_curve(name, found, config, unscored) for name, found in scores.items()]
    sentences += _why(diagnosed)
    beyond = [b for b in config.buckets if b not in config.trained]
    if beyond and scores:
        sentences.append(
            f"Trained on {config.shortest} to {config.longest} words: "
            f"{listed([str(b) for b in beyond])} words are extrapolation."
        )
    if unscored and scores:
        sentences.append(
            f"BLEU counts {COUNTED_WORDS} words in a row: at {listed([str(b) for b in unscored])} "
            "words it says nothing; read there how many sentences are all right."
        )
    rows = next(iter(scores.values())).buckets if scores else ()
    none = [str(row.bucket) for row in rows if row.n == 0]
    if none:
        sentences.append(f"There is no test sentence at {listed(none)} words.")
    few = {row.bucket: row.n for row in rows if 0 < row.n < LEAST_SENTENCES}
    if few:
        counts = listed([f"{n} at {b}" for b, n in few.items()])
        sentences.append(f"Too few sentences to read much from: {counts} words.")
    return sentences


def _why(diagnosed: "Mapping[str, ModelDiagnosis]") -> list[str]:
    """Return the verdict on each model; of many, who shares one: the page has the sentences."""
    if len(diagnosed) <= MOST_TOLD:
        return [
            f"{find_translator(name).label}, {found.sentence[:1].lower()}{found.sentence[1:]}"
            for name, found in diagnosed.items()
        ]
    shared: dict[str, list[str]] = {}
    for name, found in diagnosed.items():
        shared.setdefault(found.verdict, []).append(find_translator(name).label)
    told = (f"{verdict}: {'; '.join(labels)}" for verdict, labels in shared.items())
    return [f"Diagnosis. {each[:1].upper()}{each[1:]}." for each in told]


def _unscored(material: PairMaterial) -> list[int]:
    """Return the buckets in which no reference has the words in a row that BLEU counts."""
    return [
        bucket
        for bucket, pairs in material.corpus.test.items()
        if pairs and max(len(pair.target) for pair in pairs) < COUNTED_WORDS
    ]


def _curve(
    name: str, scores: Scores, config: TranslationConfig, unscored: Collection[int | None]
) -> str:
    label = find_translator(name).label
    tested = [row for row in scores.buckets if row.bleu is not None]
    judged = [row for row in tested if row.bucket not in unscored]
    rows = [row for row in judged if row.bucket in config.trained] or judged
    if not rows:
        why = "sentences are too short for BLEU" if tested else "there is no sentence to test it on"
        return f"{label}: {why}."
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
