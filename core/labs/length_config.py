"""What can be set in the length lab."""

from dataclasses import dataclass
from typing import Literal, get_args

from core.errors import ConfigError
from core.labs.checks import check_choice, check_range
from core.labs.remedies import CONTROL, REMEDIES, Remedy, find_remedy
from core.models.catalogue import HEADS, find_spec
from core.training.choices import CorpusName

LengthTask = Literal[
    "count", "bounded-walk", "majority", "modulo", "anbn", "language-model", "sentiment"
]

LENGTHS = (10, 25, 50, 75, 100, 150, 200, 300, 400, 500)
"""Where a score is told; every run tests all of them."""

LENGTH_MODELS = (
    "lstm-bias",
    "lstm",
    "gru",
    "rnn",
    "transformer",
    "transformer-sinusoidal",
    "transformer-rotary",
    "transformer-alibi",
    "transformer-none",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthConfig:
    """The length lab: models learn a task on some lengths and are tested on all.

    Each of `seeds` seeds trains every one of `models` on lengths drawn evenly from `shortest` to
    `longest`, for `updates` updates under a learning rate that falls to 0. Each of `remedies` is
    then tried on `remedied`, one of the recurrent models: training goes on from where it ended,
    once with as many updates again, once with as many seconds; another architecture learns from
    nothing, once with as many updates, once in the seconds of both. `segment` and `overlap` cut
    long sequences; `sequences` are tested at every length. `corpus` is the text of the language
    model, or "own" for the visitor's labelled texts in the task "sentiment"; `characters` of it
    are used.
    """

    task: LengthTask = "count"
    models: tuple[str, ...] = ("lstm-bias",)
    remedied: str = "lstm-bias"
    remedies: tuple[str, ...] = tuple(REMEDIES)
    seeds: int = 5
    shortest: int = 50
    longest: int = 100
    hidden: int = 64
    updates: int = 600
    batch_size: int = 32
    learning_rate: float = 5e-3
    clip: float = 1.0
    forget_bias: float = 1.0
    segment: int = 100
    overlap: int = 20
    sequences: int = 256
    corpus: CorpusName = "king-james"
    characters: int = 300_000
    seed: int = 0
    device: str = "auto"
    threads: int = 1

    def __post_init__(self) -> None:
        check_choice("task", self.task, get_args(LengthTask))
        check_choice("corpus", self.corpus, get_args(CorpusName))
        check_range("seeds", self.seeds, 1, 10)
        check_range("shortest", self.shortest, 2, 400)
        check_range("longest", self.longest, self.shortest, 400)
        check_range("hidden", self.hidden, 16, 256)
        check_range("updates", self.updates, 1, 100_000)
        check_range("batch_size", self.batch_size, 1, 512)
        check_range("learning_rate", self.learning_rate, 1e-6, 10)
        check_range("clip", self.clip, 0, 1e6)
        check_range("forget_bias", self.forget_bias, -10, 10)
        check_range("segment", self.segment, 10, 400)
        check_range("overlap", self.overlap, 0, self.segment - 1)
        check_range("sequences", self.sequences, 16, 4096)
        check_range("characters", self.characters, 1_000, 20_000_000)
        check_range("seed", self.seed, 0, 2**31 - 1)
        check_range("threads", self.threads, 1, 64)
        if not self.models:
            raise ConfigError("No model is chosen; choose at least one.")
        for name in self.models:
            check_choice("models", find_spec(name).name, LENGTH_MODELS)
            if self.models.count(name) > 1:
                raise ConfigError(f"models names '{name}' twice; a model can race only once.")
        for name in self.remedies:
            find_remedy(name)
            if self.remedies.count(name) > 1:
                raise ConfigError(f"remedies names '{name}' twice; each is tried once.")
        self._check_widths()

    def _check_widths(self) -> None:
        recurrent = [name for name in LENGTH_MODELS if find_spec(name).cell != "transformer"]
        if self.remedies:
            check_choice("remedied", self.remedied, recurrent)
        if self.hidden % (2 * HEADS):
            raise ConfigError(
                f"hidden is {self.hidden}; it must be a multiple of {2 * HEADS}, so that the "
                f"Transformers have {HEADS} heads of even width."
            )

    @property
    def trained_models(self) -> tuple[str, ...]:
        """The models of the curve, and the one that is remedied."""
        more = () if not self.remedies or self.remedied in self.models else (self.remedied,)
        return (*self.models, *more)

    @property
    def tried(self) -> tuple[Remedy, ...]:
        """The remedies in their order; the control is among them where it is measured by."""
        chosen = [find_remedy(name) for name in REMEDIES if name in self.remedies]
        if any(each.kind != "reading" for each in chosen) and CONTROL not in self.remedies:
            return (find_remedy(CONTROL), *chosen)
        return tuple(chosen)

    def dials(self) -> dict[str, float]:
        """Return what may be changed while the run is under way."""
        return {"learning_rate": self.learning_rate, "clip": self.clip}


LENGTH_EXAMPLE = LengthConfig(seeds=1, remedies=("more-training", "chunked-carried"))

LENGTH_PRESETS = {
    "Quick": LengthConfig(remedies=()),
    "Standard": LengthConfig(),
    "Architectures": LengthConfig(
        models=("lstm-bias", "gru", "rnn", "transformer", "transformer-alibi"), seeds=3, remedies=()
    ),
    "No failure": LengthConfig(task="modulo", remedies=()),
    "Bounded": LengthConfig(task="bounded-walk", remedies=()),
    "Language": LengthConfig(task="language-model", seeds=1, remedies=()),
    "Large": LengthConfig(
        hidden=128,
        updates=3000,
        batch_size=64,
        sequences=1024,
        remedies=tuple(name for name in REMEDIES if not REMEDIES[name].model),
    ),
}
