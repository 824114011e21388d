"""The texts of a fold as its neural models read them: ids of known words. No torch here."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.labelled import Example, encode_text
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial, fold_vocabulary
from core.text.words import WordVocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceTexts:
    """What the models of one fold learn from, as ids and labels.

    Attributes:
        classes: how many there are.
        words: the usual length of a text, for which multiply-adds are counted.
        seed: of this fold.
    """

    train_rows: list[list[int]]
    train_labels: list[int]
    dev_rows: list[list[int]]
    dev_labels: list[int]
    vocabulary_size: int
    classes: int
    words: int
    seed: int


def encode_fold(
    config: SentimentConfig, material: SentimentMaterial, at: int
) -> tuple[WordVocabulary, RaceTexts]:
    """Return the words of a fold's training texts, and its texts encoded with them."""
    fold = material.folds[at]
    vocabulary = fold_vocabulary(fold, config.least_count)

    def rows(examples: Sequence[Example]) -> list[list[int]]:
        return [encode_text(each.words, vocabulary, config.most_words) for each in examples]

    texts = RaceTexts(
        train_rows=rows(fold.train),
        train_labels=[each.label for each in fold.train],
        dev_rows=rows(fold.dev),
        dev_labels=[each.label for each in fold.dev],
        vocabulary_size=vocabulary.size,
        classes=len(material.classes),
        words=usual_length(material, config.most_words),
        seed=config.seed + at,
    )
    return vocabulary, texts


def usual_length(material: SentimentMaterial, most_words: int) -> int:
    """Return the median length of the texts, after they are cut."""
    ordered = sorted(min(length, most_words) for length in material.lengths)
    return max(1, ordered[len(ordered) // 2])
