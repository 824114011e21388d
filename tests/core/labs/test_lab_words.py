import math

import pandas as pd
import pytest

from core.labs.config import GradientFlowConfig
from core.labs.tally import SeriesTally
from core.labs.words import describe_flow, power_of_ten
from core.training.events import MarkEvent, SeriesEvent


@pytest.mark.parametrize(
    ("log10", "words"),
    [
        (0.0, "1"),
        (-0.5, "0.32"),
        (2.0, "100"),
        (-21.2, "10⁻²¹"),
        (17.6, "10¹⁸"),
        (-math.inf, "nothing"),
        (math.inf, "infinitely much"),
        (math.nan, "no number (NaN)"),
    ],
)
def test_a_power_of_ten_reads_as_people_write_it(log10, words):
    assert power_of_ten(log10) == words


def flow(textbook, exact_c, exact_h):
    columns = {
        "distance": [0, 50],
        "textbook_log10": [0.0, textbook],
        "exact_c_log10": [0.0, exact_c],
        "exact_h_log10": [0.0, exact_h],
    }
    return pd.DataFrame(columns)


@pytest.mark.parametrize(
    ("textbook", "exact", "words"),
    [
        (-27.0, -20.0, "understates it by 7 orders of magnitude"),
        (-1.0, -2.0, "overstates it by 10 times"),
        (-1.0, -1.1, "is within a factor of 2"),
        (math.nan, -1.0, "not finite"),
    ],
)
def test_the_gap_between_textbook_and_gradient_is_said_with_its_side(textbook, exact, words):
    flows = {"lstm": flow(textbook, exact, -3.0)}
    sentences = describe_flow(GradientFlowConfig(lag=50), flows, SeriesTally())
    assert "50 steps back LSTM default keeps 10⁻³" in sentences[0]
    assert words in sentences[1]


def test_who_won_is_said_for_each_model():
    tally = SeriesTally()
    for model, what in (("lstm", "solved"), ("irnn", "diverged")):
        tally.take(MarkEvent(model=model, step=40, what=what, text=""))
    tally.take(SeriesEvent(model="rnn", columns={"step": [1, 2], "loss": [1.0, 1.0]}))
    flows = {model: flow(-1.0, -1.0, -1.0) for model in ("lstm", "irnn", "rnn")}
    last = describe_flow(GradientFlowConfig(lag=50), flows, tally)[-1]
    assert "LSTM default solved the lag of 50 at update 40" in last
    assert "IRNN (relu, identity) diverged" in last
    assert "RNN has not solved it after 2" in last


def test_a_language_model_has_no_lag_to_solve():
    flows = {"gru": flow(-1.0, math.nan, -1.0)}
    config = GradientFlowConfig(task="language-model")
    assert len(describe_flow(config, flows, SeriesTally())) == 1
