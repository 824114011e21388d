"""The variants of a served model that have to be trained: smaller or of another architecture."""

import torch

from core.models.classifier_sizes import ClassifierSizes, usual_sizes
from core.models.classifiers import find_classifier
from core.models.text_classifier import TextClassifier
from core.serving.variants import ShrunkModel, torch_model
from core.serving.variants_catalogue import Variant
from core.training.distillation import Lessons, make_pupil
from core.training.text_loop import TextPupil


def variant_sizes(variant: Variant, *, width: int, hidden: int) -> ClassifierSizes:
    """Return the widths of a trained variant of an LSTM of `width` and `hidden`.

    The embedding shrinks as the hidden units do: it is most of a small model.
    """
    spec = find_classifier(variant.classifier)
    share = variant.hidden
    return usual_sizes(
        spec, width=max(1, round(width * share)), hidden=max(1, round(hidden * share))
    )


def variant_pupil(
    variant: Variant,
    lessons: Lessons,
    *,
    width: int,
    hidden: int,
    seed: int,
    device: torch.device,
) -> TextPupil:
    """Return a "training" variant that has no teacher, about to learn the served model's texts.

    It has as many layers as the lessons say.
    """
    return make_pupil(
        find_classifier(variant.classifier),
        variant_sizes(variant, width=width, hidden=hidden),
        lessons,
        name=variant.name,
        seed=seed,
        device=device,
    )


def trained_model(variant: Variant, pupil: TextPupil) -> ShrunkModel:
    """Return a pupil that has finished, as PyTorch serves it."""
    model = pupil.learner.model
    assert isinstance(model, TextClassifier)
    return torch_model(model, name=variant.name, label=variant.label)
