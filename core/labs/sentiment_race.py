"""The sentiment lab's training: neural classifiers side by side on the texts of one fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.data.folds import Fold
from core.data.labelled import Example
from core.data.text_batch import encode_text
from core.data.text_task import TextTask
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial, fold_vocabulary
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import (
    ClassifierSizes,
    body_parameters,
    matched_sizes,
    multiply_adds,
    usual_sizes,
)
from core.models.classifiers import CLASSIFIERS, ClassifierSpec, find_classifier
from core.models.predictor import NeuralPredictor
from core.models.text_classifier import TextClassifier
from core.text.words import WordVocabulary
from core.training.clipping import Clipper
from core.training.learner import Learner, build_optimizer
from core.training.text_loop import TextPupil

REFERENCE = "lstm"
"""Whose size the others take where all are to have the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldTexts:
    """One fold, encoded with the words of its training texts."""

    fold: Fold
    vocabulary: WordVocabulary
    train_rows: list[list[int]]
    dev_rows: list[list[int]]
    seed: int

    @classmethod
    def of(cls, config: SentimentConfig, material: SentimentMaterial, at: int) -> "FoldTexts":
        """Return the fold number `at`; each has a seed of its own."""
        fold = material.folds[at]
        vocabulary = fold_vocabulary(fold, config.least_count)
        rows = [
            [encode_text(each.words, vocabulary, config.most_words) for each in part]
            for part in (fold.train, fold.dev)
        ]
        return cls(
            fold=fold,
            vocabulary=vocabulary,
            train_rows=rows[0],
            dev_rows=rows[1],
            seed=config.seed + at,
        )


def build_lab_classifier(
    name: str, config: SentimentConfig, *, vocabulary_size: int, classes: int, words: int, seed: int
) -> TextClassifier:
    """Return the catalogue's neural model `name`, sized as `config` says.

    `words` is the usual length of a text: what multiply-adds are counted for.
    """
    spec = find_classifier(name)
    return build_classifier(
        spec,
        lab_sizes(spec, config, classes=classes, words=words),
        vocabulary_size=vocabulary_size,
        classes=classes,
        layers=config.layers,
        dropout=config.dropout,
        seed=seed,
    )


def lab_sizes(
    spec: ClassifierSpec, config: SentimentConfig, *, classes: int, words: int
) -> ClassifierSizes:
    """Return the widths of a model: its own, or those that make it as large as the LSTM."""
    own = usual_sizes(spec, width=config.width, hidden=config.hidden)
    if config.sizing == "own":
        return own

    def cost(each: ClassifierSpec, sizes: ClassifierSizes) -> int:
        if config.sizing == "equal-parameters":
            return body_parameters(each, sizes, classes=classes, layers=config.layers)
        return multiply_adds(each, sizes, words=words, classes=classes, layers=config.layers)

    reference = CLASSIFIERS[REFERENCE]
    target = cost(reference, usual_sizes(reference, width=config.width, hidden=config.hidden))
    return matched_sizes(
        spec, width=config.width, target=target, cost=lambda sizes: cost(spec, sizes)
    )


def usual_length(material: SentimentMaterial, most_words: int) -> int:
    """Return the median length of the texts, after they are cut."""
    ordered = sorted(min(length, most_words) for length in material.lengths)
    return max(1, ordered[len(ordered) // 2])


def build_text_pupils(
    config: SentimentConfig,
    material: SentimentMaterial,
    texts: FoldTexts,
    device: torch.device,
) -> list[TextPupil]:
    """Return one pupil for each neural model of the config."""
    labels = _labels(texts.fold.train)
    dev_labels = _labels(texts.fold.dev)
    pupils = []
    for name in config.neural:
        spec = find_classifier(name)
        model = build_lab_classifier(
            name,
            config,
            vocabulary_size=texts.vocabulary.size,
            classes=len(material.classes),
            words=usual_length(material, config.most_words),
            seed=texts.seed,
        ).to(device)
        pad_to = config.pad_to if spec.naive else 0
        rate = spec.learning_rate * config.learning_rate
        pupils.append(
            TextPupil(
                learner=Learner(
                    name=name,
                    model=model,
                    optimizer=build_optimizer("adam", model, rate, fused=device.type != "mps"),
                    clipper=Clipper("norm"),
                ),
                task=TextTask(texts.train_rows, labels, pad_to=pad_to),
                dev=TextTask(texts.dev_rows, dev_labels, pad_to=pad_to),
                batch_size=config.batch_size,
                seed=texts.seed,
                epochs=config.epochs,
                patience=config.patience,
                rate=spec.learning_rate,
            )
        )
    return pupils


def neural_predictor(
    pupil: TextPupil, config: SentimentConfig, texts: FoldTexts, device: torch.device
) -> NeuralPredictor:
    """Return what a pupil has become."""
    model = pupil.learner.model
    assert isinstance(model, TextClassifier)
    return NeuralPredictor(
        model,
        texts.vocabulary,
        most_words=config.most_words,
        pad_to=config.pad_to,
        device=device,
    )


def _labels(examples: Sequence[Example]) -> list[int]:
    return [each.label for each in examples]
