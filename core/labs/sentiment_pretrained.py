"""Pretrained encoders in the sentiment lab: one encoder, tuned anew for each model and fold."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import torch

from core.data.folds import Fold
from core.data.labelled import Example
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial
from core.models.bert_encoder import BertEncoder
from core.models.classifiers import find_classifier
from core.models.lower_states import LowerStates
from core.models.open_encoder import open_encoder
from core.models.pretrained_classifier import TOP_LAYERS, PretrainedClassifier
from core.models.sentence_encoder import SentenceEncoder
from core.training.fine_tuning import fine_tune


@dataclass(slots=True, kw_only=True)
class EncoderTuner:
    """Tunes one encoder; what its lower layers say of a text is computed once for all folds.

    `seconds` are what the last `tune` took: of all cores on a CPU, else by the clock.
    """

    config: SentimentConfig
    material: SentimentMaterial
    encoder: SentenceEncoder
    seconds: float = 0.0
    _lower: LowerStates | None = field(default=None)

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
        started = self._clock()
        spec, fold = find_classifier(name), self.material.folds[at]
        lower = None
        if spec.tuning != "full":
            yield from self._fill()
            lower = self._lower
        torch.manual_seed(self.config.seed + at)
        classifier = PretrainedClassifier(
            self.encoder, classes=len(self.material.classes), tuning=spec.tuning
        )
        steps = fine_tune(
            classifier,
            _texts(fold.train),
            [each.label for each in fold.train],
            seed=self.config.seed + at,
            lower=lower,
        )
        for step in steps:
            yield step.step / step.total
        self.seconds = self._clock() - started
        return classifier

    def _fill(self) -> Iterator[float]:
        """Read every text of every fold with the lower layers, unless that was done."""
        if self._lower is not None or not isinstance(self.encoder, BertEncoder):
            return
        lower = LowerStates(self.encoder, below=len(self.encoder.blocks()) - TOP_LAYERS)
        for _ in lower.fill(_all_texts(self.material.folds)):
            yield 0.0
        self._lower = lower

    def _clock(self) -> float:
        on_cpu = self.encoder.device.type == "cpu"
        return time.process_time() if on_cpu else time.perf_counter()


def _all_texts(folds: tuple[Fold, ...]) -> list[str]:
    parts = (part for fold in folds for part in (fold.train, fold.dev, fold.test))
    return list(dict.fromkeys(each.text for part in parts for each in part))


def _texts(examples: tuple[Example, ...]) -> list[str]:
    return [each.text for each in examples]
