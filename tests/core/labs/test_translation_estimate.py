import math
import random

import pytest

from core.labs.estimate import estimate_seconds
from core.labs.translation_config import LADDER, TRANSLATION_EXAMPLE, TranslationConfig
from core.labs.translation_estimate import estimate_translation, mean_length
from core.models.translators import TRANSLATORS


def seconds(**settings):
    return estimate_translation(TranslationConfig(**settings))


def test_the_mean_length_is_that_of_lengths_with_a_uniform_logarithm():
    random.seed(0)
    drawn = [math.exp(random.uniform(math.log(4), math.log(150))) for _ in range(20_000)]
    assert mean_length(4, 150) == pytest.approx(sum(drawn) / len(drawn), rel=0.02)
    assert mean_length(12, 12) == 12


@pytest.mark.parametrize(
    "model", [name for name, spec in TRANSLATORS.items() if not spec.pieces_of]
)
def test_every_model_has_an_estimate_that_grows_with_what_it_does(model):
    least = seconds(models=(model,), updates=100, longest=25)
    assert least > 0
    for more in ({"updates": 200}, {"longest": 50}, {"hidden": 256}, {"batch_size": 64}):
        assert seconds(**{"models": (model,), "updates": 100, "longest": 25, **more}) > least


def test_the_default_pair_and_the_example_are_estimated_as_measured():
    assert 50 < seconds() < 150
    assert estimate_translation(TRANSLATION_EXAMPLE) < 40


def test_a_ladder_takes_its_equal_updates_and_its_equal_compute():
    ladder, updates, compute = (
        seconds(models=LADDER, schedule=schedule, updates=5000)
        for schedule in ("ladder", "equal-updates", "equal-compute")
    )
    assert ladder == pytest.approx(updates + compute, rel=0.02)  # but for what is done once


def test_equal_compute_is_priced_by_the_attention_model():
    beside = [
        seconds(models=("attention", other), schedule="equal-compute", updates=5000)
        for other in ("plain", "attention-additive", "transformer-rotary")
    ]
    assert beside == pytest.approx([beside[0]] * 3)


def test_a_model_that_is_not_trained_costs_its_test_alone():
    one = seconds(models=("plain",))
    both = seconds(models=("plain", "plain-pieces"))
    assert 0 < both - one < 20
    assert both - one == pytest.approx(
        seconds(models=("plain", "plain-pieces"), updates=900)
        - seconds(models=("plain",), updates=900)
    )


def test_it_is_what_the_settings_show():
    config = TranslationConfig()
    assert estimate_seconds(config, scale=2.0) == 2 * estimate_translation(config)
