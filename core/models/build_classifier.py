"""From a name of the catalogue to a classifier of texts."""

import torch

from core.models.classifier_sizes import ClassifierSizes
from core.models.classifiers import ClassifierSpec
from core.models.recurrent_classifier import RecurrentClassifier
from core.models.text_classifier import (
    BagClassifier,
    ConvolutionalClassifier,
    TextClassifier,
    TransformerClassifier,
)


def build_classifier(
    spec: ClassifierSpec,
    sizes: ClassifierSizes,
    *,
    vocabulary_size: int,
    classes: int,
    layers: int = 1,
    dropout: float = 0.0,
    seed: int,
) -> TextClassifier:
    """Return the model of `spec` on the CPU; equal arguments give equal weights.

    The global generator is left as it was, so that no model depends on which others are built.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        match spec.family:
            case "bag":
                return BagClassifier(
                    vocabulary_size, width=sizes.width, classes=classes, dropout=dropout
                )
            case "recurrent":
                return RecurrentClassifier(
                    spec,
                    vocabulary_size,
                    width=sizes.width,
                    hidden=sizes.hidden,
                    layers=layers,
                    classes=classes,
                    dropout=dropout,
                )
            case "cnn":
                return ConvolutionalClassifier(
                    vocabulary_size,
                    width=sizes.width,
                    filters=sizes.hidden,
                    classes=classes,
                    dropout=dropout,
                    naive=spec.naive,
                )
            case "transformer":
                return TransformerClassifier(
                    vocabulary_size,
                    width=sizes.width,
                    hidden=sizes.hidden,
                    feed_forward=sizes.feed_forward,
                    layers=layers,
                    classes=classes,
                    dropout=dropout,
                )
            case _:
                raise AssertionError(f"{spec.name} is not built of layers")
