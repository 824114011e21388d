import pytest

from core.labs.estimate import estimate_seconds
from core.labs.length_config import LENGTH_EXAMPLE, LENGTH_MODELS, LENGTH_PRESETS, LengthConfig
from core.labs.length_estimate import estimate_length
from core.labs.remedies import REMEDIES

LEAST = {"seeds": 1, "hidden": 32, "updates": 100, "sequences": 64, "batch_size": 16}
MORE = ({"seeds": 6}, {"hidden": 64}, {"updates": 200}, {"sequences": 256}, {"batch_size": 64})


def seconds(**settings):
    return estimate_length(LengthConfig(**{"remedies": (), **LEAST, **settings}))


@pytest.mark.parametrize("name", LENGTH_MODELS)
def test_more_of_anything_takes_longer(name):
    for more in (*MORE, {"longest": 200}):
        assert seconds(models=(name,), **more) > seconds(models=(name,)) > 0


@pytest.mark.parametrize("name", REMEDIES)
def test_every_remedy_takes_its_time(name):
    assert seconds(remedies=(name,)) > seconds()
    for more in MORE:
        assert seconds(remedies=(name,), **more) > seconds(remedies=(name,))


def test_a_remedy_that_is_trained_brings_the_control_with_it():
    alone = seconds(remedies=("tbptt",))
    assert alone == seconds(remedies=("tbptt", "more-training"))
    assert alone > seconds(remedies=("more-training",))


def test_the_defaults_end_within_five_minutes_and_their_curve_within_45_seconds():
    assert 60 < estimate_length(LengthConfig()) < 300
    assert estimate_length(LengthConfig(remedies=())) < 45
    assert estimate_length(LENGTH_EXAMPLE) < 10


@pytest.mark.parametrize("name", LENGTH_PRESETS)
def test_every_preset_has_an_estimate_that_a_machine_corrects(name):
    config = LENGTH_PRESETS[name]
    assert estimate_seconds(config, scale=2.0) == 2 * estimate_length(config)
    assert estimate_length(config) < 3 * 3600
