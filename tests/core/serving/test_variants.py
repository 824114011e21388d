import numpy as np
import pytest
import torch
from served_texts import NEURAL, SIZES, classifier, random_ids

from core.errors import ConfigError
from core.models.classifier_sizes import ClassifierSizes
from core.serving import variants
from core.serving.variants import NotMade, ShrunkModel, convert, file_megabytes, torch_model
from core.serving.variants_catalogue import VARIANTS

CONVERTED = [each.name for each in VARIANTS.values() if each.kind != "training"]


@pytest.mark.parametrize("name", CONVERTED)
def test_a_variant_answers_nearly_what_the_served_model_does(name):
    model = classifier()
    served, variant = torch_model(model), convert(name, model)
    assert isinstance(variant, ShrunkModel)
    assert (variant.name, variant.label) == (name, VARIANTS[name].label)
    assert variant.parameters == served.parameters
    ids_BT = random_ids(6, 20)
    np.testing.assert_allclose(variant.answer(ids_BT), served.answer(ids_BT), atol=0.05)


@pytest.mark.parametrize("name", NEURAL)
def test_every_classifier_has_every_variant_or_a_reason(name):
    model = classifier(name)
    for each in CONVERTED:
        made = convert(each, model)
        if isinstance(made, ShrunkModel):
            assert np.asarray(made.answer(random_ids(2, 9))).shape == (2, 2)
        else:
            assert made.note


def test_the_served_model_is_left_as_it_is():
    model = classifier().train()
    before = {name: values.clone() for name, values in model.state_dict().items()}
    for name in CONVERTED:
        convert(name, model)
    assert model.training
    assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())
    assert model.embedding.weight.dtype is torch.float32


def test_sizes_are_those_of_the_files():
    model = classifier(sizes=ClassifierSizes(100, 128), vocabulary=8000)
    served = torch_model(model)
    assert served.megabytes == pytest.approx(4 * served.parameters / 1e6, rel=0.01)
    smaller = {name: served.megabytes / convert(name, model).megabytes for name in CONVERTED}
    assert smaller["ort-fp32"] == pytest.approx(1, rel=0.01)
    assert smaller["bf16"] == pytest.approx(2, rel=0.01)
    assert smaller["ort-int8"] > 3.5
    assert smaller["torch-int8"] < 1.2  # the embedding stays as it is


def test_a_torch_without_its_old_quantization_says_so(monkeypatch):
    monkeypatch.setattr(torch.ao, "quantization", None)
    made = convert("torch-int8", classifier())
    assert isinstance(made, NotMade)
    assert "no dynamic quantization any more" in made.note


def test_a_conversion_that_fails_ends_with_a_reason_and_not_with_an_error(monkeypatch):
    def fail(_):
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(variants, "export_onnx", fail)
    made = convert("ort-int8", classifier())
    assert made == NotMade(
        name="ort-int8",
        label=VARIANTS["ort-int8"].label,
        note="It cannot be made here: RuntimeError while it was converted.",
    )


def test_a_cpu_without_the_instructions_is_told_that_bfloat16_is_slow(monkeypatch):
    monkeypatch.setattr(variants, "fast_precision", lambda _: torch.float32)
    assert "no bfloat16 instructions" in convert("bf16", classifier()).note
    monkeypatch.setattr(variants, "fast_precision", lambda _: torch.bfloat16)
    assert not convert("bf16", classifier()).note


def test_an_unknown_variant_lists_those_there_are():
    with pytest.raises(ConfigError, match="choose from ort-fp32"):
        convert("int4", classifier())


def test_a_narrower_model_has_a_smaller_file():
    narrow = classifier(sizes=ClassifierSizes(SIZES.width // 2, SIZES.hidden // 2))
    assert file_megabytes(narrow) < file_megabytes(classifier())
