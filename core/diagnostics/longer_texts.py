"""Whether a classifier bears texts longer than those that it learned from."""

import random
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from core.data.labelled import words_of
from core.metrics.classification import wilson_interval
from core.models.predictor import NeuralPredictor, Predictor
from core.training.events import Columns

LENGTHS = (20, 50, 100, 200, 500)


def longer_columns(
    predictor: Predictor,
    texts: Sequence[str],
    labels: Sequence[int],
    *,
    words: Sequence[int] = LENGTHS,
    count: int = 120,
    seed: int = 0,
) -> Columns:
    """Return the accuracy on texts made of several of the same label, a row per length.

    Each begins with a text drawn at random, so that the classes keep their shares; more of its
    label follow, and all is cut at just so many words. A neural model reads them to the end,
    whatever length it cut its own texts at. More words are more evidence, so a model that bears
    length gets better; sentences in a row are still not a review that somebody wrote.

    Columns: `words`, `n` texts, `accuracy` from 0 to 1 and its 95 % Wilson interval
    `accuracy_low` and `accuracy_high`.
    """
    found: Columns = {n: [] for n in ("words", "n", "accuracy", "accuracy_low", "accuracy_high")}
    if isinstance(predictor, NeuralPredictor):
        predictor = predictor.up_to(max(words))
    for length in words:
        joined, wanted = joined_texts(texts, labels, length=length, count=count, seed=seed)
        if not joined:
            continue
        right = int((predictor.predict(joined).argmax(1) == np.asarray(wanted)).sum())
        low, high = wilson_interval(right, len(joined))
        row = (length, len(joined), right / len(joined), low, high)
        for column, value in zip(found.values(), row, strict=True):
            column.append(value)
    return found


def joined_texts(
    texts: Sequence[str], labels: Sequence[int], *, length: int, count: int, seed: int
) -> tuple[list[str], list[int]]:
    """Return `count` texts of `length` words, each joined from ones of the same label, and labels.

    Texts without a word are left out; a class whose texts are used up begins again.
    """
    draw = random.Random(f"{length} {seed}")
    members: defaultdict[int, list[tuple[str, ...]]] = defaultdict(list)
    for text, label in zip(texts, labels, strict=True):
        if words := words_of(text):
            members[label].append(words)
    firsts = [(words, label) for label, some in members.items() for words in some]
    joined, wanted = [], []
    for words, label in draw.sample(firsts, min(count, len(firsts))):
        longer = list(words)
        while len(longer) < length:
            for more in draw.sample(members[label], len(members[label])):
                longer += more
                if len(longer) >= length:
                    break
        joined.append(" ".join(longer[:length]))
        wanted.append(label)
    return joined, wanted
