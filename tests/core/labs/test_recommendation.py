import math

import pytest
from shootout_rows import scored, waiting

from core.errors import ConfigError
from core.labs.recommendation import CRITERIA, USUAL_WEIGHTS, recommend

LSTM = scored("lstm", 0.76, best=True, p50_1=0.4, megabytes=4.0, train_seconds=20.0)
CNN = scored("cnn", 0.75, tie=True, more_errors=10, p50_1=0.2, megabytes=4.0, train_seconds=10.0)
BAG = scored("bag-of-words", 0.72, more_errors=40, p50_1=0.04, megabytes=2.0, train_seconds=2.0)
FLOOR = scored("majority", 0.5, more_errors=260, p50_1=0.001, megabytes=1e-6, train_seconds=1e-4)
ROWS = (FLOOR, BAG, LSTM, CNN)


def order(rows=ROWS, **weights):
    return [each.model for each in recommend(rows, weights).ranking]


def said(rows=ROWS, **weights):
    return recommend(rows, weights).sentences


def test_weights_decide():
    assert order(latency=1) == ["bag-of-words", "cnn", "lstm"]
    assert order(training=1) == ["bag-of-words", "cnn", "lstm"]
    assert order(size=1)[0] == "bag-of-words"
    assert order(accuracy=1)[-1] == "bag-of-words"
    assert order(accuracy=1, latency=0.1) == ["cnn", "lstm", "bag-of-words"]
    assert order(accuracy=1, latency=3)[0] == "bag-of-words"


def test_scores_by_hand():
    ranking = recommend(ROWS, {"accuracy": 2, "latency": 1}).ranking
    half = math.log(0.4 / 0.2) / math.log(0.4 / 0.04)
    scores = {each.model: each.score for each in ranking}
    assert scores == pytest.approx(
        {"cnn": (2 * 1 + half) / 3, "lstm": 2 / 3, "bag-of-words": 1 / 3}
    )
    parts = {each.model: each.parts for each in ranking}
    assert parts["cnn"]["latency"] == pytest.approx(half)
    assert set(parts["cnn"]) == set(CRITERIA)


def test_a_tie_with_the_best_counts_as_much_as_the_best():
    parts = {
        each.model: each.parts["accuracy"] for each in recommend(ROWS, {"accuracy": 1}).ranking
    }
    assert parts == {"lstm": 1, "cnn": 1, "bag-of-words": 0}


def test_a_model_between_the_best_and_the_worst_gets_its_part():
    middle = scored("gru", 0.73, more_errors=30)
    parts = {m.model: m.parts for m in recommend([LSTM, middle, BAG], {"accuracy": 1}).ranking}
    assert parts["gru"]["accuracy"] == pytest.approx(0.25)


def test_only_the_proportion_of_weights_counts():
    one, other = (
        recommend(ROWS, {name: scale * weight for name, weight in USUAL_WEIGHTS.items()})
        for scale in (1, 50)
    )
    assert [e.model for e in one.ranking] == [e.model for e in other.ranking]
    assert [e.score for e in one.ranking] == pytest.approx([e.score for e in other.ranking])


@pytest.mark.parametrize("criterion", CRITERIA)
def test_scores_lie_between_0_and_1_and_fall(criterion):
    scores = [each.score for each in recommend(ROWS, {criterion: 2.5, "accuracy": 0.5}).ranking]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_majority_class_is_never_recommended(criterion):
    assert "majority" not in order(**{criterion: 1})
    assert recommend([FLOOR], {criterion: 1}) == recommend([], {criterion: 1})


def test_a_model_alone_is_recommended():
    (only,) = recommend([FLOOR, CNN], USUAL_WEIGHTS).ranking
    assert (only.model, only.score) == ("cnn", 1.0)


def test_of_what_is_not_measured_nothing_is_said():
    assert recommend([waiting("lstm")], {"accuracy": 1}) == recommend([], {"accuracy": 1})
    unmeasured = {**LSTM, "p50_1": None}
    assert order([unmeasured, CNN], accuracy=1, latency=1) == ["cnn"]
    assert order([unmeasured, CNN], accuracy=1) == ["lstm", "cnn"]
    assert set(recommend([unmeasured, CNN], {"accuracy": 1}).ranking[0].parts) == {
        "accuracy",
        "size",
        "training",
    }


def test_the_answer_names_its_own_numbers():
    first, tie, best, following, doubt = said(accuracy=1, latency=0.3)
    assert first == (
        "I would ship CNN: 75.0 % right (73.0 % to 77.0 %) on 1,000 held-out texts, 0.2 ms for "
        "one text, 4 MB, trained in 10 s."
    )
    assert tie == (
        "LSTM is as accurate as far as 1,000 test texts can tell; what decides between them is "
        "cost."
    )
    assert best == (
        "LSTM has 76.0 %, a difference that may be chance, at 0.4 ms a text instead of 0.2."
    )
    assert following.startswith("Next would be LSTM: 76.0 % right")
    assert doubt.startswith("What would convince me otherwise: ")


def test_what_the_cheap_one_costs_in_errors_is_said():
    sentences = said(latency=1)
    assert sentences[0].startswith("I would ship Bag of words: 72.0 % right")
    assert sentences[1] == (
        "LSTM makes 40 errors fewer of 1,000, at 0.4 ms a text instead of 0.04 and 4 MB instead "
        "of 2: choose it where an error costs more than that."
    )


def test_while_the_best_waits_to_be_measured_errors_are_those_of_the_models_that_are():
    unmeasured = {**LSTM, "p50_1": None}
    assert said([unmeasured, CNN, BAG], latency=1)[1].startswith(
        "CNN makes 30 errors fewer of 1,000"
    )


def test_several_ties_are_listed():
    third = scored("gru", 0.755, tie=True, more_errors=5, p50_1=0.5)
    sentences = said([LSTM, CNN, third], accuracy=1, latency=1)
    assert sentences[1].startswith("LSTM and GRU are as accurate as far as 1,000 test texts")


def test_the_most_accurate_is_not_held_against_itself():
    assert [each.split(":")[0] for each in said([LSTM, BAG], accuracy=1)] == [
        "I would ship LSTM",
        "Next would be Bag of words",
        "What would convince me otherwise",
    ]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"accuracy": -1}, "weight of accuracy is -1; weights are from 0 up, of accuracy, latency"),
        ({"accuracy": math.nan}, "weight of accuracy is nan"),
        ({"latency": math.inf}, "weight of latency is inf"),
        ({"beauty": 1}, "weight of beauty is 1; weights are"),
        ({"accuracy": 0, "size": 0}, "All weights are 0, so nothing counts"),
        ({}, "All weights are 0, so nothing counts"),
    ],
)
def test_weights_that_say_nothing_are_refused(weights, message):
    with pytest.raises(ConfigError, match=message):
        recommend(ROWS, weights)
