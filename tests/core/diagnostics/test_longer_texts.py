import numpy as np
import pytest
from small_classifiers import LABELS, NEURAL, TEXTS, assert_untouched, small, untouched

from core.diagnostics.longer_texts import LENGTHS, joined_texts, longer_columns
from core.metrics.classification import wilson_interval

BY_LABEL = (["no no", "bad worse worst", "dull"], ["yes yes yes", "good better best so"])
PAIRS = [(text, label) for label, some in enumerate(BY_LABEL) for text in some]
SHORT, WANTED = [text for text, _ in PAIRS], [label for _, label in PAIRS]


class Counts:
    """Says class 1 of texts with more than 30 words, and remembers their lengths."""

    def __init__(self):
        self.lengths = []

    def predict(self, texts):
        words = np.array([len(text.split()) for text in texts])
        self.lengths.append(set(words.tolist()))
        return np.stack([words <= 30, words > 30], 1).astype(float)


def test_texts_are_as_long_as_asked_and_of_one_label():
    joined, labels = joined_texts(SHORT, WANTED, length=25, count=99, seed=0)
    assert len(joined) == len(SHORT)
    assert sorted(labels) == sorted(WANTED)
    for text, label in zip(joined, labels, strict=True):
        assert len(text.split()) == 25
        assert set(text.split()) <= set(" ".join(BY_LABEL[label]).split())


def test_a_longer_text_is_cut_and_a_text_without_words_left_out():
    joined, labels = joined_texts(["one two three four", " "], [1, 0], length=2, count=9, seed=0)
    assert (joined, labels) == (["one two"], [1])


def test_accuracy_by_length_by_hand():
    counts = Counts()
    found = longer_columns(counts, SHORT, WANTED, words=(20, 50), count=4)
    assert counts.lengths == [{20}, {50}]
    assert found["words"] == [20, 50]
    assert found["n"] == [4, 4]
    for at, is_right in enumerate((0, 1)):
        _, labels = joined_texts(SHORT, WANTED, length=(20, 50)[at], count=4, seed=0)
        right = labels.count(is_right)
        assert found["accuracy"][at] == right / 4
        interval = (found["accuracy_low"][at], found["accuracy_high"][at])
        assert interval == wilson_interval(right, 4)


@pytest.mark.parametrize("name", NEURAL)
def test_a_neural_model_reads_beyond_the_words_it_cuts_at(name):
    predictor = small(name, most_words=5, pad_to=5)
    before = untouched(predictor)
    found = longer_columns(predictor, TEXTS, LABELS, words=(30,))
    assert_untouched(predictor, before)
    joined, labels = joined_texts(TEXTS, LABELS, length=30, count=120, seed=0)
    whole = predictor.up_to(30).predict(joined)
    assert np.abs(whole - predictor.predict(joined)).max() > 1e-3
    assert found["accuracy"] == [np.mean(whole.argmax(1) == labels)]
    assert predictor.most_words == 5


def test_the_seed_decides_the_texts():
    first = joined_texts(SHORT, WANTED, length=30, count=3, seed=1)
    assert first == joined_texts(SHORT, WANTED, length=30, count=3, seed=1)
    assert first != joined_texts(SHORT, WANTED, length=30, count=3, seed=2)


def test_no_texts_are_no_rows():
    found = longer_columns(Counts(), [], [], words=LENGTHS)
    assert found == {n: [] for n in ("words", "n", "accuracy", "accuracy_low", "accuracy_high")}
