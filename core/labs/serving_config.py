"""What can be set in the serving lab."""

from dataclasses import dataclass
from typing import Literal, get_args

from core.errors import ConfigError
from core.labs.checks import check_choice, check_range
from core.serving.variants_catalogue import VARIANTS, find_variant

ServedSource = Literal["fresh", "run", "onnx"]
ModelSize = Literal["S", "M", "L"]

SIZES: dict[str, tuple[int, int, int]] = {
    "S": (100, 128, 1),
    "M": (128, 256, 1),
    "L": (300, 512, 2),
}
"""Embedding width, hidden units and layers of a fresh LSTM."""
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)
LENGTHS = (25, 50, 100, 200, 400)
"""Words of a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingConfig:
    """The serving lab: what a request costs, how it is served, how the model shrinks.

    `source` is what is served: a "fresh" LSTM of `size`, `model` of the sentiment run `run`, or
    the visitor's own file in the ONNX format. A request has `words` words. `calls` are timed per
    batch size and length. Requests come at `rate` a second to `replicas` replicas, each of which
    takes up to `max_batch` of those that wait, after at most `max_wait_ms`; one later than
    `deadline_ms` is late. `requests` are simulated and `replayed` of them answered by real passes.
    `variants` are tried to shrink the model; where texts are needed for that, `rows` of the film
    sentences are read (0: all) for `epochs` epochs, and a distilled student learns with
    `students` seeds.
    """

    source: ServedSource = "fresh"
    size: ModelSize = "S"
    run: str = ""
    model: str = ""
    words: int = 100
    calls: int = 30
    rate: float = 1000.0
    replicas: int = 1
    max_batch: int = 32
    max_wait_ms: float = 0.0
    deadline_ms: float = 50.0
    requests: int = 20_000
    replayed: int = 1_000
    variants: tuple[str, ...] = tuple(VARIANTS)
    rows: int = 0
    epochs: int = 3
    students: int = 3
    seed: int = 0
    device: str = "cpu"
    threads: int = 1

    def __post_init__(self) -> None:
        check_choice("source", self.source, get_args(ServedSource))
        check_choice("size", self.size, get_args(ModelSize))
        check_range("length of run", len(self.run), 0, 1000)
        check_range("length of model", len(self.model), 0, 100)
        check_range("words", self.words, 5, 400)
        check_range("calls", self.calls, 5, 1000)
        check_range("rate", self.rate, 0.1, 100_000)
        check_range("replicas", self.replicas, 1, 1000)
        check_range("max_batch", self.max_batch, 1, 128)
        check_range("max_wait_ms", self.max_wait_ms, 0, 1000)
        check_range("deadline_ms", self.deadline_ms, 0.1, 60_000)
        check_range("requests", self.requests, 1_000, 1_000_000)
        check_range("replayed", self.replayed, 100, 20_000)
        check_range("rows", self.rows, 0, 1_000_000)
        check_range("epochs", self.epochs, 1, 20)
        check_range("students", self.students, 1, 10)
        check_range("seed", self.seed, 0, 2**31 - 1)
        check_range("threads", self.threads, 1, 64)
        for name in self.variants:
            find_variant(name)
            if self.variants.count(name) > 1:
                raise ConfigError(f"variants names '{name}' twice; each is tried once.")
        if self.source == "run" and not (self.run and self.model):
            raise ConfigError(
                "No model of a sentiment run is named: choose a run and one of its models (on a "
                "command line, run=FOLDER model=lstm)."
            )

    @property
    def corpus(self) -> str:
        """ "own" where what the visitor brings is read: a file, or the weights of a run."""
        return "" if self.source == "fresh" else "own"

    def dials(self) -> dict[str, float]:
        """Return no dial: what is served is measured as it is."""
        return {}


SERVING_EXAMPLE = ServingConfig(variants=("ort-int8", "bf16", "half-lstm"), rows=3000, epochs=2)

SERVING_PRESETS = {
    "Quick": ServingConfig(variants=("ort-fp32", "ort-int8", "torch-int8", "bf16"), epochs=2),
    "Standard": ServingConfig(),
    "Medium model": ServingConfig(size="M"),
    "Large": ServingConfig(size="L", epochs=5, requests=200_000),
}
