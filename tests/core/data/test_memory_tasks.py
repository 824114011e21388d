import pytest
import torch
from torch import nn

from core.data.memory import AnalogMemory, DiscreteRecall

CPU = torch.device("cpu")
TASKS = (AnalogMemory(12), DiscreteRecall(12))


class Oracle(nn.Module):
    """Reads what was shown at step 0 and says it at every step: a perfect memory."""

    def forward(self, inputs_TBI):
        steps, _, width = inputs_TBI.shape
        shown_BO = inputs_TBI[0, :, : width - 1]
        return shown_BO.expand(steps, *shown_BO.shape)


class Constant(nn.Module):
    """Says the same at every step, whatever was shown."""

    def __init__(self, outputs):
        super().__init__()
        self.outputs = outputs

    def forward(self, inputs_TBI):
        return torch.zeros(*inputs_TBI.shape[:2], self.outputs)


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("task", TASKS)
def test_a_batch_has_the_shapes_that_its_docstring_says(task):
    batch = task.batch(5, drawn())
    assert batch.inputs.shape == (13, 5, task.input_size)
    assert batch.targets.shape == (5,)


@pytest.mark.parametrize("task", TASKS)
def test_the_same_seed_draws_the_same_batch_and_another_seed_another(task):
    one, same, other = (task.batch(5, drawn(seed)) for seed in (3, 3, 4))
    assert torch.equal(one.inputs, same.inputs)
    assert torch.equal(one.targets, same.targets)
    assert not torch.equal(one.inputs, other.inputs)


@pytest.mark.parametrize("task", TASKS)
def test_one_generator_draws_a_fresh_batch_each_time(task):
    generator = drawn()
    first, second = task.batch(5, generator), task.batch(5, generator)
    assert not torch.equal(first.inputs, second.inputs)


@pytest.mark.parametrize("task", TASKS)
def test_the_flag_stands_at_step_0_only(task):
    flag_TB = task.batch(5, drawn()).inputs[..., -1]
    assert (flag_TB[0] == 1).all()
    assert (flag_TB[1:] == 0).all()


def test_the_number_to_remember_is_the_one_at_step_0_and_noise_of_its_size_follows():
    batch = AnalogMemory(50).batch(400, drawn())
    assert torch.equal(batch.inputs[0, :, 0], batch.targets)
    assert batch.inputs[..., 0].abs().max() <= 1
    assert batch.inputs[1:, :, 0].var() == pytest.approx(1 / 3, rel=0.05)


def test_the_letter_to_recall_is_the_one_at_step_0_and_one_letter_stands_at_each_step():
    batch = DiscreteRecall(12).batch(200, drawn())
    assert torch.equal(batch.inputs[0, :, :8].argmax(-1), batch.targets)
    assert (batch.inputs[..., :8].sum(-1) == 1).all()
    assert set(batch.targets.tolist()) == set(range(8))


def test_the_analog_loss_by_hand():
    task = AnalogMemory(10)
    batch = task.batch(2, drawn())
    outputs_TBO = (batch.targets + torch.tensor([0.5, -0.1])).expand(11, 2)[..., None]
    assert float(task.loss(outputs_TBO, batch)) == pytest.approx(0.13)
    assert float(task.error_at_lag(outputs_TBO, batch)) == pytest.approx(0.39)


def test_the_recall_loss_is_taken_at_the_last_step_alone():
    task = DiscreteRecall(10)
    batch = task.batch(2, drawn())
    outputs_TBO = torch.zeros(11, 2, 8)
    assert float(task.loss(outputs_TBO, batch)) == pytest.approx(2.0794415)
    outputs_TBO[:-1] = torch.randn(10, 2, 8, generator=drawn())
    assert float(task.loss(outputs_TBO, batch)) == pytest.approx(2.0794415)
    outputs_TBO[-1].scatter_(1, batch.targets[:, None], 50.0)
    assert float(task.loss(outputs_TBO, batch)) == pytest.approx(0, abs=1e-6)
    assert float(task.error_at_lag(outputs_TBO, batch)) == 0


@pytest.mark.parametrize("task", TASKS)
def test_a_perfect_memory_scores_1_at_every_lag_up_to_twice_the_trained_one(task):
    scores_T = task.scores(Oracle(), sequences=64, device=CPU)
    assert scores_T.shape == (25,)
    assert torch.allclose(scores_T, torch.ones(25))


def test_guessing_a_constant_is_worth_an_r2_of_0():
    scores_T = AnalogMemory(12).scores(Constant(1), sequences=2000, device=CPU)
    assert scores_T.abs().max() < 0.02


def test_knowing_the_sign_alone_is_worth_three_quarters():
    class Sign(Oracle):
        def forward(self, inputs_TBI):
            return super().forward(inputs_TBI).sign() / 2

    scores_T = AnalogMemory(12).scores(Sign(), sequences=2000, device=CPU)
    assert torch.allclose(scores_T, torch.full((25,), 0.75), atol=0.02)


def test_naming_always_the_same_letter_is_worth_chance():
    task = DiscreteRecall(12)
    scores_T = task.scores(Constant(8), sequences=2000, device=CPU)
    assert torch.allclose(scores_T, torch.full((25,), 1 / 8), atol=0.03)
    batch = task.batch(2000, drawn())
    error = task.error_at_lag(Constant(8)(batch.inputs), batch)
    assert float(error) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("task", TASKS)
def test_scores_and_probe_are_the_same_sequences_every_time(task):
    torch.manual_seed(1)
    model = nn.Linear(task.input_size, task.output_size)
    once, again = (task.scores(model, sequences=8, device=CPU) for _ in range(2))
    assert torch.equal(once, again)
    one, other = (task.probe(sequences=4, device=CPU) for _ in range(2))
    assert torch.equal(one.inputs, other.inputs)
    assert one.inputs.shape == (13, 4, task.input_size)
