"""What can be set in each lab: one frozen, self-validating config a lab.

Plain values only, so that a config hashes, compares and goes to JSON and back, and two equal
configs give the same run. No torch here: the server builds and checks configs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.errors import ConfigError
from core.labs.checks import check_choice, check_range
from core.labs.length_config import LENGTH_EXAMPLE, LENGTH_PRESETS, LengthConfig
from core.labs.sentiment_config import (
    SENTIMENT_EXAMPLE,
    SENTIMENT_PRESETS,
    SentimentConfig,
)
from core.labs.serving_config import SERVING_EXAMPLE, SERVING_PRESETS, ServingConfig
from core.labs.translation_config import (
    TRANSLATION_EXAMPLE,
    TRANSLATION_PRESETS,
    TranslationConfig,
)
from core.models.catalogue import CATALOGUE, HEADS, find_spec
from core.training.choices import ClipRule, CorpusName, NonFinitePolicy, Optimizer

Task = Literal["analog-memory", "discrete-recall", "language-model"]

RECURRENT = tuple(name for name, spec in CATALOGUE.items() if spec.cell != "transformer")


def _check_common(config: "GradientFlowConfig | ClippingConfig") -> None:
    check_range("hidden", config.hidden, 16, 256)
    check_range("layers", config.layers, 1, 3)
    check_range("updates", config.updates, 1, 200_000)
    check_range("batch_size", config.batch_size, 1, 512)
    check_range("learning_rate", config.learning_rate, 1e-6, 10)
    check_range("characters", config.characters, 1_000, 20_000_000)
    check_range("seed", config.seed, 0, 2**31 - 1)
    check_range("threads", config.threads, 1, 64)
    check_choice("corpus", config.corpus, get_args(CorpusName))
    check_choice("optimizer", config.optimizer, get_args(Optimizer))


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientFlowConfig:
    """The gradient-flow lab: which models race on which task.

    `lag` is in steps (the window length for the language model), `clip` the threshold of norm
    clipping (0: none), `forget_bias` what "lstm-bias" starts with, `probe_every` the updates
    between two looks inside, `probe_text` what the gates are read over (language model only;
    empty: the start of the held-out text).
    """

    task: Task = "analog-memory"
    models: tuple[str, ...] = ("rnn", "lstm-chrono")
    lag: int = 100
    hidden: int = 64
    layers: int = 1
    bidirectional: bool = False
    forget_bias: float = 1.0
    corpus: CorpusName = "king-james"
    characters: int = 300_000
    probe_text: str = ""
    updates: int = 600
    batch_size: int = 32
    optimizer: Optimizer = "adam"
    learning_rate: float = 5e-3
    clip: float = 1.0
    probe_every: int = 150
    seed: int = 0
    device: str = "auto"
    threads: int = 1

    def __post_init__(self) -> None:
        _check_common(self)
        check_choice("task", self.task, get_args(Task))
        check_range("lag", self.lag, 10, 1000)
        check_range("forget_bias", self.forget_bias, -10, 10)
        check_range("clip", self.clip, 0, 1e6)
        check_range("probe_every", self.probe_every, 1, 100_000)
        check_range("length of probe_text", len(self.probe_text), 0, 1000)
        if not self.models:
            raise ConfigError("No model is chosen; choose at least one.")
        for name in self.models:
            check_choice("models", find_spec(name).name, RECURRENT)
            if self.models.count(name) > 1:
                raise ConfigError(f"models names '{name}' twice; a model can race only once.")
        if self.bidirectional and self.task == "language-model":
            raise ConfigError(
                "A bidirectional language model would read the character it must predict. "
                "Switch bidirectional off, or choose a memory task."
            )

    @property
    def horizon(self) -> int:
        """Steps of a training sequence: what chrono initialization expects to bridge."""
        return self.lag

    def dials(self) -> dict[str, float]:
        """Return what may be changed while the run is under way."""
        return {"learning_rate": self.learning_rate, "clip": self.clip}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClippingConfig:
    """The clipping lab: twins with the same seed and data, one without clipping, one with.

    `threshold` is the maximal norm (rule "norm"), the maximal magnitude of an element ("value"),
    the maximal ratio of a unit's gradient to its weights ("agc"), or the cap of the first 20
    updates ("percentile", which then clips at the `percentile`-th of all norms so far).
    `nonfinite` says what an update does with a gradient that is not finite; `inject` plants one
    at update `inject_at` (0: never).
    """

    model: str = "irnn"
    hidden: int = 64
    layers: int = 1
    window: int = 50
    forget_bias: float = 1.0
    corpus: CorpusName = "king-james"
    characters: int = 300_000
    updates: int = 300
    batch_size: int = 16
    optimizer: Optimizer = "sgd"
    learning_rate: float = 0.2
    rule: ClipRule = "norm"
    threshold: float = 1.0
    percentile: float = 10.0
    nonfinite: NonFinitePolicy = "propagate"
    inject: Literal["none", "inf", "nan"] = "none"
    inject_at: int = 0
    seed: int = 0
    device: str = "auto"
    threads: int = 1

    def __post_init__(self) -> None:
        _check_common(self)
        if find_spec(self.model).cell == "transformer" and self.hidden % HEADS:
            raise ConfigError(
                f"hidden is {self.hidden}; for a Transformer it must be a multiple of {HEADS}, "
                "its number of attention heads."
            )
        check_range("window", self.window, 10, 400)
        check_range("forget_bias", self.forget_bias, -10, 10)
        check_choice("rule", self.rule, get_args(ClipRule))
        check_range("threshold", self.threshold, 1e-6, 1e6)
        check_range("percentile", self.percentile, 1, 99)
        check_choice("nonfinite", self.nonfinite, get_args(NonFinitePolicy))
        check_choice("inject", self.inject, ("none", "inf", "nan"))
        check_range("inject_at", self.inject_at, 0, self.updates)

    @property
    def horizon(self) -> int:
        """Steps of a training sequence: what chrono initialization expects to bridge."""
        return self.window

    @property
    def bidirectional(self) -> bool:
        """No: a language model would read what it must predict."""
        return False

    def dials(self) -> dict[str, float]:
        """Return what may be changed while the run is under way; `inject` 1 plants inf, 2 NaN."""
        return {
            "learning_rate": self.learning_rate,
            "threshold": self.threshold,
            "inject": 0.0,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsConfig:
    """The claim checker: which claims are put to the test; none named means all."""

    only: tuple[int, ...] = ()
    seed: int = 0
    device: str = "cpu"
    threads: int = 1

    def __post_init__(self) -> None:
        check_range("seed", self.seed, 0, 2**31 - 1)
        check_range("threads", self.threads, 1, 64)

    def dials(self) -> dict[str, float]:
        """Return no dial: a claim's experiment is fixed."""
        return {}


TrainedConfig = (
    GradientFlowConfig
    | ClippingConfig
    | TranslationConfig
    | SentimentConfig
    | LengthConfig
    | ServingConfig
)
"""Of the labs that train models."""

Config = TrainedConfig | ClaimsConfig


@dataclass(frozen=True, slots=True)
class LabEntry:
    """A lab as the engine knows it: `module` has `run(config, *, dials, text)`."""

    name: str
    title: str
    config: type[Config]
    module: str


LABS = {
    entry.name: entry
    for entry in (
        LabEntry("gradient-flow", "Gradient flow", GradientFlowConfig, "core.labs.gradient_flow"),
        LabEntry("clipping", "Clipping", ClippingConfig, "core.labs.clipping"),
        LabEntry("translation", "Translation", TranslationConfig, "core.labs.translation"),
        LabEntry("sentiment", "Sentiment", SentimentConfig, "core.labs.sentiment"),
        LabEntry("length", "Length", LengthConfig, "core.labs.length"),
        LabEntry("serving", "Serving", ServingConfig, "core.labs.serving"),
        LabEntry("claims", "Claim checker", ClaimsConfig, "core.claims.checker"),
    )
}

# What a task is tried with first: where its phenomenon shows (measured; see tests/core/labs).
TASK_DEFAULTS: dict[str, dict[str, Any]] = {
    "analog-memory": {"lag": 100, "learning_rate": 5e-3, "updates": 600, "clip": 1.0},
    "discrete-recall": {"lag": 20, "learning_rate": 3e-3, "updates": 800, "clip": 1.0},
    "language-model": {"lag": 100, "learning_rate": 5e-3, "updates": 600, "clip": 1.0},
}

# What the clipping lab is tried with first under each optimizer, and under each rule.
OPTIMIZER_DEFAULTS: dict[str, dict[str, Any]] = {
    "sgd": {"learning_rate": 0.2},
    "momentum": {"learning_rate": 0.05},
    "adam": {"learning_rate": 3e-3},
}
RULE_DEFAULTS: dict[str, dict[str, Any]] = {
    "norm": {"threshold": 1.0},
    "value": {"threshold": 0.01},
    "agc": {"threshold": 0.05},
    "percentile": {"threshold": 1.0},
    "none": {"threshold": 1.0},
}

PRESETS: dict[str, Mapping[str, Config]] = {
    "gradient-flow": {
        "Quick": GradientFlowConfig(),
        "Standard": GradientFlowConfig(updates=2000, probe_every=200),
        "Large": GradientFlowConfig(lag=200, hidden=256, batch_size=128, updates=3000),
    },
    "clipping": {
        "Quick": ClippingConfig(),
        "Standard": ClippingConfig(updates=5000),
        "Large": ClippingConfig(hidden=256, window=100, batch_size=64, updates=5000),
    },
    "translation": TRANSLATION_PRESETS,
    "sentiment": SENTIMENT_PRESETS,
    "length": LENGTH_PRESETS,
    "serving": SERVING_PRESETS,
}


# What a lab shows before anything was trained: a small run of its own.
EXAMPLES: dict[str, Config] = {lab: presets["Quick"] for lab, presets in PRESETS.items()} | {
    "translation": TRANSLATION_EXAMPLE,
    "sentiment": SENTIMENT_EXAMPLE,
    "length": LENGTH_EXAMPLE,
    "serving": SERVING_EXAMPLE,
}

# What the start page trains when a visitor comes: a look inside every second or so.
START_PAGE = GradientFlowConfig(updates=400, probe_every=50)


def find_lab(name: str) -> LabEntry:
    """Return the lab called `name`.

    Raises:
        ConfigError: there is no such lab; the message lists those there are.
    """
    if name not in LABS:
        raise ConfigError(f"There is no lab '{name}'; choose from {', '.join(LABS)}.")
    return LABS[name]
