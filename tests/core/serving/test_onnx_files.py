import logging

import numpy as np
import onnx
import pytest
import torch
from served_texts import NEURAL, VOCABULARY, classifier, random_ids

from core.models.classifier_sizes import ClassifierSizes
from core.serving.equal_texts import EqualTexts
from core.serving.onnx_files import OnnxClassifier, export_onnx, quantize_onnx


def operators(file):
    return [node.op_type for node in onnx.load_model_from_string(file).graph.node]


@pytest.mark.parametrize("name", NEURAL)
@torch.no_grad()
def test_onnx_runtime_answers_any_batch_and_length_as_torch_does(name):
    model = classifier(name)
    served = OnnxClassifier(export_onnx(model))
    for batch, words in ((1, 6), (3, 8), (2, 40)):
        ids_BT = random_ids(batch, words)
        np.testing.assert_allclose(served(ids_BT), EqualTexts(model)(ids_BT), atol=2e-6)


@torch.no_grad()
def test_a_convolution_reads_texts_that_are_shorter_than_its_kernels():
    model = classifier("cnn")
    served = OnnxClassifier(export_onnx(model))
    np.testing.assert_allclose(
        served(random_ids(2, 1)), EqualTexts(model)(random_ids(2, 1)), atol=2e-6
    )


def test_the_classifier_is_left_as_it_was():
    model = classifier().train()
    before = {name: values.clone() for name, values in model.state_dict().items()}
    export_onnx(model)
    assert model.training
    assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())


@torch.no_grad()
def test_eight_bits_cover_the_embedding_and_the_lstm_and_shrink_the_file_nearly_fourfold():
    model = classifier(sizes=ClassifierSizes(100, 128), vocabulary=8000)
    file = export_onnx(model)
    smaller = quantize_onnx(file)
    assert len(file) / len(smaller) > 3.9
    assert "DynamicQuantizeLSTM" in operators(smaller)
    tables = onnx.load_model_from_string(smaller).graph.initializer
    (embedding,) = (each for each in tables if list(each.dims) == [8000, 100])
    assert embedding.data_type in (onnx.TensorProto.INT8, onnx.TensorProto.UINT8)
    ids_BT = random_ids(4, 30)
    np.testing.assert_allclose(
        OnnxClassifier(smaller)(ids_BT), EqualTexts(model)(ids_BT), atol=0.02
    )


@pytest.mark.parametrize("name", NEURAL)
def test_every_architecture_becomes_smaller_and_still_answers(name):
    model = classifier(name, vocabulary=2000)
    file = export_onnx(model)
    smaller = quantize_onnx(file)
    assert len(smaller) < len(file) / 2
    assert np.isfinite(OnnxClassifier(smaller)(random_ids(2, 9))).all()


def test_quantizing_says_nothing_and_leaves_the_log_as_it_was(capfd):
    root = logging.getLogger()
    before = (list(root.handlers), list(root.filters))
    quantize_onnx(export_onnx(classifier()))
    assert (list(root.handlers), list(root.filters)) == before
    assert capfd.readouterr() == ("", "")


def test_ids_that_are_not_known_are_an_error_and_not_a_crash():
    served = OnnxClassifier(export_onnx(classifier()))
    with pytest.raises(Exception, match="out of data bounds"):
        served(torch.full((1, 8), VOCABULARY))
