"""Small text classifiers for the claims, trained once a process and seed.

Legend: N texts, C classes.
"""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.folds import Fold
from core.data.labelled import Example
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial, build_sentiment_material
from core.labs.sentiment_race import build_text_pupils, neural_predictor
from core.labs.sentiment_texts import encode_fold
from core.metrics.ranking import Rights
from core.models.classifiers import find_classifier
from core.models.predictor import NeuralPredictor, Predictor
from core.training.dials import Dials
from core.training.pair_loop import core_threads, cores
from core.training.text_loop import train_texts

CPU = torch.device("cpu")
ROWS = 3200
"""Sentences that a model learns from, unless a claim is about fewer."""
DEV_ROWS = 400

SMALL = SentimentConfig(models=("lstm",), folds=1, epochs=6, patience=2, device="cpu")
"""Sized as in the lab; a model that learns nothing at all ends after its third epoch."""

BUILDING = threading.Lock()
"""Weights are drawn from torch's one generator: one model at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A classifier after its training, and which of the fold's test sentences it has right."""

    name: str
    predictor: Predictor
    fold: Fold
    right_N: Rights

    @property
    def label(self) -> str:
        """What the model is called in a sentence."""
        return find_classifier(self.name).label

    @property
    def accuracy(self) -> float:
        """The share of the test sentences that it has right."""
        return float(self.right_N.mean())

    @property
    def neural(self) -> NeuralPredictor:
        """The predictor of a model that was trained from nothing."""
        assert isinstance(self.predictor, NeuralPredictor)
        return self.predictor


def trained(
    name: str,
    seed: int,
    *,
    rows: int = ROWS,
    config: SentimentConfig = SMALL,
    lessons: tuple[Example, ...] = (),
) -> Trained:
    """Return the catalogue's neural model `name`, trained; a process keeps the last few.

    It learns from `rows` sentences, of which fewer are always a part of more, and from `lessons`.

    Raises:
        DataMissingError: the package of the reviews is not installed.
    """
    return _trained(replace(config, models=(name,), seed=seed), rows, lessons)


def trained_at_once(
    wanted: Sequence[tuple[str, int]], seed: int, config: SentimentConfig = SMALL
) -> list[Trained]:
    """Return models by name and number of sentences, as many at once trained as there are cores.

    They are what they would be if each had learned alone.

    Raises:
        DataMissingError: the package of the reviews is not installed.
    """
    once = list(dict.fromkeys(wanted))
    with core_threads(min(len(once), cores())) as pool:
        found = pool.map(lambda each: trained(each[0], seed, rows=each[1], config=config), once)
        by_name = dict(zip(once, found, strict=True))
    return [by_name[each] for each in wanted]


@lru_cache(maxsize=16)
def _trained(config: SentimentConfig, rows: int, lessons: tuple[Example, ...]) -> Trained:
    with BUILDING:
        fold = learning_fold(config.seed, rows)
        fold = replace(fold, train=(*fold.train, *lessons))
        material = replace(_material(config.seed), folds=(fold,))
        vocabulary, texts = encode_fold(config, material, 0)
        pupils = build_text_pupils(config, texts, CPU)
    for _ in train_texts(pupils, device=CPU, dials=Dials(**config.dials())):
        pass
    predictor = neural_predictor(pupils[0].learner.model, vocabulary, config, CPU)
    answers_NC = predictor.predict([each.text for each in fold.test])
    return Trained(config.models[0], predictor, fold, rights(answers_NC, fold))


def learning_fold(seed: int, rows: int) -> Fold:
    """Return a fold of film sentences that has just so many to learn from, at most `ROWS`."""
    fold = _material(seed).folds[0]
    draw = random.Random(seed)
    train = draw.sample(fold.train, ROWS)[:rows]
    return replace(fold, train=tuple(train), dev=tuple(draw.sample(fold.dev, DEV_ROWS)))


def rights(probabilities_NC: NDArray[np.float64], fold: Fold) -> Rights:
    """Return which of a fold's test sentences are answered rightly."""
    labels_N = np.array([each.label for each in fold.test])
    right_N: Rights = probabilities_NC.argmax(1) == labels_N
    return right_N


@lru_cache(maxsize=2)
def _material(seed: int) -> SentimentMaterial:
    return build_sentiment_material(replace(SMALL, seed=seed))
