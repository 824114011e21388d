"""The weights that a sentiment run stores, so that its models can read one text afterwards."""

from collections.abc import Mapping

from torch import Tensor

from core.models.predictor import FLOAT_BYTES, NeuralPredictor, Predictor
from core.models.pretrained_classifier import PretrainedClassifier

MOST_MEGABYTES = 150.0
"""Of all weights of a run: its tables and series must fit beside them into what it may write."""
NOT_STORED = (
    "Its weights, {megabytes:.0f} MB, are not stored, so it cannot read one text afterwards: those "
    "of a run may have {most:.0f} MB. Choose fewer models, or a narrower embedding."
)


def learned_weights(predictor: Predictor) -> dict[str, Tensor]:
    """Return what a model has learned here, on the CPU; nothing of one that is no network."""
    match predictor:
        case NeuralPredictor():
            return {name: each.cpu() for name, each in predictor.model.state_dict().items()}
        case PretrainedClassifier():
            return predictor.tuned_state()
        case _:
            return {}


def choose_stored(
    models: Mapping[str, Predictor], *, most_megabytes: float = MOST_MEGABYTES
) -> tuple[list[str], dict[str, str]]:
    """Return whose weights are stored, in the order given, and of the others a sentence why not.

    The smallest come first, so that as many models as possible are stored.
    """
    sizes = {name: _megabytes(model) for name, model in models.items()}
    left = most_megabytes
    stored, left_out = set(), {}
    for name in sorted(filter(sizes.get, sizes), key=sizes.__getitem__):
        if sizes[name] <= left:
            stored.add(name)
            left -= sizes[name]
        else:
            left_out[name] = NOT_STORED.format(megabytes=sizes[name], most=most_megabytes)
    return [name for name in models if name in stored], left_out


def _megabytes(predictor: Predictor) -> float:
    """Return how large a model's `learned_weights` are."""
    match predictor:
        case NeuralPredictor():
            return predictor.megabytes
        case PretrainedClassifier():
            tuned = predictor.tuned().values()
            return FLOAT_BYTES * sum(weight.numel() for weight in tuned) / 1e6
        case _:
            return 0.0
