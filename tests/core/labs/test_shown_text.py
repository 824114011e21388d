"""The gates can be read over a text that a person chose."""

import pytest

from core.errors import TextError
from core.labs.config import GradientFlowConfig
from core.labs.gradient_flow import run

TEXT = "To be, or not to be: that is the question. " * 40


def gates_over(probe_text):
    config = GradientFlowConfig(
        task="language-model",
        corpus="own",
        models=("lstm",),
        hidden=16,
        lag=20,
        updates=2,
        probe_text=probe_text,
        device="cpu",
    )
    return [event for event in run(config, text=TEXT) if event.kind == "array"]


def test_the_chosen_text_is_what_the_heatmap_shows():
    last = gates_over("not to be")[-1]
    assert last.labels["symbol"] == list("not to be")
    assert last.array.shape == (16, 9)


def test_without_a_choice_the_held_out_text_is_shown():
    assert gates_over("")[-1].array.shape == (16, 20)


def test_one_character_is_refused_in_a_sentence():
    with pytest.raises(TextError, match="1 character; give at least 2"):
        gates_over("x")
