"""Small random classifiers as they are served, and texts as random ids."""

import torch

from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes
from core.models.classifiers import CLASSIFIERS

VOCABULARY = 40
SIZES = ClassifierSizes(width=16, hidden=16, feed_forward=16)
NEURAL = [spec.name for spec in CLASSIFIERS.values() if spec.is_neural]


def classifier(name="lstm", *, sizes=SIZES, vocabulary=VOCABULARY, layers=1, seed=0):
    """Return a random classifier in evaluation mode whose embedded words are of about size 1."""
    model = build_classifier(
        CLASSIFIERS[name],
        sizes,
        vocabulary_size=vocabulary,
        classes=2,
        layers=layers,
        dropout=0.5,
        seed=seed,
    )
    if not model.naive:
        model.embedding.weight.data *= 10
    return model.eval()


def random_ids(batch, words, seed=0):
    """Return ids of words, (B, T)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(4, VOCABULARY, (batch, words), generator=generator)
