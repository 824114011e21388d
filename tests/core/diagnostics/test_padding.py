from dataclasses import replace

import numpy as np
import pytest
import torch
from small_classifiers import (
    LABELS,
    NEURAL,
    RIGHT,
    TEXTS,
    assert_untouched,
    small,
    trained,
    untouched,
)
from torch.nn.utils.rnn import pack_padded_sequence

from core.data.text_batch import make_text_inputs
from core.diagnostics.padding import LAB_PADS, PADS, padding_columns, padding_lab_columns
from core.models.classifiers import CLASSIFIERS

NAMES = ("reading", "pads", "cosine", "cosine_low", "cosine_high", "accuracy", "n")


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_right_recurrent_models_do_not_see_padding(cell, layers, bidirectional):
    for pooling in ("last", "max"):
        spec = replace(CLASSIFIERS["lstm"], cell=cell, bidirectional=bidirectional, pooling=pooling)
        found = padding_columns(small(spec, layers=layers), TEXTS, LABELS)
        assert found["pads"] == list(PADS)
        assert max(found["largest_change"]) < 1e-6
        assert found["flips"] == [0] * len(PADS)


@pytest.mark.parametrize("name", RIGHT)
def test_no_right_model_sees_padding_with_many_classes(name):
    found = padding_columns(small(name, classes=4), TEXTS, LABELS)
    assert max(found["largest_change"]) < 1e-6
    assert len(set(found["accuracy"])) == 1


def test_a_naive_recurrent_model_sees_padding():
    found = padding_columns(small("lstm-naive", pad_to=8), TEXTS, LABELS)
    assert found["largest_change"][0] == 0
    assert min(found["largest_change"][1:]) > 1e-4


@pytest.mark.parametrize("name", NEURAL)
def test_the_model_is_left_as_it_was(name):
    predictor = small(name)
    predictor.model.train()
    before = untouched(predictor)
    padding_columns(predictor, TEXTS, LABELS, pads=(0, 3))
    padding_lab_columns(predictor, TEXTS, LABELS, pads=(0, 3))
    assert_untouched(predictor, before)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "bilstm", "lstm-max", "lstm-naive"])
def test_both_readings_agree_without_padding_and_the_right_one_always(name):
    found = padding_lab_columns(small(name), TEXTS, LABELS)
    assert found["reading"] == ["right"] * len(LAB_PADS) + ["as written"] * len(LAB_PADS)
    right = found["cosine"][: len(LAB_PADS) + 1]
    assert right == pytest.approx([1] * len(right), abs=1e-5)
    assert len(set(found["accuracy"][: len(LAB_PADS) + 1])) == 1
    assert found["cosine"][-1] < 1
    assert all(low <= mean for low, mean in zip(found["cosine_low"], found["cosine"], strict=True))
    assert max(found["cosine_high"]) <= 1
    assert found["n"] == [len(TEXTS)] * 2 * len(LAB_PADS)


@pytest.mark.parametrize("name", ["lstm", "bilstm"])
def test_as_written_is_what_h_n_is_without_packing(name):
    predictor = small(name)
    model = predictor.model.eval()
    found = padding_lab_columns(predictor, TEXTS, LABELS, pads=(4,))
    layer = torch.nn.LSTM(8, 8, batch_first=True, bidirectional=name == "bilstm")
    weights = {}
    for part, suffix in ((model.forwards, ""), (model.backwards, "_reverse")):
        for each in part:
            weights |= {f"{key}{suffix}": value for key, value in each.state_dict().items()}
    layer.load_state_dict(weights)
    cosines, right = [], []
    with torch.no_grad():
        for text, label in zip(TEXTS, LABELS, strict=True):
            inputs = make_text_inputs([predictor.encode(text)])
            packed = pack_padded_sequence(
                model.embed(inputs.words_BT), inputs.lengths_B, batch_first=True
            )
            true = layer(packed)[1][0].flatten()
            written = layer(model.embed(inputs.with_pads(4).words_BT))[1][0].flatten()
            cosines.append(torch.cosine_similarity(true, written, dim=0).item())
            right.append(model.head(written).argmax().item() == label)
    at = found["reading"].index("as written")
    assert found["cosine"][at] == pytest.approx(np.mean(cosines), abs=1e-5)
    assert found["accuracy"][at] == np.mean(right)
    reach = 1.96 * np.std(cosines, ddof=1) / len(TEXTS) ** 0.5
    assert found["cosine_low"][at] == pytest.approx(np.mean(cosines) - reach, abs=1e-4)


def test_one_text_has_no_interval():
    found = padding_lab_columns(small("lstm"), TEXTS[:1], LABELS[:1], pads=(0, 2))
    assert found["cosine_low"] == found["cosine_high"] == [None] * 4


def test_what_has_no_state_or_no_text_has_no_rows():
    empty = {name: [] for name in NAMES}
    assert padding_lab_columns(small("cnn"), TEXTS, LABELS) == empty
    assert padding_lab_columns(small("lstm"), [], []) == empty
    assert padding_columns(small("lstm"), [], [])["pads"] == []


@pytest.mark.slow
def test_trained_as_written_the_state_after_padding_is_another_one_and_the_model_guesses():
    predictors, texts, labels = trained()
    found = padding_lab_columns(predictors["lstm-naive"], texts, labels)
    by_pads = dict(
        zip(found["pads"][len(LAB_PADS) :], found["cosine"][len(LAB_PADS) :], strict=True)
    )
    assert by_pads[5] < 0.5
    naive, mended = (
        padding_columns(predictors[name], texts, labels, pads=(0,))["accuracy"][0]
        for name in ("lstm-naive", "lstm")
    )
    assert abs(naive - 0.5) <= 0.03
    assert mended > 0.6
