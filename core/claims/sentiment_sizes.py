"""Claims 9 and 13: how large classifiers are. Each experiment takes a seed."""

import io
from collections.abc import Sequence
from itertools import product

import torch

from core.claims.finding import Finding, decide
from core.claims.sentiment_training import ROWS, SMALL, learning_fold
from core.labs.sentiment_material import fold_vocabulary
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes, body_parameters
from core.models.classifiers import find_classifier
from core.models.text_classifier import TextClassifier

CLASSES = 3
"""As many as the answer's task has."""
FILTERS = 100
WIDTH, UNITS = 100, 128
WIDTHS = (50, 100, 300)
HIDDEN = (64, 128, 256, 512)
MOST_UNITS = 1000
VOCABULARIES = (10_000, 25_000, 100_000)
LARGER = 1.5
"""Half of the difference that the answer states: 20 MB against 10."""


def cnn_has_fewer_parameters(
    seed: int, *, widths: Sequence[int] = WIDTHS, hidden: Sequence[int] = HIDDEN
) -> Finding:
    """Claim 9: count both without their embedding, at the usual sizes of an LSTM."""
    pairs = list(product(widths, hidden))
    fewer = sum(
        _body(_build("cnn", width, FILTERS, seed)) < _body(_build("lstm", width, units, seed))
        for width, units in pairs
    )
    turns = ", ".join(f"{turning_point(width)} at width {width}" for width in widths)
    cnn = _body(_build("cnn", WIDTH, FILTERS, seed))
    lstm = _body(_build("lstm", WIDTH, UNITS, seed))
    return Finding(
        verdict=decide(supported=fewer, refuted=len(pairs) - fewer),
        measured=f"the CNN has fewer in {fewer} of {len(pairs)} pairs of sizes; at width {WIDTH} "
        f"it has {cnn:,}, an LSTM of {UNITS} units {lstm:,}",
        threshold="without the embedding, fewer at all usual sizes supports it, at none refutes it",
        n=len(pairs),
        sentence=f"The sizes decide, not the architecture: against 3 x {FILTERS} filters an LSTM "
        f"has more parameters only from so many units on: {turns}. Both counts leave out the "
        "embedding, which is the same table in both.",
    )


def turning_point(width: int) -> int:
    """Return the fewest units with which an LSTM has more parameters than the CNN."""
    cnn, lstm = find_classifier("cnn"), find_classifier("lstm")
    limit = body_parameters(cnn, ClassifierSizes(width, FILTERS), classes=CLASSES)
    return next(
        units
        for units in range(1, MOST_UNITS)
        if body_parameters(lstm, ClassifierSizes(width, units), classes=CLASSES) > limit
    )


def lstm_is_twice_as_large(
    seed: int,
    *,
    vocabularies: Sequence[int] = VOCABULARIES,
    hidden: Sequence[int] = (UNITS, 2 * UNITS),
) -> Finding:
    """Claim 13: save both, with the words of the film sentences and with other vocabularies."""
    known = fold_vocabulary(learning_fold(seed, ROWS), SMALL.least_count).size
    ratios, shares = [], []
    for words, units in product((known, *vocabularies), hidden):
        cnn = _build("cnn", WIDTH, FILTERS, seed, words=words)
        lstm = _build("lstm", WIDTH, units, seed, words=words)
        ratios.append(_megabytes(lstm) / _megabytes(cnn))
        shares += [each.embedding.weight.numel() / _parameters(each) for each in (cnn, lstm)]
    larger = sum(ratio >= LARGER for ratio in ratios)
    return Finding(
        verdict=decide(supported=larger, refuted=len(ratios) - larger),
        measured=f"as saved, LSTM / CNN = {min(ratios):.2f} to {max(ratios):.2f}; the embedding is "
        f"{min(shares):.0%} to {max(shares):.0%} of the parameters",
        threshold=f"{LARGER} times as large, half of what is stated, at all sizes supports it, at "
        "none refutes it",
        n=len(ratios),
        sentence=f"The LSTM is {LARGER} times as large as the CNN in {larger} of {len(ratios)} "
        f"pairs with vocabularies of {known:,} to {max((known, *vocabularies)):,} words. "
        f"25,000 words of width {WIDTH} are 10 MB in either: what is saved is mostly the "
        "table of words, so say how many words there are.",
    )


def _build(name: str, width: int, units: int, seed: int, *, words: int = 2) -> TextClassifier:
    sizes = ClassifierSizes(width, units)
    return build_classifier(
        find_classifier(name), sizes, vocabulary_size=words, classes=CLASSES, seed=seed
    )


def _parameters(model: TextClassifier) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _body(model: TextClassifier) -> int:
    """Return how many parameters stand beside the embedding."""
    return _parameters(model) - model.embedding.weight.numel()


def _megabytes(model: TextClassifier) -> float:
    """Return how large the weights are, saved as a file."""
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return file.tell() / 1e6
