import sys
from itertools import pairwise

import numpy as np
import pytest

from core.errors import DataMissingError
from core.models.nb_svm import NbSvm, is_installed

TEXTS = [
    "good film",
    "good fun , good film",
    "bad film",
    "bad and dull",
    "neither here nor there",
    "not bad",
]
LABELS = [1, 1, 0, 0, 2, 2]
pytestmark = pytest.mark.skipif(not is_installed(), reason="needs scikit-learn")


def two_classes():
    return NbSvm.fit(TEXTS[:4], LABELS[:4], 2)


def three_classes():
    return NbSvm.fit(TEXTS, LABELS, 3)


def features(text):
    words = text.split()
    return {*words, *(f"{one} {other}" for one, other in pairwise(words))}


def ratios_by_hand(texts, labels, label):
    """Return the ratio of each feature: its share of all in the class over that outside."""
    known = sorted(set().union(*map(features, texts)))
    counts = {}
    for is_inside in (True, False):
        rows = [
            features(t)
            for t, each in zip(texts, labels, strict=True)
            if (each == label) == is_inside
        ]
        found = np.array([1 + sum(feature in row for row in rows) for feature in known])
        counts[is_inside] = found / found.sum()
    return dict(zip(known, np.log(counts[True] / counts[False]), strict=True))


def test_the_ratio_of_a_feature_by_hand():
    # good, film, good film against bad, film, bad film; one is added to each of five
    ratios = ratios_by_hand(["good film", "bad film"], [1, 0], 1)
    assert ratios["good"] == pytest.approx(np.log(2))
    assert ratios["bad film"] == pytest.approx(-np.log(2))
    assert ratios["film"] == 0


@pytest.mark.parametrize("label", [0, 1, 2])
def test_a_weight_is_a_ratio_times_what_a_linear_model_makes_of_it(label):
    from sklearn.linear_model import LogisticRegression

    ratios = ratios_by_hand(TEXTS, LABELS, label)
    rows = np.array([[ratios[f] * (f in features(text)) for f in ratios] for text in TEXTS])
    oracle = LogisticRegression(C=1.0, solver="liblinear", random_state=0)
    oracle.fit(rows, np.array(LABELS) == label)
    model = three_classes()
    for feature, weight in zip(ratios, oracle.coef_[0], strict=True):
        at = model.vectorizer.vocabulary_[feature]
        assert model.weights_VC[at, label] == pytest.approx(weight * ratios[feature], abs=1e-9)
    assert model.bias_C[label] == pytest.approx(oracle.intercept_[0])


@pytest.mark.parametrize("build", [two_classes, three_classes])
def test_probabilities_sum_to_one_and_the_texts_that_were_learned_are_right(build):
    model = build()
    count = len(TEXTS) if build is three_classes else 4
    found = model.predict(TEXTS[:count])
    np.testing.assert_allclose(found.sum(1), 1)
    assert found.argmax(1).tolist() == LABELS[:count]


def test_without_a_text_there_is_no_row_and_without_a_known_word_the_prior():
    assert two_classes().predict([]).shape == (0, 2)
    assert three_classes().predict([]).shape == (0, 3)
    unknown = two_classes().predict(["", "xyz"])
    assert unknown[0].tolist() == unknown[1].tolist()


@pytest.mark.parametrize("build", [two_classes, three_classes])
def test_contributions_and_the_bias_sum_to_the_score(build):
    model = build()
    for text in (*TEXTS, "a good and bad film , neither good nor bad", "unknown", ""):
        parts = model.contributions(text)
        total = sum((weights for _, weights in parts), start=np.zeros(model.weights_VC.shape[1]))
        np.testing.assert_allclose(total, model.evidence([text])[0], atol=1e-12)
        sure = 1 / (1 + np.exp(-(total + model.bias_C)))
        expected = [1 - sure[0], sure[0]] if len(sure) == 1 else sure / sure.sum()
        np.testing.assert_allclose(model.predict([text])[0], expected)


def test_contributions_name_known_features_once():
    names = [name for name, _ in two_classes().contributions("Good GOOD film of xyz")]
    assert names == ["good", "film", "good film"]


def test_a_feature_counts_once_a_text():
    once, twice = two_classes().evidence(["good film", "good film good film"])
    known = two_classes().vectorizer.vocabulary_
    assert "film good" not in known
    np.testing.assert_array_equal(once, twice)


def test_a_class_without_a_text_is_never_the_answer():
    model = NbSvm.fit(TEXTS[:4], LABELS[:4], 3)
    found = model.predict([*TEXTS, "xyz"])
    np.testing.assert_array_equal(found[:, 2], 0)
    np.testing.assert_allclose(found.sum(1), 1)
    assert np.isfinite(found).all()
    only = NbSvm.fit(TEXTS[:2], [1, 1], 2).predict(["bad"])
    np.testing.assert_array_equal(only, [[0, 1]])


def test_a_text_that_no_class_wants_has_probabilities_all_the_same():
    model = three_classes()
    model.bias_C = np.array([-2000.0, -2001.0, -2000.0]) - model.evidence(["good"])[0]
    found = model.predict(["good"])[0]
    share = 1 / (2 + np.exp(-1))
    np.testing.assert_allclose(found, [share, share * np.exp(-1), share])


def test_the_same_texts_give_the_same_model():
    one, other = three_classes(), three_classes()
    np.testing.assert_array_equal(one.weights_VC, other.weights_VC)
    np.testing.assert_array_equal(one.bias_C, other.bias_C)


def test_it_has_one_weight_a_feature_and_class_and_no_table_of_words():
    model = three_classes()
    known = set().union(*map(features, TEXTS))
    assert model.parameters == 3 * len(known) + 3
    assert model.embedding_parameters == 0
    assert model.megabytes == 4 * model.parameters / 1e6


def test_without_scikit_learn_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)  # as `import sklearn` finds it
    assert not is_installed()
    with pytest.raises(DataMissingError, match="run `pip install scikit-learn`"):
        two_classes()
