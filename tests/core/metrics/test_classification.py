import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from core.metrics.classification import (
    LENGTH_EDGES,
    Interval,
    LengthAccuracy,
    accuracy_by_length,
    accuracy_interval,
    by_length_columns,
    confident_errors,
    confusion_columns,
    confusion_counts,
    macro_f1,
    wilson_interval,
)

NONE = np.zeros(0, dtype=np.int64)


def drawn_labels(seed, classes, texts=60):
    random = np.random.default_rng(seed)
    return random.integers(classes, size=texts), random.integers(classes, size=texts)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_that_of_newcombes_table(right, n, low, high):
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3
    assert wilson_interval(right, n) == pytest.approx((low, high), abs=5e-5)


def test_wilsons_interval_ends_where_the_share_is_1_96_standard_errors_away():
    for bound in wilson_interval(30, 40):
        assert abs(0.75 - bound) == pytest.approx(1.959964 * (bound * (1 - bound) / 40) ** 0.5)


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_wilsons_interval_holds_the_share_and_stays_inside_0_to_1(n):
    for right in range(n + 1):
        low, high = wilson_interval(right, n)
        assert 0 <= low <= right / n <= high <= 1
        assert (1 - high, 1 - low) == pytest.approx(wilson_interval(n - right, n))


def test_a_share_of_nothing_has_no_interval():
    assert wilson_interval(0, 0) == (None, None)


def test_folds_that_vary_more_than_their_texts_allow_widen_the_interval():
    found = accuracy_interval([600, 750, 900], [1000, 1000, 1000])
    assert found.accuracy == 0.75
    assert found.fold_sd == pytest.approx(0.15)
    reach = 1.959964 * 0.15 / 3**0.5
    assert (found.low, found.high) == pytest.approx((0.75 - reach, 0.75 + reach))


def test_folds_that_agree_by_luck_do_not_narrow_it_below_what_the_texts_allow():
    found = accuracy_interval([75, 75, 75], [100, 100, 100])
    assert (found.accuracy, found.fold_sd) == (0.75, 0)
    assert (found.low, found.high) == pytest.approx(wilson_interval(225, 300))


def test_one_fold_has_wilsons_interval_and_no_spread():
    low, high = wilson_interval(80, 100)
    assert accuracy_interval([80], [100]) == Interval(0.8, pytest.approx(low), high, None)
    assert accuracy_interval([80, 0], [100, 0]) == accuracy_interval([80], [100])


def test_the_interval_of_folds_far_apart_ends_at_0_and_1():
    found = accuracy_interval([0, 10], [10, 10])
    assert (found.accuracy, found.low, found.high) == (0.5, 0, 1)


@pytest.mark.parametrize("n_by_fold", [[], [0], [0, 0]])
def test_the_accuracy_of_nothing_is_none(n_by_fold):
    assert accuracy_interval([0] * len(n_by_fold), n_by_fold) == Interval()


def test_the_interval_holds_the_true_accuracy_about_as_often_as_it_says():
    random = np.random.default_rng(0)
    held = 0
    for right in random.binomial(200, 0.76, size=(500, 3)).tolist():
        found = accuracy_interval(right, [200] * 3)
        held += found.low <= 0.76 <= found.high
    assert held / 500 >= 0.93


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_confusion_and_macro_f1_are_scikit_learns(classes):
    for seed in range(10):
        predicted, labels = drawn_labels(seed, classes, texts=5 + 5 * seed)
        counts = confusion_counts(predicted, labels, classes)
        assert (counts == confusion_matrix(labels, predicted, labels=range(classes))).all()
        expected = f1_score(labels, predicted, average="macro")
        assert macro_f1(predicted, labels, classes) == pytest.approx(expected)


def test_macro_f1_by_hand_counts_a_class_never_predicted_as_0_and_leaves_out_one_never_seen():
    predicted, labels = np.array([0, 0, 0, 0]), np.array([0, 0, 0, 1])
    assert macro_f1(predicted, labels, 2) == pytest.approx((6 / 7 + 0) / 2)
    assert macro_f1(predicted, labels, 9) == macro_f1(predicted, labels, 2)


def test_macro_f1_of_nothing_is_none_and_its_confusion_empty():
    assert macro_f1(NONE, NONE, 2) is None
    assert confusion_counts(NONE, NONE, 2).tolist() == [[0, 0], [0, 0]]


def test_a_confusion_is_a_row_for_every_pair_of_classes():
    counts = confusion_counts(np.array([1, 1, 0]), np.array([0, 0, 1]), 2)
    assert confusion_columns(counts, ("bad", "good")) == {
        "reference": ["bad", "bad", "good", "good"],
        "predicted": ["bad", "good", "bad", "good"],
        "count": [0, 2, 1, 0],
    }
    assert confusion_columns(np.zeros((0, 0), dtype=np.int64), ()) == {
        "reference": [],
        "predicted": [],
        "count": [],
    }


def test_accuracy_by_length_by_hand():
    lengths = np.array([0, 1, 10, 11, 20, 401])
    right = np.array([True, False, True, True, True, False])
    assert accuracy_by_length(right, lengths) == [
        LengthAccuracy(1, 10, 3, 2 / 3, *wilson_interval(2, 3)),
        LengthAccuracy(11, 20, 2, 1.0, *wilson_interval(2, 2)),
        LengthAccuracy(401, None, 1, 0.0, *wilson_interval(0, 1)),
    ]


def test_every_text_is_in_the_one_bin_of_its_length():
    random = np.random.default_rng(1)
    lengths, right = random.integers(1, 500, size=900), random.random(900) < 0.7
    rows = accuracy_by_length(right, lengths)
    assert [row.high for row in rows] == [*LENGTH_EDGES, None]
    for row in rows:
        is_in = (lengths >= row.low) & (lengths <= (row.high or np.inf))
        assert (row.n, row.accuracy) == (is_in.sum(), pytest.approx(right[is_in].mean()))


def test_the_table_by_length_has_the_same_columns_when_it_is_empty():
    names = ["low", "high", "n", "accuracy", "accuracy_low", "accuracy_high"]
    assert by_length_columns(NONE.astype(bool), NONE) == {name: [] for name in names}
    one = by_length_columns(np.array([True]), np.array([5]), edges=(5,))
    assert list(one) == names
    assert (one["low"], one["high"], one["n"]) == ([1], [5], [1])


def test_confident_errors_begin_with_the_surest_and_equals_stay_in_order():
    probabilities = np.array([[0.4, 0.6], [0.9, 0.1], [0.3, 0.7], [0.2, 0.8], [0.7, 0.3]])
    labels = np.array([0, 1, 1, 0, 1])
    assert confident_errors(probabilities, labels) == [1, 3, 4, 0]
    assert confident_errors(probabilities, labels, most=2) == [1, 3]
    assert confident_errors(np.full((30, 2), 0.5), np.ones(30, dtype=np.int64)) == list(range(20))
    assert confident_errors(np.zeros((0, 2)), NONE) == []


def test_what_was_given_is_left_as_it_was():
    predicted, labels = drawn_labels(2, 3)
    probabilities = np.eye(3)[predicted] * 0.8 + 0.2 / 3
    given = [predicted, labels, probabilities]
    before = [values.copy() for values in given]
    confusion_counts(predicted, labels, 3)
    macro_f1(predicted, labels, 3)
    confident_errors(probabilities, labels)
    accuracy_by_length(predicted == labels, labels)
    assert all((now == then).all() for now, then in zip(given, before, strict=True))
