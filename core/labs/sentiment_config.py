"""What can be set in the sentiment lab."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from core.errors import ConfigError
from core.labs.checks import check_choice, check_range
from core.models.classifiers import CLASSIFIERS, find_classifier

Source = Literal["mr", "imdb", "own"]
TestSource = Literal["same", "mr", "imdb", "own"]
Sizing = Literal["own", "equal-parameters", "equal-multiply-adds"]

MOST_FOLDS = 10
LATENCY_BATCHES = (1, 8, 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentConfig:
    """The sentiment lab: which classifiers learn which texts, and how they are compared.

    `source` is what is trained on, `test_source` what is tested ("same": a part held out). Each of
    `folds` has a split and a seed of its own; all models see the same ones. `rows` is how many
    texts are used (0: all), `most_words` where a text is cut, `least_count` how often a word must
    occur to be known. `width` and `hidden` are those of the LSTM, from which the others' follow:
    by the catalogue's shares ("own"), or so that all have its parameters beside the embedding or
    its multiply-adds for a text of the usual length. Training stops `patience` epochs after the
    best one on texts of their own, at the latest after `epochs`. `pad_to` is how long the code as
    written pads each text. `encoder` is a folder or hub name of a pretrained encoder (empty: the
    packaged MiniLM), which is fetched only where `download` says so.
    """

    source: Source = "mr"
    test_source: TestSource = "same"
    models: tuple[str, ...] = (
        "majority",
        "bag-of-words",
        "nb-svm",
        "rnn",
        "lstm",
        "gru",
        "bilstm",
        "cnn",
        "transformer",
    )
    folds: int = 3
    rows: int = 0
    most_words: int = 60
    least_count: int = 2
    width: int = 100
    hidden: int = 128
    layers: int = 1
    sizing: Sizing = "own"
    dropout: float = 0.5
    epochs: int = 4
    patience: int = 1
    batch_size: int = 64
    learning_rate: float = 2e-3
    clip: float = 1.0
    pad_to: int = 60
    encoder: str = ""
    download: bool = False
    seed: int = 0
    device: str = "auto"
    threads: int = 1

    def __post_init__(self) -> None:
        check_choice("source", self.source, get_args(Source))
        check_choice("test_source", self.test_source, get_args(TestSource))
        check_choice("sizing", self.sizing, get_args(Sizing))
        check_range("folds", self.folds, 1, MOST_FOLDS)
        check_range("rows", self.rows, 0, 1_000_000)
        check_range("most_words", self.most_words, 5, 2000)
        check_range("least_count", self.least_count, 1, 1000)
        check_range("width", self.width, 8, 1024)
        check_range("hidden", self.hidden, 8, 1024)
        check_range("layers", self.layers, 1, 4)
        check_range("dropout", self.dropout, 0, 0.9)
        check_range("epochs", self.epochs, 1, 100)
        check_range("patience", self.patience, 1, 100)
        check_range("batch_size", self.batch_size, 1, 512)
        check_range("learning_rate", self.learning_rate, 1e-6, 10)
        check_range("clip", self.clip, 0, 1e6)
        check_range("pad_to", self.pad_to, 5, 2000)
        check_range("length of encoder", len(self.encoder), 0, 500)
        check_range("seed", self.seed, 0, 2**31 - 1)
        check_range("threads", self.threads, 1, 64)
        if not self.models:
            raise ConfigError("No model is chosen; choose at least one.")
        for name in self.models:
            find_classifier(name)
            if self.models.count(name) > 1:
                raise ConfigError(f"models names '{name}' twice; a model can race only once.")
        if self.test_source == self.source:
            raise ConfigError(
                f"test_source is '{self.test_source}', which is trained on too; 'same' tests a "
                "part of it that is held out."
            )

    @property
    def corpus(self) -> str:
        """ "own" where the visitor's own texts are read, else empty."""
        return "own" if "own" in (self.source, self.test_source) else ""

    @property
    def neural(self) -> tuple[str, ...]:
        """The models that are trained side by side, by gradients."""
        return tuple(name for name in self.models if CLASSIFIERS[name].is_neural)

    @property
    def pretrained(self) -> tuple[str, ...]:
        """The models that start from a pretrained encoder."""
        return tuple(n for n in self.models if CLASSIFIERS[n].family == "pretrained")

    def dials(self) -> dict[str, float]:
        """Return what may be changed while the run is under way."""
        return {"learning_rate": self.learning_rate, "clip": self.clip}


_FAST = ("majority", "bag-of-words", "nb-svm", "lstm", "cnn")
_LONG = SentimentConfig(source="imdb", models=_FAST, folds=1, most_words=200, pad_to=200)

SENTIMENT_EXAMPLE = SentimentConfig(models=_FAST, folds=1, rows=4000)

SENTIMENT_PRESETS = {
    "Quick": SentimentConfig(models=_FAST, folds=1),
    "Standard": SentimentConfig(),
    "Padding": SentimentConfig(
        models=("majority", "lstm", "lstm-naive"), folds=1, epochs=6, patience=6
    ),
    "Equal parameters": replace(SentimentConfig(), sizing="equal-parameters"),
    "Pretrained": SentimentConfig(models=(*_FAST, "pretrained-top")),
    "Long reviews": _LONG,
    "Large": replace(_LONG, models=(*_FAST, "bilstm", "pretrained-full"), folds=3, hidden=256),
}
