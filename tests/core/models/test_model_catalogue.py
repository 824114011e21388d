import pytest

from core.errors import ConfigError
from core.models.catalogue import CATALOGUE, find_spec


def test_a_model_is_found_by_its_name():
    assert all(find_spec(name).name == name for name in CATALOGUE)


def test_an_unknown_model_lists_those_there_are():
    with pytest.raises(ConfigError, match=r"no model 'elman'; choose from rnn, .*transformer"):
        find_spec("elman")


def test_labels_tell_the_models_apart():
    assert len({spec.label for spec in CATALOGUE.values()}) == len(CATALOGUE)
