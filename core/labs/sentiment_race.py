"""The sentiment lab's training: neural classifiers side by side on the texts of one fold."""

import torch
from torch import nn

from core.data.text_task import TextTask
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_texts import RaceTexts
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


def build_lab_classifier(name: str, config: SentimentConfig, texts: RaceTexts) -> TextClassifier:
    """Return the catalogue's neural model `name` on the CPU, sized as `config` says."""
    spec = find_classifier(name)
    return build_classifier(
        spec,
        lab_sizes(spec, config, classes=texts.classes, words=texts.words),
        vocabulary_size=texts.vocabulary_size,
        classes=texts.classes,
        layers=config.layers,
        dropout=config.dropout,
        seed=texts.seed,
    )


def lab_sizes(
    spec: ClassifierSpec, config: SentimentConfig, *, classes: int, words: int
) -> ClassifierSizes:
    """Return the widths of a model: its own, or those that make it as large as the LSTM.

    `words` is how long the text is whose multiply-adds are counted.

    Raises:
        ConfigError: it cannot be made as large.
    """
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


def check_sizes(config: SentimentConfig, *, classes: int, words: int) -> None:
    """Refuse a config whose models cannot be made as large as it wants them.

    Raises:
        ConfigError: one of them cannot.
    """
    for name in config.neural:
        lab_sizes(find_classifier(name), config, classes=classes, words=words)


def build_text_pupils(
    config: SentimentConfig, texts: RaceTexts, device: torch.device
) -> list[TextPupil]:
    """Return one pupil for each neural model of the config."""
    pupils = []
    for name in config.neural:
        spec = find_classifier(name)
        model = build_lab_classifier(name, config, texts).to(device)
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
                task=TextTask(texts.train_rows, texts.train_labels, pad_to=pad_to),
                dev=TextTask(texts.dev_rows, texts.dev_labels, pad_to=pad_to),
                batch_size=config.batch_size,
                seed=texts.seed,
                epochs=config.epochs,
                patience=config.patience,
                rate=spec.learning_rate,
            )
        )
    return pupils


def neural_predictor(
    model: nn.Module, vocabulary: WordVocabulary, config: SentimentConfig, device: torch.device
) -> NeuralPredictor:
    """Return a trained model as the lab asks it: texts are cut where those it learned from were."""
    assert isinstance(model, TextClassifier)
    return NeuralPredictor(
        model,
        vocabulary,
        most_words=config.most_words,
        pad_to=config.pad_to,
        device=device,
    )
