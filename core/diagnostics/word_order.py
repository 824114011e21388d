"""Whether a classifier reads the order of words, and whether it understands a "not".

Legend: N texts, C classes.
"""

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.diagnostics.one_text import read_words
from core.models.predictor import Predictor
from core.text.sentences import Words
from core.training.events import Columns

PROBES = ("as written", "shuffled", "reversed")
GOOD = (
    "good", "great", "funny", "moving", "brilliant", "charming", "clever", "original",
    "entertaining", "beautiful",
)  # fmt: skip
BAD = (
    "bad", "boring", "dull", "stupid", "awful", "predictable", "silly", "tedious", "pointless",
    "forgettable",
)  # fmt: skip
IDIOMS = (
    ("the film is bad", "the film is not bad at all", "negative"),
    ("the film is a masterpiece", "the film is hardly a masterpiece", "positive"),
    ("the film is always boring", "the film is never boring", "negative"),
    ("the film is close to dull", "the film is far from dull", "negative"),
    ("something is missing", "nothing is missing", "negative"),
)
"""A sentence, its negation in other words than "not", and what the sentence itself says."""


def word_order_columns(
    predictor: Predictor,
    texts: Sequence[str],
    labels: Sequence[int],
    *,
    most_words: int,
    seed: int = 0,
) -> Columns:
    """Return what another order of the words does to the answers, a row per probe.

    Texts are cut after `most_words` before their words change places, so that all probes have the
    same words. A bag of words must not change at all. That few answers change does not mean that
    a model cannot read order, only that these texts can do without.

    Columns: `probe` ("as written", "shuffled", "reversed"), `n` texts, `accuracy` from 0 to 1,
    `flips`, the share of changed answers, and `largest_change` of a probability.
    """
    if not texts:
        return {name: [] for name in ("probe", "n", "accuracy", "flips", "largest_change")}
    draw = random.Random(seed)
    words = [read_words(text, most_words) for text in texts]
    orders = (words, [_shuffled(each, draw) for each in words], [each[::-1] for each in words])
    found = [predictor.predict([" ".join(each) for each in order]) for order in orders]
    labels_N = np.asarray(labels)
    return {
        "probe": list(PROBES),
        "n": [len(texts)] * len(PROBES),
        "accuracy": [float((each.argmax(1) == labels_N).mean()) for each in found],
        "flips": [flip_share(found[0], each) for each in found],
        "largest_change": [float(np.abs(each - found[0]).max()) for each in found],
    }


def negation_columns(predictor: Predictor, classes: Sequence[str]) -> Columns:
    """Return what a negation does to the answers, a row per pair of sentences.

    Twenty adjectives, "the film is X" against "the film is not X", and five negations in other
    words. There are rows only for the classes negative and positive, in any order and case.

    Columns: `plain` and `negated`, sentences; `polarity`, that of the plain one;
    `probability_plain` and `probability_negated`, of positive; `plain_right` and `negated_right`;
    `flips`, whether the two get different answers.
    """
    names = [name.casefold() for name in classes]
    pairs = _pairs() if sorted(names) == ["negative", "positive"] else []
    plain, negated, polarity = ([pair[at] for pair in pairs] for at in range(3))
    found_NC = predictor.predict([*plain, *negated]) if pairs else np.empty((0, 2))
    says_N = [names[label] for label in found_NC.argmax(1)]
    positive_N = found_NC[:, names.index("positive")].tolist() if pairs else []
    said_plain, said_negated = says_N[: len(pairs)], says_N[len(pairs) :]
    return {
        "plain": plain,
        "negated": negated,
        "polarity": polarity,
        "probability_plain": positive_N[: len(pairs)],
        "probability_negated": positive_N[len(pairs) :],
        "plain_right": [said == is_ for said, is_ in zip(said_plain, polarity, strict=True)],
        "negated_right": [said != is_ for said, is_ in zip(said_negated, polarity, strict=True)],
        "flips": [one != other for one, other in zip(said_plain, said_negated, strict=True)],
    }


def flip_share(before_NC: NDArray[np.float64], after_NC: NDArray[np.float64]) -> float:
    """Return the share of texts whose likeliest class is another one."""
    return float((before_NC.argmax(1) != after_NC.argmax(1)).mean())


def _shuffled(words: Words, draw: random.Random) -> Words:
    return tuple(draw.sample(words, len(words)))


def _pairs() -> list[tuple[str, str, str]]:
    return [
        *((f"the film is {word}", f"the film is not {word}", "positive") for word in GOOD),
        *((f"the film is {word}", f"the film is not {word}", "negative") for word in BAD),
        *IDIOMS,
    ]
