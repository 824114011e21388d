import pytest

from core.errors import ConfigError
from core.models.translators import TRANSLATORS, find_translator


def test_an_unknown_model_is_answered_with_those_there_are():
    with pytest.raises(ConfigError, match=r"no model 'bart'; choose from plain, .*attention"):
        find_translator("bart")


def test_a_name_says_which_models_look_back():
    looking = {name for name, spec in TRANSLATORS.items() if spec.has_attention}
    assert {"attention", "attention-additive", "transformer-rotary"} <= looking
    assert not {"plain", "bidirectional", "hierarchical", "sampling-linear"} & looking


def test_labels_are_told_apart():
    assert len({spec.label for spec in TRANSLATORS.values()}) == len(TRANSLATORS)
