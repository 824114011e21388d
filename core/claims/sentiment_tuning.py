"""A small pretrained encoder for the claims: what it knows of a seed's sentences, read once.

Legend: N texts, D width.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import torch
from torch import Tensor

from core.claims.sentiment_training import BUILDING, CPU, ROWS, Trained, learning_fold, rights
from core.data.labelled import Example
from core.device import fast_arithmetic
from core.metrics.ranking import Rights
from core.models.lower_states import LowerStates
from core.models.open_encoder import open_encoder
from core.models.pretrained_classifier import PretrainedClassifier, lower_states_of
from core.models.sentence_encoder import READ_AT_ONCE
from core.training.fine_tuning import fine_tune, fit_logistic

ENCODER = "MiniLM"
CLASSES = 2


def frozen_rights(seed: int, sizes: Sequence[int]) -> dict[int, Rights]:
    """Return which test sentences a frozen encoder has right, by how many its head learned from.

    The head is a logistic regression on the encoder's mean states.

    Raises:
        DataMissingError: the encoder or the reviews are not installed.
    """
    fold = learning_fold(seed, max(sizes))
    lower = _lower_states(seed)
    _fill(lower, (*fold.train, *fold.test))
    classifier = PretrainedClassifier(lower.encoder, classes=CLASSES, tuning="frozen")
    train_ND, test_ND = (_summaries(classifier, part, lower) for part in (fold.train, fold.test))
    train_N, test_N = (
        torch.tensor([each.label for each in part]) for part in (fold.train, fold.test)
    )
    found: dict[int, Rights] = {}
    for rows in sizes:
        fit_logistic(classifier.head, train_ND[:rows].double(), train_N[:rows])
        with torch.no_grad():
            found[rows] = (classifier.head(test_ND).argmax(1) == test_N).numpy()
    return found


@lru_cache(maxsize=1)
def tuned(seed: int, rows: int = ROWS) -> Trained:
    """Return the encoder with its top layers tuned on as many sentences as other models get.

    Raises:
        DataMissingError: the encoder or the reviews are not installed.
    """
    fold = learning_fold(seed, rows)
    lower = _lower_states(seed)
    _fill(lower, (*fold.train, *fold.test))
    classifier = PretrainedClassifier(lower.encoder, classes=CLASSES, tuning="top")
    labels = [each.label for each in fold.train]
    for _ in fine_tune(classifier, _texts(fold.train), labels, seed=seed, lower=lower):
        pass
    answers_NC = classifier.predict(_texts(fold.test), lower=lower)
    return Trained("pretrained-top", classifier, fold, rights(answers_NC, fold))


@lru_cache(maxsize=1)
def _lower_states(seed: int) -> LowerStates:
    """Return the store of a seed, empty at first: every seed has sentences of its own."""
    del seed
    with BUILDING:
        lower = lower_states_of(open_encoder())
    assert lower is not None
    return lower


def _fill(lower: LowerStates, examples: Iterable[Example]) -> None:
    for _ in lower.fill(_texts(examples)):
        pass


def _texts(examples: Iterable[Example]) -> list[str]:
    return [each.text for each in examples]


@torch.no_grad()
def _summaries(
    classifier: PretrainedClassifier, examples: Sequence[Example], lower: LowerStates
) -> Tensor:
    """Return what the head reads of each text, (N, D)."""
    rows = classifier.encoder.encode(_texts(examples))
    by_length = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    found_ND = torch.empty(len(rows), classifier.encoder.width)
    for start in range(0, len(rows), READ_AT_ONCE):
        chosen = by_length[start : start + READ_AT_ONCE]
        with fast_arithmetic(CPU):
            found_ND[chosen] = classifier.summary([rows[i] for i in chosen], lower=lower).float()
    return found_ND
