"""How the models of a run are called: the same name can be another model in another lab."""

from core.models.catalogue import CATALOGUE
from core.models.classifiers import CLASSIFIERS
from core.models.translators import TRANSLATORS
from pages.components.model_names import model_label


def test_a_name_is_what_its_lab_means_by_it():
    assert model_label("lstm", "sentiment") == "LSTM"
    assert model_label("lstm", "gradient-flow") == "LSTM default"
    assert model_label("clipped", "clipping") == "with clipping"


def test_every_model_of_every_catalogue_has_its_label():
    for lab, specs in (
        ("gradient-flow", CATALOGUE),
        ("sentiment", CLASSIFIERS),
    ):
        assert all(model_label(name, lab) == spec.label for name, spec in specs.items())
    assert model_label("attention", "translation") == TRANSLATORS["attention"].label


def test_a_name_unknown_is_kept():
    assert model_label("oracle", "sentiment") == "oracle"
    assert model_label("oracle", "translation") == "oracle"
