"""Small runs of the labs, each done once."""

from functools import lru_cache

from core.labs import clipping, gradient_flow, sentiment, translation
from core.labs.config import ClippingConfig, GradientFlowConfig
from core.labs.sentiment_config import SentimentConfig
from core.labs.translation_config import TranslationConfig
from core.training.dials import Dials

OWN_TEXT = "the quick brown fox jumps over the lazy dog; a small text of one's own.\n" * 30
TINY = {"hidden": 16, "updates": 20, "device": "cpu"}
TINY_PAIRS = {
    "hidden": 8,
    "shortest": 3,
    "longest": 10,
    "buckets": (5, 10, 20),
    "pairs": 80,
    "test_pairs": 2,
    "final_pairs": 3,
    "updates": 6,
    "batch_size": 8,
    "looks": 2,
    "device": "cpu",
}
TINY_REVIEWS = {
    "models": (
        *("majority", "bag-of-words", "nb-svm", "lstm", "bilstm", "cnn", "transformer"),
        *("lstm-naive", "cnn-naive"),
    ),
    "folds": 2,
    "rows": 300,
    "most_words": 20,
    "width": 8,
    "hidden": 8,
    "epochs": 2,
    "pad_to": 24,
    "device": "cpu",
}


class LabRun:
    """The events of a run that is over, and the few questions that tests ask them."""

    def __init__(self, events):
        self.events = list(events)
        self.result = self.events[-1]
        self.rows = {
            row.get("model", row.get("clip", row.get("name"))): row for row in self.result.results
        }

    def kinds(self):
        return [event.kind for event in self.events]

    def of(self, kind, **fields):
        found = [event for event in self.events if event.kind == kind]
        return [e for e in found if all(getattr(e, k) == v for k, v in fields.items())]

    def column(self, model, name):
        return [v for e in self.of("series", model=model) for v in e.columns[name]]


@lru_cache(maxsize=64)
def flow(turns=(), text=None, **settings):
    config = GradientFlowConfig(**{**TINY, "lag": 10, "probe_every": 10, **settings})
    return LabRun(_turned(gradient_flow, config, turns, text))


@lru_cache(maxsize=64)
def clip(turns=(), text=OWN_TEXT, **settings):
    config = ClippingConfig(**{**TINY, "window": 10, "corpus": "own", **settings})
    return LabRun(_turned(clipping, config, turns, text))


@lru_cache(maxsize=64)
def translate(turns=(), text=None, **settings):
    config = TranslationConfig(**{**TINY_PAIRS, **settings})
    return LabRun(_turned(translation, config, turns, text))


@lru_cache(maxsize=64)
def classify(turns=(), text=None, **settings):
    config = SentimentConfig(**{**TINY_REVIEWS, **settings})
    return LabRun(_turned(sentiment, config, turns, text))


def _turned(lab, config, turns, text):
    dials = Dials(**config.dials())
    for after, name, value in turns:
        if after == 0:
            dials.turn(name, value)
    for event in lab.run(config, dials=dials, text=text):
        yield event
        if event.kind == "progress":
            for after, name, value in turns:
                if after == event.step:
                    dials.turn(name, value)
