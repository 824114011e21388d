"""The first fold of a run that is over, and its models, each as it was when it had learned.

All is kept for the next question. Weights are read from where the run stored them; the models
without any learn again, which takes less than a second for sentences.
"""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import torch

from core.errors import ConfigError, RunError, RunNotFound
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import (
    SentimentMaterial,
    build_sentiment_material,
    fold_vocabulary,
)
from core.labs.sentiment_race import build_lab_classifier, neural_predictor
from core.labs.sentiment_texts import RaceTexts, usual_length
from core.models.classifiers import CLASSIFIERS, ClassifierSpec, find_classifier
from core.models.nb_svm import NbSvm
from core.models.open_encoder import open_encoder
from core.models.predictor import MajorityPredictor, NeuralPredictor, Predictor
from core.models.pretrained_classifier import PretrainedClassifier
from core.text.words import WordVocabulary

MOST_RELEARNED = 4_000_000
"""Characters of training texts from which NB-SVM learns again while somebody waits."""
_CPU = torch.device("cpu")


@lru_cache(maxsize=2)
def stored_material(config: SentimentConfig, own_text: str | None) -> SentimentMaterial:
    """Return what a run learned from, with its first fold only."""
    material = build_sentiment_material(config, own_text)
    return replace(material, folds=material.folds[:1])


@lru_cache(maxsize=2)
def stored_vocabulary(config: SentimentConfig, own_text: str | None) -> WordVocabulary:
    """Return the words that the neural models of the first fold know."""
    return fold_vocabulary(stored_material(config, own_text).folds[0], config.least_count)


def stored_predictor(
    config: SentimentConfig, own_text: str | None, name: str, checkpoint: str
) -> Predictor:
    """Return the catalogue's model `name` as the run left it, on the CPU.

    `checkpoint` is the path of its weights, empty where there is none.

    Raises:
        RunNotFound: its weights were not stored, or are gone.
        RunError: they do not fit the settings.
        DataMissingError: what it needs is not installed.
        ConfigError: it has no weights, and would learn for too long.
    """
    spec = find_classifier(name)
    stamp = 0
    if spec.has_weights:
        if not checkpoint or not Path(checkpoint).is_file():
            raise RunNotFound(
                "The model's weights are not stored, or are gone. Train the run again, with fewer "
                "or smaller models if they were too large to be stored."
            )
        stamp = Path(checkpoint).stat().st_mtime_ns
    return _predictor(config, own_text, spec, checkpoint, stamp)


@lru_cache(maxsize=len(CLASSIFIERS))
def _predictor(
    config: SentimentConfig, own_text: str | None, spec: ClassifierSpec, path: str, stamp: int
) -> Predictor:
    """Load a model; the `stamp` of its file makes a new one of the same name another one."""
    material = stored_material(config, own_text)
    match spec.family:
        case "majority":
            labels = [each.label for each in material.folds[0].train]
            return MajorityPredictor(labels, len(material.classes))
        case "nb-svm":
            return _relearned(config, material)
        case "pretrained":
            encoder = open_encoder(config.encoder, download=config.download).to(_CPU)
            classifier = PretrainedClassifier(
                encoder, classes=len(material.classes), tuning=spec.tuning
            )
            classifier.load_tuned_state(torch.load(path, weights_only=True, map_location="cpu"))
            return classifier
        case _:
            return _loaded(config, material, stored_vocabulary(config, own_text), spec.name, path)


def _relearned(config: SentimentConfig, material: SentimentMaterial) -> NbSvm:
    train = material.folds[0].train
    characters = sum(len(each.text) for each in train)
    if characters > MOST_RELEARNED:
        raise ConfigError(
            "The model has no stored weights, and learning again takes too long: the training "
            f"texts have {characters:,} characters, and up to {MOST_RELEARNED:,} are quick."
        )
    texts, labels = [each.text for each in train], [each.label for each in train]
    return NbSvm.fit(texts, labels, len(material.classes), seed=config.seed)


def _loaded(
    config: SentimentConfig,
    material: SentimentMaterial,
    vocabulary: WordVocabulary,
    name: str,
    path: str,
) -> NeuralPredictor:
    texts = RaceTexts(
        train_rows=[],
        train_labels=[],
        dev_rows=[],
        dev_labels=[],
        vocabulary_size=vocabulary.size,
        classes=len(material.classes),
        words=usual_length(material, config.most_words),
        seed=config.seed,
    )
    model = build_lab_classifier(name, config, texts)
    try:
        model.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
    except RuntimeError as error:
        raise RunError(
            "The weights of this run do not fit its settings; train it again."
        ) from error
    return neural_predictor(model.eval(), vocabulary, config, _CPU)
