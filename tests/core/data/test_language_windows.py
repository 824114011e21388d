import math

import pytest
import torch
from torch import nn

from core.data.language import LanguageModeling
from core.errors import TextError

CPU = torch.device("cpu")
TEXT = torch.arange(1000)  # each character stands once, so that a window tells where it is from


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


class Successor(nn.Module):
    """Knows that the next character is the one after: a perfect prediction of `TEXT`."""

    def forward(self, inputs_TB):
        return nn.functional.one_hot(inputs_TB + 1, 1001).float() * 100


class Uniform(nn.Module):
    """Finds every character as likely as every other."""

    def forward(self, inputs_TB):
        return torch.zeros(*inputs_TB.shape, 1001)


@pytest.fixture
def task():
    return LanguageModeling(TEXT, 1001, 20)


def test_the_target_is_the_next_character(task):
    batch = task.batch(6, drawn())
    assert batch.inputs.shape == batch.targets.shape == (20, 6)
    assert torch.equal(batch.targets, batch.inputs + 1)


def test_a_window_is_a_run_of_the_text(task):
    inputs_TB = task.batch(6, drawn()).inputs
    assert torch.equal(inputs_TB, inputs_TB[0] + torch.arange(20)[:, None])


def test_the_same_seed_draws_the_same_windows(task):
    one, same, other = (task.batch(6, drawn(seed)) for seed in (3, 3, 4))
    assert torch.equal(one.inputs, same.inputs)
    assert not torch.equal(one.inputs, other.inputs)


def test_training_never_sees_the_held_out_tenth_and_scores_see_nothing_else(task):
    trained = task.batch(5000, drawn())
    assert int(trained.targets.max()) < 900
    seen = []

    class Watch(Uniform):
        def forward(self, inputs_TB):
            seen.append(inputs_TB)
            return super().forward(inputs_TB)

    task.scores(Watch(), sequences=500, device=CPU)
    assert int(seen[0].min()) >= 900
    assert int(task.probe(sequences=4, device=CPU).inputs.min()) >= 900


def test_every_place_of_the_training_part_can_be_drawn(task):
    starts = set(task.batch(50_000, drawn()).inputs[0].tolist())
    assert starts == set(range(900 - 20 - 1))


def test_the_first_probe_window_starts_the_held_out_part_and_the_last_ends_it(task):
    probe = task.probe(sequences=4, device=CPU)
    assert probe.inputs.shape == (20, 4)
    assert probe.inputs[0, 0] == 900
    assert probe.targets[-1, -1] == 999


def test_a_perfect_prediction_loses_nothing_and_a_uniform_one_the_logarithm(task):
    perfect_T = task.scores(Successor(), sequences=16, device=CPU)
    uniform_T = task.scores(Uniform(), sequences=16, device=CPU)
    assert perfect_T.shape == (40,)
    assert torch.allclose(perfect_T, torch.zeros(40), atol=1e-6)
    assert torch.allclose(uniform_T, torch.full((40,), math.log(1001)))
    batch = task.batch(4, drawn())
    assert task.error_at_lag(Uniform()(batch.inputs), batch) is None  # it has no lag to solve
    assert float(task.loss(Uniform()(batch.inputs), batch)) == pytest.approx(math.log(1001))


@pytest.mark.parametrize("length", [0, 1, 50, 210])
def test_a_text_too_short_says_how_many_characters_it_takes(length):
    with pytest.raises(TextError, match=rf"has {length} characters; windows of 20 need 230"):
        LanguageModeling(torch.zeros(length, dtype=torch.long), 3, 20)


def test_the_length_that_the_message_asks_for_is_enough():
    task = LanguageModeling(torch.zeros(230, dtype=torch.long), 3, 20)
    assert task.batch(2, drawn()).inputs.shape == (20, 2)
    assert task.scores(Tiny(), sequences=2, device=CPU).isfinite().all()
    assert task.probe(sequences=4, device=CPU).inputs.shape == (20, 4)


class Tiny(nn.Module):
    """Finds three characters equally likely."""

    def forward(self, inputs_TB):
        return torch.zeros(*inputs_TB.shape, 3)
