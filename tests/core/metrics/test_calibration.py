from itertools import pairwise

import numpy as np
import pytest

from core.metrics.calibration import (
    ReliabilityBin,
    calibration_columns,
    expected_calibration_error,
    reliability,
)

NOTHING = (np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
NAMES = ["low", "high", "confidence", "accuracy", "n", "ece"]


def binary(*positive):
    """Return probabilities of two classes whose second has these."""
    return np.array([[1 - p, p] for p in positive])


def drawn(seed, texts=400, classes=3):
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(classes), size=texts)
    return probabilities, random.integers(classes, size=texts)


def test_bins_by_hand():
    rows = reliability(binary(0.9, 0.85, 0.25, 0.95), np.array([1, 0, 0, 1]))
    assert rows == [
        ReliabilityBin(0.7, 0.8, 0.75, 1, 1),
        ReliabilityBin(0.8, 0.9, pytest.approx(0.875), 0.5, 2),
        ReliabilityBin(0.9, 1, 0.95, 1, 1),
    ]
    expected = (1 * 0.25 + 2 * 0.375 + 1 * 0.05) / 4
    assert expected_calibration_error(rows) == pytest.approx(expected)


@pytest.mark.parametrize("tenth", range(1, 11))
def test_a_probability_on_a_bound_is_in_the_bin_that_ends_there(tenth):
    rows = reliability(np.array([[tenth / 10, 0.0]]), np.array([0]))
    assert [(row.low, row.high) for row in rows] == [((tenth - 1) / 10, tenth / 10)]


@pytest.mark.parametrize("bins", [1, 7, 10, 15])
@pytest.mark.parametrize("seed", range(3))
def test_the_error_is_that_of_guos_sum_over_the_answers_of_each_bin(seed, bins):
    probabilities, labels = drawn(seed)
    expected = 0.0
    for m in range(1, bins + 1):
        members = [
            (max(row), list(row).index(max(row)) == label)
            for row, label in zip(probabilities, labels, strict=True)
            if (m - 1) / bins < max(row) <= m / bins
        ]
        if members:
            confidence, accuracy = np.mean(members, axis=0)
            expected += len(members) / len(labels) * abs(accuracy - confidence)
    rows = reliability(probabilities, labels, bins)
    assert expected_calibration_error(rows) == pytest.approx(expected)


def test_every_answer_is_in_one_bin_and_the_bins_rise():
    probabilities, labels = drawn(5)
    rows = reliability(probabilities, labels)
    assert sum(row.n for row in rows) == len(labels)
    assert all(row.low < row.confidence <= row.high for row in rows)
    assert all(a.high <= b.low for a, b in pairwise(rows))


def test_an_answer_that_is_always_sure_errs_by_its_share_of_errors():
    rows = reliability(np.tile([0.0, 1.0], (8, 1)), np.array([1] * 6 + [0] * 2))
    assert expected_calibration_error(rows) == 0.25


def test_a_model_that_says_what_it_knows_has_nearly_no_error():
    random = np.random.default_rng(0)
    positive = random.random(50_000)
    labels = (random.random(50_000) < positive).astype(np.int64)
    assert expected_calibration_error(reliability(binary(*positive), labels)) < 0.01


def test_the_table_repeats_the_error_in_each_row_and_has_its_columns_when_empty():
    columns = calibration_columns(*drawn(1))
    assert list(columns) == NAMES
    error = expected_calibration_error(reliability(*drawn(1)))
    assert columns["ece"] == [error] * len(columns["n"])
    assert calibration_columns(*NOTHING) == {name: [] for name in NAMES}


def test_nothing_has_no_bins_and_no_error():
    assert reliability(*NOTHING) == []
    assert expected_calibration_error([]) is None


def test_what_was_given_is_left_as_it_was():
    given = drawn(2)
    calibration_columns(*given)
    assert all((now == then).all() for now, then in zip(given, drawn(2), strict=True))
