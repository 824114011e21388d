import numpy as np
import pytest
from small_classifiers import LABELS, NEURAL, TEXTS, assert_untouched, small, untouched

from core.data.labelled import words_of
from core.diagnostics.word_order import IDIOMS, PROBES, negation_columns, word_order_columns


class FirstWord:
    """Says positive, nine times in ten, of a text that begins with "good"."""

    def predict(self, texts):
        positive = np.array([0.9 if text.split()[:1] == ["good"] else 0.1 for text in texts])
        return np.stack([1 - positive, positive], 1)


class SeesNot:
    """Knows ten good words, and that "not" turns them."""

    def predict(self, texts):
        words = [set(text.split()) for text in texts]
        good = [bool(each & {"good", "great", "funny"}) for each in words]
        turned = [is_good != ("not" in each) for is_good, each in zip(good, words, strict=True)]
        positive = np.where(turned, 0.8, 0.2)
        return np.stack([1 - positive, positive], 1)


def test_orders_are_compared_by_hand():
    found = word_order_columns(FirstWord(), ["Good film", "dull"], [1, 0], most_words=9)
    assert found["probe"] == list(PROBES)
    assert found["n"] == [2, 2, 2]
    assert found["accuracy"][0] == 1
    assert found["accuracy"][2] == found["flips"][2] == 0.5
    assert found["largest_change"] == pytest.approx([0, found["largest_change"][1], 0.8])


def test_a_bag_of_words_does_not_change_by_a_bit():
    long = " ".join(TEXTS) * 9
    found = word_order_columns(
        small("bag-of-words"), [*TEXTS, long], [*LABELS, 1], most_words=40, seed=5
    )
    assert found["flips"] == found["largest_change"] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("name", [name for name in NEURAL if name != "bag-of-words"])
def test_every_other_model_may_change_and_only_the_order_does(name):
    predictor = small(name)
    predictor.model.train()
    before = untouched(predictor)
    found = word_order_columns(predictor, TEXTS, LABELS, most_words=40, seed=1)
    assert found["largest_change"][0] == found["flips"][0] == 0
    assert min(found["largest_change"][1:]) > 0
    assert_untouched(predictor, before)


def test_what_is_cut_off_does_not_come_back_in_another_order():
    class Keeps:
        seen = ()

        def predict(self, texts):
            self.seen += (sorted(words_of(texts[0])),)
            return np.full((len(texts), 2), 0.5)

    keeps = Keeps()
    word_order_columns(keeps, ["one two three four five"], [0], most_words=3)
    assert keeps.seen == (["one", "three", "two"],) * 3


def test_the_seed_decides_how_words_are_shuffled():
    def shuffled(seed):
        return word_order_columns(small("lstm"), TEXTS, LABELS, most_words=40, seed=seed)

    assert shuffled(1) == shuffled(1)
    assert shuffled(1) != shuffled(2)


def test_no_texts_are_no_rows():
    found = word_order_columns(FirstWord(), [], [], most_words=9)
    assert found == {n: [] for n in ("probe", "n", "accuracy", "flips", "largest_change")}


def test_negations_are_judged_by_hand():
    found = negation_columns(SeesNot(), ("negative", "positive"))
    rows = {plain: at for at, plain in enumerate(found["plain"])}
    good, moving, dull = (rows[f"the film is {word}"] for word in ("good", "moving", "dull"))
    assert found["negated"][good] == "the film is not good"
    assert [found["polarity"][at] for at in (good, moving, dull)] == [
        "positive",
        "positive",
        "negative",
    ]
    assert found["plain_right"][good]
    assert found["negated_right"][good]
    assert not found["plain_right"][moving]
    assert not found["negated_right"][moving]
    assert all(found["flips"][at] for at in (good, moving, dull))
    assert found["probability_plain"][good] == pytest.approx(0.8)
    assert found["probability_negated"][good] == pytest.approx(0.2)
    assert not found["flips"][rows["something is missing"]]
    assert len(found["plain"]) == 20 + len(IDIOMS)


def test_the_order_and_the_case_of_the_classes_do_not_matter():
    class Turned(SeesNot):
        def predict(self, texts):
            return super().predict(texts)[:, ::-1]

    expected = negation_columns(SeesNot(), ("negative", "positive"))
    assert negation_columns(Turned(), ("Positive", "NEGATIVE")) == expected


@pytest.mark.parametrize("classes", [("spam", "ham"), ("negative", "neutral", "positive")])
def test_other_classes_have_no_polarity_and_no_rows(classes):
    found = negation_columns(SeesNot(), classes)
    assert set(found) >= {"plain", "negated", "polarity", "flips", "probability_negated"}
    assert all(column == [] for column in found.values())
