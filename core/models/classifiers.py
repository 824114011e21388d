"""The text classifiers by name: what a person chooses. No torch here: the server lists them."""

from dataclasses import dataclass
from typing import Literal

from core.errors import ConfigError

Family = Literal["majority", "nb-svm", "bag", "recurrent", "cnn", "transformer", "pretrained"]
Tuning = Literal["top", "frozen", "full"]

KERNELS = (3, 4, 5)
"""Words that the convolutions look at together (Kim 2014, arXiv:1408.5882)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierSpec:
    """One entry of the catalogue.

    Attributes:
        pooling: what of its states a recurrent model is read at: the last one, or the maximum.
        naive: the code that answers write down: the state after the padding, padding as a word.
        tuning: which part of a pretrained encoder learns.
        width: of the embedding, times the config's.
        hidden: units of a direction, filters of a kernel or width of blocks, times the config's.
        learning_rate: times the config's.
    """

    name: str
    label: str
    family: Family
    cell: Literal["rnn", "lstm", "gru"] = "lstm"
    bidirectional: bool = False
    pooling: Literal["last", "max"] = "last"
    naive: bool = False
    tuning: Tuning = "top"
    width: float = 1.0
    hidden: float = 1.0
    learning_rate: float = 1.0

    @property
    def is_neural(self) -> bool:
        """Whether it is trained here from nothing, by gradients."""
        return self.family in ("bag", "recurrent", "cnn", "transformer")

    @property
    def has_weights(self) -> bool:
        """Whether a run stores weights of it."""
        return self.is_neural or self.family == "pretrained"


_FILTERS = 100 / 128
_SMALL = 0.64

CLASSIFIERS = {
    spec.name: spec
    for spec in (
        ClassifierSpec(name="majority", label="Majority class", family="majority"),
        ClassifierSpec(
            name="bag-of-words",
            label="Bag of words",
            family="bag",
            width=_SMALL,
            learning_rate=2.5,
        ),
        ClassifierSpec(name="nb-svm", label="NB-SVM", family="nb-svm"),
        ClassifierSpec(name="rnn", label="RNN", family="recurrent", cell="rnn", learning_rate=0.5),
        ClassifierSpec(name="lstm", label="LSTM", family="recurrent"),
        ClassifierSpec(name="gru", label="GRU", family="recurrent", cell="gru"),
        ClassifierSpec(name="bilstm", label="BiLSTM", family="recurrent", bidirectional=True),
        ClassifierSpec(name="cnn", label="CNN", family="cnn", hidden=_FILTERS, learning_rate=0.5),
        ClassifierSpec(
            name="transformer",
            label="Transformer",
            family="transformer",
            width=_SMALL,
            hidden=0.5,
        ),
        ClassifierSpec(name="lstm-max", label="LSTM, max pool", family="recurrent", pooling="max"),
        ClassifierSpec(name="lstm-naive", label="LSTM as written", family="recurrent", naive=True),
        ClassifierSpec(
            name="cnn-naive",
            label="CNN as written",
            family="cnn",
            naive=True,
            hidden=_FILTERS,
            learning_rate=0.5,
        ),
        ClassifierSpec(name="pretrained-top", label="Pretrained, top 2", family="pretrained"),
        ClassifierSpec(
            name="pretrained-frozen",
            label="Pretrained, frozen",
            family="pretrained",
            tuning="frozen",
        ),
        ClassifierSpec(
            name="pretrained-full", label="Pretrained, all", family="pretrained", tuning="full"
        ),
    )
}


def find_classifier(name: str) -> ClassifierSpec:
    """Return the catalogue entry `name`.

    Raises:
        ConfigError: there is no such entry; the message lists those there are.
    """
    if name not in CLASSIFIERS:
        raise ConfigError(f"There is no model '{name}'; choose from {', '.join(CLASSIFIERS)}.")
    return CLASSIFIERS[name]
