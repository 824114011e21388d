from dataclasses import replace

import numpy as np
import pytest

from core.data.folds import Fold
from core.data.labelled import Example
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial
from core.labs.sentiment_scores import MOST_CHARACTERS, MOST_ERRORS, FoldAnswers, Scoreboard
from core.metrics.classification import wilson_interval

SHOOTOUT = (
    *("model", "label", "state", "note", "folds", "n"),
    *("accuracy", "accuracy_low", "accuracy_high", "fold_sd", "macro_f1", "errors"),
    *("more_errors", "tie", "difference", "difference_low", "difference_high"),
    *("parameters", "embedding_parameters", "other_parameters", "megabytes", "train_seconds"),
    *("p50_1", "p95_1", "p50_8", "p95_8", "p50_32", "p95_32", "frontier"),
)
KNOWN_AT_ONCE = {"model", "label", "state", "note", "folds", "n", "frontier"}
MODELS = ("majority", "lstm", "cnn", "pretrained-top")


def material(*sizes, classes=("negative", "positive")):
    """Return folds of so many test texts; labels take turns, text i has i % 30 + 1 words."""
    folds = []
    for fold, size in enumerate(sizes):
        test = tuple(
            Example(" ".join([f"w{fold}"] * (at % 30 + 1)), at % len(classes)) for at in range(size)
        )
        folds.append(Fold(train=(), dev=(), test=test))
    return SentimentMaterial(
        classes=classes, folds=tuple(folds), citation="", lengths=(1,), notes=()
    )


def board(*sizes, models=MODELS, **options):
    return Scoreboard(
        SentimentConfig(models=models, folds=max(1, len(sizes))), material(*sizes, **options)
    )


def answers(fold, size, *, wrong, classes=2, sure=0.9, seconds=1.0, **fields):
    """Return answers of which those at the places of `wrong` are wrong, by one label."""
    probabilities = np.full((size, classes), (1 - sure) / (classes - 1))
    for at in range(size):
        probabilities[at, (at + (at in wrong)) % classes] = sure
    return FoldAnswers(fold=fold, probabilities_NC=probabilities, seconds=seconds, **fields)


def give(one, name, *wrong, **fields):
    """Give a model's answers to the first folds, the wrong ones of each at these places."""
    for fold, places in enumerate(wrong):
        size = len(one.material.folds[fold].test)
        one.take(name, answers(fold, size, wrong=places, **fields))


def rows(one):
    return {row["model"]: row for row in one.results()}


def test_the_shoot_out_has_the_columns_that_figures_and_commands_read():
    one = board(20)
    give(one, "lstm", range(4))
    event = one.shootout(7)
    assert (event.name, event.model, event.step) == ("shootout", "", 7)
    assert tuple(event.columns) == SHOOTOUT
    assert event.columns["model"] == list(MODELS)
    assert event.columns["label"] == ["Majority class", "LSTM", "CNN", "Pretrained, top 2"]


def test_before_a_model_is_tested_nothing_is_known_of_it():
    for row in board(20).results():
        assert (row["state"], row["folds"], row["n"]) == ("waiting", 0, 0)
        assert row["frontier"] is False
        assert all(row[name] is None for name in SHOOTOUT if name not in KNOWN_AT_ONCE)


def test_one_model_by_hand():
    one = board(20, 10)
    give(one, "lstm", range(4), range(3))
    row = rows(one)["lstm"]
    assert (row["folds"], row["n"], row["errors"]) == (2, 30, 7)
    assert row["accuracy"] == pytest.approx(23 / 30)
    assert row["fold_sd"] == pytest.approx(np.std([0.8, 0.7], ddof=1))
    low, high = wilson_interval(23, 30)
    assert row["accuracy_low"] <= low < high <= row["accuracy_high"]
    # fold 1: 10 of either class, 2 wrong of each: F1 is 0.8
    # fold 2: 2 wrong of five negatives, 1 of five positives: F1 6/9 and 8/11
    assert row["macro_f1"] == pytest.approx((0.8 + (6 / 9 + 8 / 11) / 2) / 2)


def test_alone_a_model_is_the_best_without_an_interval():
    one = board(20)
    give(one, "cnn", range(4))
    row = rows(one)["cnn"]
    assert (row["more_errors"], row["tie"], row["difference"]) == (0, True, 0)
    assert (row["difference_low"], row["difference_high"]) == (None, None)


def test_models_are_compared_with_the_best_on_the_same_texts():
    one = board(400)
    give(one, "cnn", range(40))
    give(one, "lstm", range(43))
    give(one, "majority", range(0, 400, 2))
    found = rows(one)
    assert found["cnn"]["difference"] == 0
    assert found["lstm"]["more_errors"] == 3
    assert found["lstm"]["tie"]
    assert found["lstm"]["difference"] == pytest.approx(-3 / 400)
    assert found["lstm"]["difference_low"] <= found["lstm"]["difference"] <= 0
    assert found["majority"]["more_errors"] == 160
    assert found["majority"]["tie"] is False
    assert found["majority"]["difference_high"] < 0


def test_models_are_compared_over_the_folds_that_all_of_them_have():
    one = board(50, 50)
    give(one, "cnn", range(10), range(50))
    give(one, "lstm", range(12))
    found = rows(one)
    assert found["cnn"]["accuracy"] == pytest.approx(0.4)
    assert found["lstm"]["accuracy"] == pytest.approx(0.76)
    assert (found["cnn"]["more_errors"], found["lstm"]["more_errors"]) == (0, 2)


def test_a_model_that_cannot_be_trained_says_why_and_hinders_no_other():
    one = board(20)
    one.standings["pretrained-top"].state = "unavailable"
    one.standings["pretrained-top"].note = "not installed"
    give(one, "lstm", range(4))
    give(one, "cnn", range(5))
    found = rows(one)
    row = found["pretrained-top"]
    assert (row["state"], row["note"], row["accuracy"]) == ("unavailable", "not installed", None)
    assert (found["lstm"]["difference"], found["cnn"]["more_errors"]) == (0, 1)
    assert list(one.tables("pretrained-top", 1)) == []


def test_a_model_is_done_when_it_has_answered_all_folds():
    one = board(20, 10)
    give(one, "lstm", range(4))
    assert rows(one)["lstm"]["state"] == "training"
    one.take("lstm", answers(1, 10, wrong=()))
    assert rows(one)["lstm"]["state"] == "done"


def test_a_model_that_diverged_says_so_and_answers_the_first_class():
    one = board(20)
    nothing = np.full((20, 2), np.nan)
    one.take("lstm", FoldAnswers(fold=0, probabilities_NC=nothing, seconds=1.0))
    row = rows(one)["lstm"]
    assert row["note"].startswith("It diverged in fold 1: its weights are no numbers")
    assert row["accuracy"] == 0.5
    assert np.isnan(nothing).all()


def test_what_a_model_weighs_and_takes():
    one = board(20, 20)
    give(one, "lstm", range(4), range(4), seconds=3.0)
    standing = one.standings["lstm"]
    standing.answers[1] = answers(1, 20, wrong=(), seconds=5.0)
    standing.parameters, standing.embedding_parameters, standing.megabytes = 100, 70, 0.5
    standing.latency = {1: [0.25, 0.5], 32: [4.0, 8.0]}
    row = rows(one)["lstm"]
    assert (row["parameters"], row["embedding_parameters"], row["other_parameters"]) == (
        100,
        70,
        30,
    )
    assert (row["megabytes"], row["train_seconds"]) == (0.5, 4.0)
    assert [row[f"p50_{b}"] for b in (1, 8, 32)] == [0.25, None, 4.0]
    assert [row[f"p95_{b}"] for b in (1, 8, 32)] == [0.5, None, 8.0]


def test_on_the_frontier_no_other_is_both_faster_and_more_accurate():
    one = board(100)
    for name, wrong, p50 in (
        ("majority", 50, 0.001),
        ("lstm", 30, 0.5),
        ("cnn", 20, 0.25),
        ("pretrained-top", 10, 9.0),
    ):
        give(one, name, range(wrong))
        one.standings[name].latency = {1: [p50, p50]}
    found = rows(one)
    assert {name: row["frontier"] for name, row in found.items()} == {
        "majority": False,  # reads nothing
        "lstm": False,
        "cnn": True,
        "pretrained-top": True,
    }


def tables(one, name):
    return {event.name: event.columns for event in one.tables(name, 3)}


def test_the_tables_of_a_model_that_was_not_tested_are_not_there():
    assert list(board(20).tables("lstm", 0)) == []


def test_the_table_of_folds_by_hand():
    one = board(20, 10)
    give(one, "lstm", range(4), range(10), seconds=2.0, epochs=5, best_epoch=3)
    assert tables(one, "lstm")["folds"] == {
        "fold": [1, 2],
        "accuracy": pytest.approx([0.8, 0]),
        "macro_f1": pytest.approx([0.8, 0]),
        "n": [20, 10],
        "epochs": [5, 5],
        "best_epoch": [3, 3],
        "seconds": [2.0, 2.0],
    }


def test_the_confusion_is_of_all_folds():
    one = board(20, 10)
    give(one, "lstm", (0, 1, 2), (0,))
    assert tables(one, "lstm")["confusion"] == {
        "reference": ["negative", "negative", "positive", "positive"],
        "predicted": ["negative", "positive", "negative", "positive"],
        "count": [12, 3, 1, 14],
    }


def test_calibration_and_lengths_are_of_all_texts():
    one = board(20, 10)
    give(one, "lstm", (0, 1, 2), (0, 5, 9), sure=0.95)
    found = tables(one, "lstm")
    assert found["calibration"]["n"] == [30]
    assert found["calibration"]["accuracy"] == pytest.approx([0.8])
    assert found["calibration"]["ece"] == pytest.approx([0.15])
    assert tuple(found["by_length"]) == (
        *("low", "high", "n", "accuracy", "accuracy_low", "accuracy_high"),
    )
    # ten texts of each fold have up to ten words, and three of either are wrong
    assert found["by_length"]["n"] == [20, 10]
    assert found["by_length"]["accuracy"] == pytest.approx([0.7, 1.0])


def test_the_surest_errors_come_first_with_their_own_texts():
    one = board(6, 4)
    standing = one.standings["lstm"]
    standing.answers += [
        answers(0, 6, wrong=(2,), sure=0.7),
        answers(1, 4, wrong=(3,), sure=0.9),
    ]
    assert tables(one, "lstm")["errors"] == {
        "text": ["w1 w1 w1 w1", "w0 w0 w0"],
        "reference": ["positive", "negative"],
        "predicted": ["negative", "positive"],
        "probability": pytest.approx([0.9, 0.7]),
        "words": [4, 3],
        "fold": [2, 1],
    }


def test_errors_are_few_and_their_texts_are_cut():
    usual = material(200)
    long = Example("word " * 300, 0)
    fold = Fold((), (), (long, *usual.folds[0].test[1:]))
    one = Scoreboard(SentimentConfig(models=MODELS, folds=1), replace(usual, folds=(fold,)))
    give(one, "lstm", range(100))
    errors = tables(one, "lstm")["errors"]
    assert len(errors["text"]) == MOST_ERRORS
    assert max(map(len, errors["text"])) == MOST_CHARACTERS
    assert errors["words"][0] == 300


def test_a_model_without_errors_has_a_table_of_none():
    one = board(20)
    give(one, "lstm", ())
    errors = tables(one, "lstm")["errors"]
    assert set(errors) == {"text", "reference", "predicted", "probability", "words", "fold"}
    assert not any(errors.values())


def test_three_classes_are_scored_as_two():
    one = board(30, classes=("bad", "so-so", "good"))
    give(one, "cnn", range(3), classes=3)
    row = rows(one)["cnn"]
    assert (row["errors"], row["accuracy"]) == (3, pytest.approx(0.9))
    assert row["macro_f1"] == pytest.approx(0.9)
    assert len(tables(one, "cnn")["confusion"]["count"]) == 9
