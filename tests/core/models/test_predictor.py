import numpy as np
import pytest
import torch
from small_texts import SIZES

from core.data.labelled import words_of
from core.data.text_batch import make_text_inputs
from core.models import predictor as predictor_module
from core.models.build_classifier import build_classifier
from core.models.classifiers import CLASSIFIERS
from core.models.predictor import MajorityPredictor, NeuralPredictor
from core.text.words import UNKNOWN, WordVocabulary

TEXTS = (
    "A film that is never boring , and not bad at all .",
    "dull",
    "",
    "Hardly a masterpiece , but it is funny and it is short .",
    "words that nobody knew",
)
VOCABULARY = WordVocabulary.of([words_of(text) for text in TEXTS[:4]])


def predictor(name, *, classes=2, most_words=40, pad_to=0):
    model = build_classifier(
        CLASSIFIERS[name],
        SIZES,
        vocabulary_size=VOCABULARY.size,
        classes=classes,
        dropout=0.5,
        seed=0,
    )
    model.embedding.weight.data *= 10
    return NeuralPredictor(
        model, VOCABULARY, most_words=most_words, pad_to=pad_to, device=torch.device("cpu")
    )


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", ["bag-of-words", "lstm", "cnn", "transformer", "lstm-naive"])
def test_each_text_gets_probabilities_that_sum_to_one(name, classes):
    found = predictor(name, classes=classes, pad_to=20).predict(TEXTS)
    assert found.shape == (len(TEXTS), classes)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-12)
    assert found.min() > 0


@pytest.mark.parametrize("classes", [2, 3])
def test_no_text_gets_no_row_of_as_many_classes(classes):
    assert predictor("lstm", classes=classes).predict([]).shape == (0, classes)


def test_answers_stand_in_the_order_of_the_texts_however_many_are_read_at_once(monkeypatch):
    each = predictor("lstm")
    alone = np.concatenate([each.predict([text]) for text in TEXTS])
    for at_once in (1, 2, 128):
        monkeypatch.setattr(predictor_module, "TEXTS_AT_ONCE", at_once)
        np.testing.assert_allclose(each.predict(TEXTS), alone, atol=1e-6)


def test_a_probability_is_the_softmax_of_the_logits_with_dropout_off():
    each = predictor("gru", classes=3)
    each.model.train()
    found = each.predict(TEXTS[:1])
    assert each.model.training
    each.model.eval()
    with torch.no_grad():
        logits = each.model(make_text_inputs([each.encode(TEXTS[0])]))[0]
    np.testing.assert_allclose(found[0], logits.double().softmax(0), atol=1e-7)
    each.predict(TEXTS)
    assert not each.model.training


def test_a_text_is_cut_after_most_words():
    short, long = predictor("lstm", most_words=4), predictor("lstm")
    cut = " ".join(words_of(TEXTS[0])[:4])
    np.testing.assert_array_equal(short.predict([TEXTS[0]]), long.predict([cut]))
    assert len(short.encode(TEXTS[0])) == 4


def test_the_same_model_can_be_asked_for_longer_texts():
    short = predictor("lstm-naive", most_words=4, pad_to=9)
    longer = short.up_to(40)
    assert longer.model is short.model
    assert longer.pad_to == 9
    assert len(longer.encode(TEXTS[0])) == len(words_of(TEXTS[0]))
    assert short.most_words == 4


def test_a_text_without_words_is_one_unknown_word():
    assert predictor("lstm").encode("  ") == [UNKNOWN]
    assert predictor("lstm").encode("nobody") == [UNKNOWN]


def test_only_a_model_as_written_pads_its_texts():
    assert predictor("cnn", pad_to=30).pad_to == 0
    naive = predictor("lstm-naive", pad_to=30)
    assert naive.pad_to == 30
    with torch.no_grad():
        naive.model.eval()
        ids = naive.encode(TEXTS[0])
        padded = make_text_inputs([ids], pad_to=30)
        expected = naive.model(padded).double().softmax(1)
    np.testing.assert_allclose(naive.predict([TEXTS[0]]), expected, atol=1e-7)


def test_pads_can_be_added_to_encoded_texts():
    naive, right = (predictor(name, pad_to=20) for name in ("lstm-naive", "lstm"))
    for each, moves in ((naive, True), (right, False)):
        rows = [each.encode(text) for text in TEXTS]
        change = np.abs(each.predict_rows(rows, pads=30) - each.predict_rows(rows)).max()
        assert (change > 1e-5) == moves


def test_what_it_weighs_by_hand():
    each = predictor("bag-of-words", classes=3)
    words = VOCABULARY.size * SIZES.width
    assert each.embedding_parameters == words
    assert each.parameters == words + (SIZES.width + 1) * 3
    assert each.megabytes == 4 * each.parameters / 1e6


def test_the_majority_answers_with_the_shares_of_the_classes_by_hand():
    majority = MajorityPredictor([0, 2, 2, 2], classes=4)
    np.testing.assert_array_equal(majority.predict(["a", "b"]), [[0.25, 0, 0.75, 0]] * 2)
    assert majority.predict([]).shape == (0, 4)
    assert (majority.parameters, majority.embedding_parameters) == (4, 0)
    assert majority.megabytes == 16e-6
