import pytest

from core.labs.config import PRESETS, ClippingConfig, GradientFlowConfig
from core.labs.estimate import estimate_seconds, in_words
from core.models.catalogue import CATALOGUE


@pytest.mark.parametrize("lab", PRESETS)
def test_larger_presets_are_estimated_to_take_longer(lab):
    presets = PRESETS[lab]
    named = [presets[name] for name in ("Quick", "Standard", "Large") if name in presets]
    seconds = [estimate_seconds(config) for config in named]
    assert seconds == sorted(seconds)
    assert 0 < seconds[0] < 60


def test_twice_the_updates_take_twice_as_long_and_a_slower_machine_its_share():
    config = GradientFlowConfig(updates=100)
    longer = GradientFlowConfig(updates=200)
    assert estimate_seconds(longer) == pytest.approx(2 * estimate_seconds(config))
    assert estimate_seconds(config, scale=3.0) == pytest.approx(3 * estimate_seconds(config))


@pytest.mark.parametrize("model", CATALOGUE)
def test_every_model_has_an_estimate(model):
    assert estimate_seconds(ClippingConfig(model=model)) > 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.1, "1 s"),
        (7.4, "7 s"),
        (89, "89 s"),
        (240, "4 min"),
        (5_390, "90 min"),
        (5_400, "2 h"),
        (243 * 60, "4 h"),
    ],
)
def test_seconds_read_as_people_say_them(seconds, words):
    assert in_words(seconds) == words
