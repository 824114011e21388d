import numpy as np
import pytest
import torch
from served_texts import NEURAL, classifier, random_ids

from core.data.text_batch import make_text_inputs
from core.serving.equal_texts import EqualTexts, answers_of
from core.text.words import PAD

LENGTHS = (7, 5, 7, 12, 30, 5, 1)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("name", NEURAL)
@torch.no_grad()
def test_texts_of_one_length_get_the_classifiers_own_answers(name, layers):
    model = classifier(name, layers=layers)
    for batch, words in ((1, 1), (3, 2), (2, 4), (5, 9), (2, 33)):
        if model.naive and words < 5:
            continue  # they are padded first
        ids_BT = random_ids(batch, words)
        own_BC = model(make_text_inputs(ids_BT.tolist()))
        torch.testing.assert_close(EqualTexts(model)(ids_BT), own_BC)


@torch.no_grad()
def test_texts_of_many_lengths_are_answered_in_their_order():
    model = classifier()
    rows = [random_ids(1, words, seed=at)[0].tolist() for at, words in enumerate(LENGTHS)]
    found_NC = answers_of(EqualTexts(model), rows)
    expected_NC = model(make_text_inputs(rows)).numpy()
    np.testing.assert_allclose(found_NC, expected_NC, rtol=1e-5, atol=1e-6)


def test_padding_fills_up_what_is_shorter():
    asked = []

    def answer(ids_BT):
        asked.append(ids_BT.tolist())
        return torch.zeros(len(ids_BT), 2)

    answers_of(answer, [[5], [5, 6, 7, 8]], pad_to=3)
    assert asked == [[[5, PAD, PAD]], [[5, 6, 7, 8]]]


def test_no_text_has_no_answer_and_an_empty_one_is_read_as_padding():
    model = EqualTexts(classifier())
    assert answers_of(model, []).size == 0
    with torch.no_grad():
        assert answers_of(model, [[]]).shape == (1, 2)
