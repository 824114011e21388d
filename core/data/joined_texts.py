"""Texts of one class, joined until they are long enough. Legend: B batch, T time, C classes."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import torch
from torch import Tensor
from torch.nn import functional as F

from core.data.batch import Batch
from core.data.folds import split_folds
from core.data.labelled import Example, LabelledCorpus, encode_text
from core.data.length_task import VaryingLengths, right_answers
from core.errors import TextError
from core.text.words import WordVocabulary

LEAST_COUNT = 2
MOST_WORDS = 400
"""Of one text; what comes after them is left out."""
LEAST_TEXTS = 2
"""That each class needs in each part."""

Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class JoinedTexts(VaryingLengths):
    """Texts of one class, one after the other: say their class at every step.

    No text is in both parts. A sequence takes the texts of its class in a random order; once all
    are read they come again. Every class is as likely as any other.

    Attributes:
        trained, held: the ids of the texts of each class to train on, and of those held out.
        classes: their names, in the order of the outputs.
    """

    trained: tuple[Rows, ...] = field(kw_only=True)
    held: tuple[Rows, ...] = field(kw_only=True)
    classes: tuple[str, ...] = field(kw_only=True)
    vocabulary: WordVocabulary = field(kw_only=True)
    input_size: ClassVar[int] = 32

    @classmethod
    def of(cls, corpus: LabelledCorpus, *, shortest: int, longest: int, seed: int) -> Self:
        """Return the task of a labelled corpus: a tenth of each class (or its test) is held out.

        Raises:
            ConfigError: there are too few texts to hold some out.
            TextError: a class has fewer than two texts in one of the parts.
        """
        fold = split_folds(corpus, folds=1, seed=seed)[0]
        train = (*fold.train, *fold.dev)
        vocabulary = WordVocabulary.of((each.words for each in train), least_count=LEAST_COUNT)
        return cls(
            shortest,
            longest,
            trained=_rows(train, len(corpus.classes), vocabulary, "to train on"),
            held=_rows(fold.test, len(corpus.classes), vocabulary, "held out"),
            classes=corpus.classes,
            vocabulary=vocabulary,
        )

    @property
    def vocabulary_size(self) -> int:
        """Number of word ids."""
        return self.vocabulary.size

    @property
    def output_size(self) -> int:
        """One logit a class."""
        return len(self.classes)

    def draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return ids (T, size) of joined texts to train on, and their classes at every step."""
        return _joined(self.trained, steps, size, generator)

    def draw_held_out(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return ids (T, size) of joined held-out texts, and their classes at every step."""
        return _joined(self.held, steps, size, generator)

    def loss(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the cross-entropy over all steps, in nats."""
        return F.cross_entropy(outputs_TBO.flatten(0, 1), batch.targets.flatten())

    def scored(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return 1 where the class is right, else 0, (T, B)."""
        return right_answers(outputs_TBO, batch.targets)


def _rows(
    examples: Sequence[Example], classes: int, vocabulary: WordVocabulary, part: str
) -> tuple[Rows, ...]:
    """Return the ids of the texts of each class."""
    found: defaultdict[int, list[tuple[int, ...]]] = defaultdict(list)
    for each in examples:
        found[each.label].append(tuple(encode_text(each.words, vocabulary, MOST_WORDS)))
    for label in range(classes):
        if len(found[label]) < LEAST_TEXTS:
            raise TextError(
                f"Class {label + 1} of {classes} has {len(found[label])} texts {part}; joined "
                f"texts need {LEAST_TEXTS}, about {10 * LEAST_TEXTS} rows in all. Give more rows "
                "of it or leave it out."
            )
    return tuple(tuple(found[label]) for label in range(classes))


def _joined(rows: Sequence[Rows], steps: int, size: int, generator: torch.Generator) -> Batch:
    draw = random.Random(int(torch.randint(2**62, (1,), generator=generator)))
    labels = [draw.randrange(len(rows)) for _ in range(size)]
    joined = [_one_after_another(rows[label], steps, draw) for label in labels]
    return Batch(torch.tensor(joined).T.contiguous(), torch.tensor(labels).repeat(steps, 1))


def _one_after_another(rows: Rows, steps: int, draw: random.Random) -> list[int]:
    ids: list[int] = []
    while len(ids) < steps:
        for at in draw.sample(range(len(rows)), min(len(rows), steps)):
            ids += rows[at]
            if len(ids) >= steps:
                break
    return ids[:steps]
