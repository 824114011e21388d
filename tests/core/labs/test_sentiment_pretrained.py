import time

import pytest
import torch
from tiny_encoders import TEXTS, tiny_bert

from core.data.folds import Fold
from core.data.labelled import Example
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial
from core.labs.sentiment_pretrained import EncoderTuner
from core.training import fine_tuning


@pytest.fixture
def tuner(monkeypatch):
    monkeypatch.setattr(fine_tuning, "LEAST_UPDATES", 8)
    examples = tuple(Example(text, at % 2) for at, text in enumerate(TEXTS))
    material = SentimentMaterial(
        classes=("negative", "positive"),
        folds=(Fold(train=examples[:4], dev=examples[4:5], test=examples[5:]),),
        citation="",
        lengths=(1,),
        notes=(),
    )
    config = SentimentConfig(models=("pretrained-top", "pretrained-full"), folds=1)
    return EncoderTuner(config=config, material=material, encoder=tiny_bert())


def drained(steps, *, wait=0.0):
    """Return the shares that were told, and what came of it."""
    told = []
    while True:
        try:
            told.append(next(steps))
        except StopIteration as done:
            return told, done.value
        end = time.process_time() + wait
        while time.process_time() < end:
            pass


@pytest.mark.parametrize("name", ["pretrained-top", "pretrained-frozen", "pretrained-full"])
def test_the_share_that_is_done_rises_to_1(tuner, name):
    told, classifier = drained(tuner.tune(name, 0))
    assert told == sorted(told)
    assert told[-1] == 1
    assert torch.tensor(classifier.predict(TEXTS)).sum(1).allclose(torch.ones(6, dtype=float))


def test_what_whoever_looks_does_between_two_steps_is_not_counted(tuner):
    drained(tuner.tune("pretrained-full", 0))  # what is imported at the first time
    told, _ = drained(tuner.tune("pretrained-full", 0), wait=0.05)
    assert tuner.seconds < 0.05 * len(told)


def test_each_model_pays_for_the_texts_it_learned_from_and_not_only_the_first(tuner):
    drained(tuner.tune("pretrained-frozen", 0))
    first = tuner.seconds
    read = tuner._seconds_a_text
    assert 0 < 4 * read < first
    drained(tuner.tune("pretrained-top", 0))
    assert tuner.seconds > 4 * read
