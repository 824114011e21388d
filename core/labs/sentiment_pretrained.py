"""Pretrained encoders in the sentiment lab: one encoder, tuned anew for each model and fold."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import torch

from core.data.folds import Fold
from core.data.labelled import Example
from core.device import wait_for
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial
from core.models.classifiers import find_classifier
from core.models.lower_states import LowerStates
from core.models.open_encoder import open_encoder
from core.models.pretrained_classifier import PretrainedClassifier, lower_states_of
from core.models.sentence_encoder import SentenceEncoder
from core.training.fine_tuning import fine_tune

FILLING = 0.3
"""Share of tuning the first model that reading all texts with the lower layers takes."""

Step = TypeVar("Step")


@dataclass(slots=True, kw_only=True)
class EncoderTuner:
    """Tunes one encoder; what its lower layers say of a text is computed once for all folds.

    `seconds` are what the last `tune` took, of all cores on a CPU, else by the clock, and with it
    what the lower layers took for the texts it learned from, whichever model had them read.
    """

    config: SentimentConfig
    material: SentimentMaterial
    encoder: SentenceEncoder
    seconds: float = 0.0
    _lower: LowerStates | None = field(default=None)
    _seconds_a_text: float = field(default=0.0)

    @classmethod
    def open(
        cls, config: SentimentConfig, material: SentimentMaterial, device: torch.device
    ) -> "EncoderTuner":
        """Open the encoder of the config.

        Raises:
            DataMissingError: it is not installed, not on this machine, or may not be fetched.
            ConfigError: what is there is no encoder that can be used.
        """
        encoder = open_encoder(config.encoder, download=config.download).to(device)
        return cls(config=config, material=material, encoder=encoder)

    def tune(self, name: str, at: int) -> Generator[float, None, PretrainedClassifier]:
        """Train the catalogue's model `name` on the fold `at`; yield the share that is done."""
        spec, fold = find_classifier(name), self.material.folds[at]
        filled = 0.0
        if spec.tuning != "full" and self._lower is None:
            filled = FILLING
            yield from (filled * share for share in self._fill())
        classifier = PretrainedClassifier(
            self.encoder, classes=len(self.material.classes), tuning=spec.tuning
        )
        steps = fine_tune(
            classifier,
            _texts(fold.train),
            [each.label for each in fold.train],
            seed=self.config.seed + at,
            lower=self._lower if spec.tuning != "full" else None,
        )
        self.seconds = 0.0 if spec.tuning == "full" else self._seconds_a_text * len(fold.train)
        for step in self._timed(steps):
            yield filled + (1 - filled) * step.step / step.total
        return classifier

    def _fill(self) -> Iterator[float]:
        """Read every text of every fold with the lower layers; yield the share that is done."""
        lower = lower_states_of(self.encoder)
        if lower is None:
            return
        texts = _all_texts(self.material.folds)
        self.seconds = 0.0
        for done in self._timed(lower.fill(texts)):
            yield done / len(texts)
        self._lower, self._seconds_a_text = lower, self.seconds / len(texts)

    def _timed(self, steps: Iterator[Step]) -> Iterator[Step]:
        """Yield the steps and add up their seconds, without those of whoever takes them."""
        while True:
            started = self._clock()
            step = next(steps, None)
            wait_for(self.encoder.device)
            self.seconds += self._clock() - started
            if step is None:
                return
            yield step

    def _clock(self) -> float:
        on_cpu = self.encoder.device.type == "cpu"
        return time.process_time() if on_cpu else time.perf_counter()


def _all_texts(folds: tuple[Fold, ...]) -> list[str]:
    parts = (part for fold in folds for part in (fold.train, fold.dev, fold.test))
    return list(dict.fromkeys(each.text for part in parts for each in part))


def _texts(examples: tuple[Example, ...]) -> list[str]:
    return [each.text for each in examples]
