import json

import pytest
import torch

from core.errors import ConfigError, TextError
from core.labs.config import GradientFlowConfig
from core.labs.config_json import config_to_json
from core.labs.what_if import SHOWN, gates_over_text, gradient_picture


def last(picture, model, name):
    return picture[model][name][-1]


def test_the_lstm_without_forget_bias_vanishes_and_the_textbook_says_more_so():
    pictures = [gradient_picture(forget_bias=0, length=100, seed=seed) for seed in range(3)]
    exact = sum(last(p, "lstm-bias", "exact_c_log10") for p in pictures) / 3
    textbook = sum(last(p, "lstm-bias", "textbook_log10") for p in pictures) / 3
    assert exact == pytest.approx(-21.2, abs=1.0)  # facts: -21.2 and -29.5, three seeds
    assert textbook == pytest.approx(-29.5, abs=1.0)


@pytest.mark.parametrize(("bias", "exact"), [(1.0, -7.7), (2.0, -1.6), (3.0, 0.4)])
def test_a_forget_bias_keeps_the_gradient(bias, exact):
    picture = gradient_picture(forget_bias=bias, length=100)
    assert last(picture, "lstm-bias", "exact_c_log10") == pytest.approx(exact, abs=1.0)


def test_an_orthogonal_rnn_without_input_keeps_its_gradient_and_a_smaller_gain_loses_it():
    still = gradient_picture(input_scale=0, gain=1.0, length=100)
    assert last(still, "rnn-orthogonal", "exact_h_log10") == pytest.approx(0, abs=0.01)
    damped = gradient_picture(input_scale=0, gain=0.9, length=100)
    assert last(damped, "rnn-orthogonal", "exact_h_log10") == pytest.approx(-4.6, abs=0.1)
    loud = gradient_picture(input_scale=4.0, gain=1.5, length=100)
    assert last(loud, "rnn-orthogonal", "exact_h_log10") < -2


def test_the_forget_bias_is_the_grus_update_bias():
    short = gradient_picture(forget_bias=0, length=50)
    long = gradient_picture(forget_bias=2, length=50)
    assert last(long, "gru", "exact_h_log10") == pytest.approx(-2.4, abs=0.7)
    assert last(short, "gru", "exact_h_log10") < -8


def test_the_columns_start_at_1_and_are_strict_json():
    picture = gradient_picture(length=10, hidden=16)
    assert list(picture) == list(SHOWN)
    for columns in picture.values():
        assert columns["distance"] == list(range(11))
        assert columns["exact_h_log10"][0] == pytest.approx(0, abs=1e-9)
    json.dumps(picture, allow_nan=False)


def test_the_same_question_has_the_same_answer_and_asks_no_global_generator():
    before = torch.get_rng_state()
    assert gradient_picture(length=10, hidden=16) == gradient_picture(length=10, hidden=16)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("name", "value"),
    [("forget_bias", 11), ("gain", -1), ("input_scale", 11), ("length", 9), ("hidden", 8)],
)
def test_a_setting_out_of_range_is_refused(name, value):
    with pytest.raises(ConfigError, match=f"{name} is {value}; it must be from"):
        gradient_picture(**{name: value})


@pytest.fixture
def trained(flow_run, own_text, tmp_path):
    """Return what `gates_over_text` is asked with after a run: config, weights, its own text."""
    settings = {"task": "language-model", "corpus": "own", "models": ("lstm", "gru")}
    run = flow_run(text=own_text, **settings)
    path = tmp_path / "weights.pt"
    torch.save(run.of("checkpoint", model="lstm")[0].state, path)
    config = GradientFlowConfig(hidden=16, lag=10, updates=20, device="cpu", **settings)
    return {
        "config": config_to_json(config),
        "checkpoint": str(path),
        "model": "lstm",
        "own_text": own_text,
    }


def test_a_trained_model_reads_a_text_and_shows_its_gates(trained):
    shown = gates_over_text(text="the dog§", **trained)
    assert shown["symbol"] == list("the dog§")
    assert shown["unknown"] == 1
    assert len(shown["gate"]) == len(shown["unit"]) == 16
    assert all(len(row) == 8 for row in shown["gate"])
    assert all(0 <= value <= 1 for row in shown["gate"] for value in row)
    assert sorted(shown["closing"]["step"]) == list(range(8))
    means = [sum(row[step] for row in shown["gate"]) / 16 for step in shown["closing"]["step"]]
    assert shown["closing"]["mean_gate"] == pytest.approx(means, abs=1e-4)
    json.dumps(shown, allow_nan=False)


def test_the_gates_are_those_of_the_checkpoint_not_of_the_start(trained, tmp_path):
    shown = gates_over_text(text="the dog", **trained)
    state = torch.load(trained["checkpoint"], weights_only=True)
    state["recurrent.bias_ih_l0"][16:32] = 100.0
    torch.save(state, tmp_path / "open.pt")
    opened = gates_over_text(text="the dog", **{**trained, "checkpoint": str(tmp_path / "open.pt")})
    assert all(value == 1 for row in opened["gate"] for value in row)
    assert shown["gate"] != opened["gate"]


@pytest.mark.parametrize("text", ["", "a", "a" * 401])
def test_a_text_too_short_or_too_long_is_refused_by_its_length(trained, text):
    with pytest.raises(TextError, match=f"The text has {len(text)} characters; give 2 to 400"):
        gates_over_text(text=text, **trained)


def test_a_model_of_numbers_reads_no_text(trained):
    config = config_to_json(GradientFlowConfig())
    with pytest.raises(ConfigError, match="trained on numbers; train the language model"):
        gates_over_text(text="abc", **{**trained, "config": config})
