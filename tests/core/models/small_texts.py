"""Texts as random ids, and small random classifiers to read them."""

import torch

from core.data.text_batch import TextInputs, make_text_inputs
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes
from core.models.classifiers import CLASSIFIERS

VOCABULARY = 20
SIZES = ClassifierSizes(width=6, hidden=8, feed_forward=16)
LENGTHS = (1, 3, 5, 9, 2)


def random_rows(lengths=LENGTHS, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(3, VOCABULARY, (n,), generator=generator).tolist() for n in lengths]


def random_texts(lengths=LENGTHS, seed=0, pads=0) -> TextInputs:
    return make_text_inputs(random_rows(lengths, seed)).with_pads(pads)


def small(spec, *, sizes=SIZES, classes=2, layers=1, dropout=0.0, seed=0):
    """Return a random classifier that answers; its embedded words are of about the size 1."""
    spec = CLASSIFIERS.get(spec, spec)
    model = build_classifier(
        spec,
        sizes,
        vocabulary_size=VOCABULARY,
        classes=classes,
        layers=layers,
        dropout=dropout,
        seed=seed,
    )
    if not model.naive:
        model.embedding.weight.data *= 10
    return model.eval()
