"""What a page shows beside a sentiment run's tables: by hand, and of nothing."""

from core.labs.sentiment_shown import (
    best_model,
    confusion_matrix,
    cut_sentence,
    epoch_means,
    negation_counts,
    part_size,
    shootout_rows,
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


def test_texts_that_a_cap_cuts_are_counted():
    lengths = {"words": [0, 10], "count": [90, 10], "kept": [90, 5], "cap": [15, 15]}
    assert cut_sentence(lengths) == "5 of 100 texts (5%) are longer and are cut there."
    assert cut_sentence(lengths | {"kept": [90, 10]}) == "All 100 texts are read whole."
    assert cut_sentence({}) == "All 0 texts are read whole."


def test_a_part_has_as_many_texts_as_its_classes_together():
    data = {"part": ["train", "test", "test"], "class": ["a", "a", "b"], "count": [8, 2, 3]}
    assert part_size(data, "test") == 5
    assert part_size({}, "test") == 0


def test_a_table_of_models_is_one_dict_a_model():
    table = {"model": ["lstm", "cnn"], "accuracy": [0.7, None]}
    assert shootout_rows(table) == [
        {"model": "lstm", "accuracy": 0.7},
        {"model": "cnn", "accuracy": None},
    ]
    assert shootout_rows({}) == []
