"""Sentences about scores that are written down here."""

import math

import numpy as np
import pytest

from core.labs.length_board import LengthBoard, Trial
from core.labs.length_config import LENGTHS, LengthConfig
from core.labs.length_scores import POSITIONS
from core.labs.length_words import describe_length

SEEDS = np.array([-0.01, 0.0, 0.01])[:, None, None]


def board(scores_P, *, name="lstm-bias", is_share=True, seeds=3, **settings):
    config = LengthConfig(seeds=seeds, **settings)
    made = LengthBoard(config=config, is_share=is_share, is_better_high=is_share, is_exact=is_share)
    scores_SPN = np.array(scores_P)[None, :, None] + SEEDS[:seeds] + np.zeros((1, 1, 4))
    made.take_trained(name, scores_SPN, updates=600, seconds=3.0)
    return made


def falling(start, *, before=0.97, after=0.2):
    return [before if position < start else after for position in POSITIONS]


def trial(made, remedy, score, *, budget="updates", compared="control", noise=0.0, note=""):
    scores_SLN = np.full((3, len(LENGTHS), 4), score) + noise * SEEDS
    made.trials.append(
        Trial(
            remedy=remedy,
            label=remedy.capitalize(),
            kind="training",
            model="lstm-bias",
            budget=budget,
            scores_SLN=scores_SLN,
            updates=1200,
            seconds=6.0,
            compared=compared,
            reference_SLN=np.full((3, len(LENGTHS), 4), 0.2) + SEEDS,
            note=note,
        )
    )


def test_one_that_falls_says_from_where_on():
    (sentence,) = describe_length(board(falling(150)))
    assert sentence.startswith("LSTM forget bias: 97.0 % (94.5 % to 99.5 %) at 100 steps, 20.0 %")
    assert sentence.endswith("at 500: it fails from 150 steps on, beyond what it was trained on.")


def test_one_that_falls_within_the_trained_lengths_is_not_said_to_fail_beyond():
    (sentence,) = describe_length(board(falling(80)))
    assert sentence.endswith("it fails from 80 steps on.")


def test_one_that_holds_says_on_what_it_was_trained():
    (sentence,) = describe_length(board(falling(900)))
    assert sentence.endswith("it holds, trained on 50 to 100.")


def test_one_that_has_not_learned_is_not_said_to_fail_with_length():
    (sentence,) = describe_length(board(falling(0)))
    assert sentence.endswith("it has not learned the lengths it was trained on yet.")


def test_no_answer_is_said_plainly():
    scores = [0.97 if position <= 201 else math.nan for position in POSITIONS]
    (sentence,) = describe_length(board(scores, name="transformer", models=("transformer",)))
    assert "at 300 steps it has no answer, its table of positions has ended." in sentence


def test_nothing_but_no_answer_is_a_training_that_diverged():
    (sentence,) = describe_length(board([math.nan for _ in POSITIONS]))
    assert sentence == "LSTM forget bias: no answer at any length; its training diverged."


def test_a_loss_is_told_in_nats():
    flat = [2.0 for _ in POSITIONS]
    (sentence,) = describe_length(board(flat, is_share=False, task="language-model"))
    assert sentence.startswith("LSTM forget bias: 2.00 nats at 100 steps, 2.00 nats at 500")


def test_verdicts_stand_together_with_their_differences():
    made = board(falling(150))
    trial(made, "control", 0.5, compared="base", noise=1.0)
    trial(made, "control", 0.5, compared="base", budget="compute", noise=1.0)
    trial(made, "longer", 0.6, noise=1.0)
    trial(made, "longer", 0.1, budget="compute", noise=1.0)
    trial(made, "shorter", 0.0, budget="compute", noise=1.0)
    trial(made, "same", 0.2, noise=1.0)
    trial(made, "noisy", 0.4, noise=30.0)
    words = describe_length(made)
    assert words[1:4] == [
        "What helps at 500 steps: Control (+30 points) and Longer (+40 points at equal updates).",
        "What does not help here at 500 steps: Same (+0 points at equal updates) and Noisy (+20 "
        "points at equal updates, not sure).",
        "What hurts at 500 steps: Longer (\N{MINUS SIGN}10 points at equal compute) and Shorter "
        "(\N{MINUS SIGN}20 points at equal compute).",
    ]
    assert words[4].startswith("What helps at 200 steps: ")


@pytest.mark.parametrize(("seeds", "said"), [(1, True), (3, False)])
def test_one_seed_is_warned_of(seeds, said):
    words = describe_length(board(falling(150), seeds=seeds))
    assert any(sentence.startswith("One seed: ") for sentence in words) == said
