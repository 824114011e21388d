import dataclasses
import json
import math
from typing import get_args

import pytest

from core.errors import ConfigError
from core.labs.config import (
    LABS,
    OPTIMIZER_DEFAULTS,
    PRESETS,
    RULE_DEFAULTS,
    ClaimsConfig,
    ClippingConfig,
    GradientFlowConfig,
    find_lab,
)
from core.labs.config_json import config_from_json, config_to_json
from core.training.choices import ClipRule, Optimizer

OURS = [name for name, entry in LABS.items() if entry.module.startswith("core.")]
"""Other tests may have registered a lab of their own."""

OUT_OF_RANGE = [
    ("gradient-flow", {"hidden": 15}, "hidden is 15; it must be from 16 to 256"),
    ("gradient-flow", {"hidden": 257}, "hidden is 257; it must be from 16 to 256"),
    ("gradient-flow", {"layers": 0}, "layers is 0; it must be from 1 to 3"),
    ("gradient-flow", {"lag": 9}, "lag is 9; it must be from 10 to 1000"),
    ("gradient-flow", {"updates": 0}, "updates is 0; it must be from 1 to"),
    ("gradient-flow", {"batch_size": 513}, "batch_size is 513; it must be from 1 to 512"),
    ("gradient-flow", {"learning_rate": math.nan}, "learning_rate is nan; it must be from"),
    ("gradient-flow", {"learning_rate": 0.0}, "learning_rate is 0; it must be from"),
    ("gradient-flow", {"clip": math.inf}, "clip is inf; it must be from 0 to"),
    ("gradient-flow", {"forget_bias": -11}, "forget_bias is -11; it must be from -10 to 10"),
    ("gradient-flow", {"seed": -1}, "seed is -1; it must be from 0 to"),
    ("gradient-flow", {"threads": 0}, "threads is 0; it must be from 1 to 64"),
    ("gradient-flow", {"characters": 999}, "characters is 999; it must be from 1000 to"),
    ("gradient-flow", {"probe_every": 0}, "probe_every is 0; it must be from 1"),
    ("gradient-flow", {"probe_text": "a" * 1001}, "length of probe_text is 1001; it must be"),
    ("gradient-flow", {"task": "adding"}, "task is 'adding'; it must be one of analog-memory"),
    ("gradient-flow", {"optimizer": "lion"}, "optimizer is 'lion'; it must be one of sgd"),
    ("gradient-flow", {"corpus": "news"}, "corpus is 'news'; it must be one of king-james"),
    ("gradient-flow", {"models": ["elman"]}, "no model 'elman'; choose from rnn"),
    ("gradient-flow", {"models": ["transformer"]}, "models is 'transformer'; it must be one of"),
    ("gradient-flow", {"models": []}, "No model is chosen; choose at least one"),
    ("gradient-flow", {"models": ["rnn", "rnn"]}, "names 'rnn' twice; a model can race only once"),
    ("clipping", {"model": "elman"}, "no model 'elman'; choose from rnn"),
    ("clipping", {"model": "transformer", "hidden": 50}, "must be a multiple of 4, its number of"),
    ("clipping", {"window": 401}, "window is 401; it must be from 10 to 400"),
    ("clipping", {"rule": "zclip"}, "rule is 'zclip'; it must be one of none, norm, value, agc"),
    ("clipping", {"threshold": 0}, "threshold is 0; it must be from 1e-06 to"),
    ("clipping", {"percentile": 100}, "percentile is 100; it must be from 1 to 99"),
    ("clipping", {"nonfinite": "hope"}, "nonfinite is 'hope'; it must be one of propagate, skip"),
    ("clipping", {"inject": "zero"}, "inject is 'zero'; it must be one of none, inf, nan"),
    ("clipping", {"inject_at": 301}, "inject_at is 301; it must be from 0 to 300"),
    ("claims", {"seed": -1}, "seed is -1; it must be from 0 to"),
]

WRONG_TYPE = [
    ({"lag": "long"}, "lag is 'long'; it must be a whole number"),
    ({"lag": 50.5}, "lag is '50.5'; it must be a whole number"),
    ({"lag": "50.5"}, "lag is '50.5'; it must be a whole number"),
    ({"lag": math.inf}, "lag is 'inf'; it must be a whole number"),
    ({"lag": math.nan}, "lag is 'nan'; it must be a whole number"),
    ({"lag": None}, "lag is 'None'; it must be a whole number"),
    ({"clip": "much"}, "clip is 'much'; it must be a number"),
    ({"bidirectional": "perhaps"}, "bidirectional is 'perhaps'; it must be true or false"),
    ({"models": 3}, "models is '3'; it must be a list"),
    ({"models": None}, "models is 'None'; it must be a list"),
]


@pytest.mark.parametrize(("lab", "values", "message"), OUT_OF_RANGE)
def test_a_setting_out_of_range_says_what_is_allowed(lab, values, message):
    with pytest.raises(ConfigError, match=message):
        config_from_json(lab, values)


def test_settings_that_are_no_table_are_said():
    with pytest.raises(ConfigError, match="no table of names and values"):
        config_from_json("clipping", None)


@pytest.mark.parametrize(("values", "message"), WRONG_TYPE)
def test_a_setting_of_the_wrong_type_says_which_it_must_be(values, message):
    with pytest.raises(ConfigError, match=message):
        config_from_json("gradient-flow", values)


def test_a_bidirectional_language_model_is_refused_with_its_reason():
    with pytest.raises(ConfigError, match="read the character it must predict"):
        GradientFlowConfig(task="language-model", bidirectional=True)


@pytest.mark.parametrize("lab", OURS)
def test_an_unknown_setting_lists_those_there_are(lab):
    with pytest.raises(ConfigError, match=f"{lab} has no setting 'decades'; it has: .*seed"):
        config_from_json(lab, {"decades": 3})


def test_an_unknown_lab_lists_those_there_are():
    with pytest.raises(ConfigError, match="no lab 'attention'; choose from gradient-flow, clip"):
        find_lab("attention")


def test_the_texts_of_a_command_line_become_values():
    config = config_from_json(
        "gradient-flow",
        {"lag": "50", "models": "rnn,gru", "bidirectional": "true", "clip": "0.5", "task": "x"}
        | {"task": "discrete-recall"},
    )
    assert config == GradientFlowConfig(
        lag=50, models=("rnn", "gru"), bidirectional=True, clip=0.5, task="discrete-recall"
    )
    assert config_from_json("claims", {"only": "1,26"}) == ClaimsConfig(only=(1, 26))
    assert config_from_json("claims", {"only": ""}) == ClaimsConfig()


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("YES", True), ("1", True), ("no", False), (0, False)]
)
def test_the_ways_to_say_yes_and_no(text, value):
    assert config_from_json("gradient-flow", {"bidirectional": text}).bidirectional is value


def test_a_whole_number_may_be_written_as_a_float():
    assert config_from_json("clipping", {"window": 20.0}).window == 20


@pytest.mark.parametrize(
    "config",
    [
        GradientFlowConfig(models=("gru", "lstm"), lag=20, probe_text="héllo"),
        ClippingConfig(rule="agc", threshold=0.05),
        ClaimsConfig(only=(1, 2)),
    ],
)
def test_a_config_goes_to_json_and_back(config):
    lab = next(name for name, entry in LABS.items() if entry.config is type(config))
    text = json.dumps(config_to_json(config), allow_nan=False)
    again = config_from_json(lab, json.loads(text))
    assert again == config
    assert hash(again) == hash(config)


@pytest.mark.parametrize("lab", PRESETS)
def test_presets_are_configs_of_their_lab_and_one_of_the_quick_ones_is_its_default(lab):
    entry = find_lab(lab)
    assert all(isinstance(config, entry.config) for config in PRESETS[lab].values())
    assert entry.config() in list(PRESETS[lab].values())[:2]


def test_each_optimizer_and_each_rule_has_a_start_and_the_default_is_one_of_them():
    assert set(OPTIMIZER_DEFAULTS) == set(get_args(Optimizer))
    assert set(RULE_DEFAULTS) == set(get_args(ClipRule))
    for optimizer, rate in OPTIMIZER_DEFAULTS.items():
        for rule, threshold in RULE_DEFAULTS.items():
            config = ClippingConfig(optimizer=optimizer, rule=rule, **rate, **threshold)
            if (optimizer, rule) == ("sgd", "norm"):
                assert config == ClippingConfig()


@pytest.mark.parametrize("lab", OURS)
def test_dials_are_floats_that_start_where_the_config_says(lab):
    config = LABS[lab].config()
    for name, value in config.dials().items():
        assert isinstance(value, float)
        assert value == (0.0 if name == "inject" else getattr(config, name))


@pytest.mark.parametrize("lab", OURS)
def test_a_config_cannot_be_changed(lab):
    with pytest.raises(dataclasses.FrozenInstanceError):
        LABS[lab].config().seed = 3
