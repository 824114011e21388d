"""How the models of a run are called, whatever its lab."""

from core.models.catalogue import CATALOGUE
from core.models.classifiers import CLASSIFIERS
from core.models.translators import TRANSLATORS
from pages.components.figures.clipping import TWIN_NAMES


def model_label(name: str, lab: str) -> str:
    """Return how a model of a run of `lab` is called on the page; a name unknown is kept."""
    if lab == "sentiment":
        return CLASSIFIERS[name].label if name in CLASSIFIERS else name
    spec = CATALOGUE.get(name) or TRANSLATORS.get(name)
    return spec.label if spec else TWIN_NAMES.get(name, name)
