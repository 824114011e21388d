import pytest
import torch
from small_classifiers import TEXTS, assert_untouched, small, untouched

from core.data.labelled import words_of
from core.data.text_batch import make_text_inputs
from core.diagnostics.ngrams import winning_ngrams
from core.models.classifiers import KERNELS


@pytest.mark.parametrize("name", ["cnn", "cnn-naive"])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("text", [*TEXTS, "", "not bad"])
def test_windows_and_bias_sum_to_the_lead_of_the_class(name, classes, text):
    predictor = small(name, classes=classes)
    inputs = make_text_inputs([predictor.encode(text)], predictor.pad_to)
    with torch.no_grad():
        logits = predictor.model.eval()(inputs)[0].tolist()
    for label in range(classes):
        found = winning_ngrams(predictor, text, label)
        others = [logit for at, logit in enumerate(logits) if at != label]
        lead = logits[label] - sum(others) / len(others)
        assert found.lead == pytest.approx(lead, abs=1e-5)
        assert found.bias + sum(found.columns["weight"]) == pytest.approx(found.lead, abs=1e-5)


def test_one_filter_wins_one_window_by_hand():
    predictor = small("cnn")
    model = predictor.model
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.embedding.weight[predictor.encode("bad")[0], 0] = 2.0
        model.convolutions[1].weight[3, 0, 2] = 1.0  # the third of four words, first feature
        model.head.weight[1, 8 + 3] = 0.5
        model.head.bias[0] = 0.25
    found = winning_ngrams(predictor, "hardly a bad film , not bad", 1)
    assert found.columns == {
        "words": ["hardly a bad film"],
        "start": [0],
        "kernel": [4],
        "filters": [1],
        "weight": [1.0],
    }
    assert (found.bias, found.lead) == (-0.25, 0.75)


def test_windows_are_the_text_s_own_words_weightiest_first():
    found = winning_ngrams(small("cnn"), TEXTS[0], 1).columns
    words = words_of(TEXTS[0])
    for said, start, kernel in zip(found["words"], found["start"], found["kernel"], strict=True):
        assert kernel in KERNELS
        assert said.split() == list(words[start : start + kernel])
        assert len(said.split()) == kernel
    sizes = [abs(weight) for weight in found["weight"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(found["filters"]) <= 8 * len(KERNELS)


def test_a_text_shorter_than_a_kernel_is_one_window_of_each():
    found = winning_ngrams(small("cnn"), "not bad", 1).columns
    assert set(found["start"]) == {0}
    assert set(found["words"]) == {"not bad"}


def test_a_naive_model_may_answer_by_its_padding():
    found = winning_ngrams(small("cnn-naive"), "dull", 1).columns
    assert any("<pad>" in words for words in found["words"])


def test_the_model_is_left_as_it_was():
    predictor = small("cnn")
    predictor.model.train()
    before = untouched(predictor)
    winning_ngrams(predictor, TEXTS[0], 1)
    assert_untouched(predictor, before)
