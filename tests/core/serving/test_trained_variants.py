import pytest
import torch
from served_texts import VOCABULARY, random_ids

from core.data.text_task import TextTask
from core.models.classifier_sizes import ClassifierSizes
from core.serving.trained_variants import trained_model, variant_pupil, variant_sizes
from core.serving.variants_catalogue import VARIANTS
from core.training.distillation import Lessons

TRAINED = [each for each in VARIANTS.values() if each.kind == "training"]


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("distilled", ClassifierSizes(12, 16)),
        ("scratch", ClassifierSizes(12, 16)),
        ("half-lstm", ClassifierSizes(50, 64)),
        ("cnn", ClassifierSizes(100, 100)),
        ("transformer", ClassifierSizes(64, 64, 128)),
    ],
)
def test_the_widths_of_a_variant_of_the_small_lstm(name, sizes):
    assert variant_sizes(VARIANTS[name], width=100, hidden=128) == sizes


@pytest.mark.parametrize("variant", TRAINED, ids=lambda each: each.name)
def test_what_has_learned_is_served_under_its_name(variant):
    texts = TextTask([[4, 5, 6], [7, 8]], [0, 1])
    lessons = Lessons(
        train=texts, dev=texts, vocabulary_size=VOCABULARY, classes=2, epochs=1, layers=2
    )
    pupil = variant_pupil(variant, lessons, width=16, hidden=16, seed=0, device=torch.device("cpu"))
    pupil.update(base=1e-3, clip=1.0, device=torch.device("cpu"))
    model = trained_model(variant, pupil)
    assert (model.name, model.label) == (variant.name, variant.label)
    assert model.answer(random_ids(3, 9)).shape == (3, 2)
    assert model.megabytes > 4 * model.parameters / 1e6
