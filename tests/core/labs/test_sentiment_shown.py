"""What a page shows beside a sentiment run's tables: by hand, and of nothing."""

from core.labs.sentiment_shown import (
    best_model,
    confusion_matrix,
    epoch_means,
    negation_counts,
)


def test_the_best_is_the_one_that_the_others_are_compared_with():
    table = {
        "model": ["cnn", "lstm", "rnn"],
        "difference": [-0.01, 0.0, None],
        "difference_low": [-0.03, None, None],
    }
    assert best_model(table) == "lstm"
    assert best_model({**table, "difference": [None] * 3}) is None
    assert best_model({}) is None


def test_an_equal_of_the_best_is_not_the_best():
    table = {"model": ["cnn", "lstm"], "difference": [0.0, 0.0], "difference_low": [-0.01, None]}
    assert best_model(table) == "lstm"


def test_the_mean_of_an_epoch_is_over_the_folds_that_came_so_far():
    epochs = {"epoch": [1, 2, 1, 3], "dev_accuracy": [0.6, 0.7, 0.8, None]}
    assert epoch_means(epochs) == {
        "epoch": [1, 2],
        "dev_accuracy": [0.7, 0.7],
        "folds": [2, 1],
    }
    assert epoch_means({}) == {"epoch": [], "dev_accuracy": [], "folds": []}


def test_a_confusion_is_a_matrix_and_each_row_has_its_shares():
    table = {
        "reference": ["a", "a", "b", "b"],
        "predicted": ["a", "b", "a", "b"],
        "count": [3, 1, 0, 0],
    }
    found = confusion_matrix(table)
    assert found.classes == ["a", "b"]
    assert found.counts == [[3, 1], [0, 0]]
    assert found.shares == [[0.75, 0.25], [0.0, 0.0]], "a class without a text has no shares"
    assert confusion_matrix({}) == ([], [], [])


def test_pairs_of_a_negation_are_counted():
    table = {
        "plain": ["x", "y", "z"],
        "plain_right": [True, True, False],
        "negated_right": [True, False, False],
        "flips": [True, False, False],
    }
    assert negation_counts(table) == {
        "pairs": 3,
        "plain_right": 2,
        "negated_right": 1,
        "flips": 1,
    }
    assert negation_counts({}) == {"pairs": 0, "plain_right": 0, "negated_right": 0, "flips": 0}
