import pytest

from core.errors import ConfigError
from core.labs.config_json import config_from_json, config_to_json
from core.labs.length_config import LENGTH_MODELS, LENGTH_PRESETS, LengthConfig
from core.labs.remedies import CONTROL, REMEDIES, VARIABLE_LENGTHS
from core.models.catalogue import CATALOGUE
from core.models.chunked_reading import READINGS


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"task": "counting"}, "task is 'counting'; it must be one of"),
        ({"models": ()}, "No model is chosen"),
        ({"models": ("lstm", "lstm")}, "models names 'lstm' twice"),
        ({"models": ("transformer-xl",)}, "models is 'transformer-xl'; it must be one of"),
        ({"remedies": ("prayer",)}, "There is no remedy 'prayer'; choose from more-training"),
        ({"remedies": ("tbptt", "tbptt")}, "remedies names 'tbptt' twice"),
        ({"remedied": "transformer"}, "remedied is 'transformer'; it must be one of"),
        ({"hidden": 20}, "hidden is 20; it must be a multiple of 8"),
        ({"shortest": 60, "longest": 50}, "longest is 50"),
        ({"overlap": 100}, "overlap is 100"),
        ({"seeds": 11}, "seeds is 11"),
    ],
)
def test_a_setting_that_cannot_be_says_what_can(settings, said):
    with pytest.raises(ConfigError, match=said):
        LengthConfig(**settings)


@pytest.mark.parametrize("name", LENGTH_PRESETS)
def test_presets_go_to_json_and_back(name):
    config = LENGTH_PRESETS[name]
    assert config_from_json("length", config_to_json(config)) == config


def test_a_command_line_turns_all_remedies_off():
    assert config_from_json("length", {"remedies": "", "models": "gru,rnn"}).tried == ()


def test_the_control_is_tried_first_where_it_is_measured_by():
    def tried(*names):
        return [remedy.name for remedy in LengthConfig(remedies=names).tried]

    assert tried("transformer", "tbptt") == [CONTROL, "tbptt", "transformer"]
    assert tried("chunked-fresh") == ["chunked-fresh"]
    assert tried("chunked-fresh", CONTROL) == [CONTROL, "chunked-fresh"]


def test_the_remedied_model_is_trained_too():
    assert LengthConfig(models=("gru",)).trained_models == ("gru", "lstm-bias")
    assert LengthConfig(models=("gru",), remedies=()).trained_models == ("gru",)
    assert LengthConfig().trained_models == ("lstm-bias",)


def test_every_reading_and_every_architecture_of_the_catalogue_exists():
    for remedy in REMEDIES.values():
        assert (remedy.name in READINGS) == (remedy.kind == "reading")
        assert (remedy.model in CATALOGUE) == (remedy.kind == "architecture")
    assert set(LENGTH_MODELS) < set(CATALOGUE)


def test_what_is_said_of_variable_lengths_names_them():
    *first, last = map(str, VARIABLE_LENGTHS)
    assert f"{', '.join(first)} and {last}" in REMEDIES["variable-lengths"].about
