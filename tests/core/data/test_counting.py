import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, one_hot

from core.data.batch import Batch
from core.data.counting import AnBn, BoundedWalk, MajoritySoFar, RunningCount, SumModulo
from core.data.length_task import score_lengths

CPU = torch.device("cpu")
LENGTHS = (10, 25, 100, 500)


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


def logits_of(answers_TB, classes):
    return one_hot(answers_TB, classes).float()


def add_modulo(inputs_TBI):
    return logits_of(inputs_TBI.argmax(-1).cumsum(0) % 5, 5)


def lead(inputs_TBI):
    return logits_of((inputs_TBI[..., 0].cumsum(0) > 0).long(), 2)


def compare(inputs_TBI):
    """The answer to a^n b^n by counting both letters."""
    a_TB, b_TB = inputs_TBI.cumsum(0).unbind(-1)
    return logits_of((b_TB - a_TB).sign().long() + 1, 3)


def compare_up_to(most):
    """Counts letters up to `most`, as a model might that has never seen more."""

    def read(inputs_TBI):
        a_TB, b_TB = inputs_TBI.cumsum(0).clamp(max=most).unbind(-1)
        return logits_of((b_TB - a_TB).sign().long() + 1, 3)

    return read


@pytest.mark.parametrize(
    ("task", "exact"),
    [
        (RunningCount(), lambda inputs: inputs.cumsum(0)),
        (BoundedWalk(), lambda inputs: inputs.cumsum(0)),
        (MajoritySoFar(), lead),
        (SumModulo(), add_modulo),
        (AnBn(), compare),
    ],
)
def test_who_counts_exactly_is_right_at_every_length(task, exact):
    assert (score_lengths(task, exact, LENGTHS, sequences=32, device=CPU) == 1).all()


def test_a_count_is_the_sum_of_the_steps_so_far():
    batch = RunningCount().draw(60, 4, drawn())
    assert set(batch.inputs.unique().tolist()) == {-1.0, 1.0}
    assert batch.targets[:, 2].tolist() == np.cumsum(batch.inputs[:, 2, 0].numpy()).tolist()


def test_a_count_is_right_when_it_rounds_to_the_sum():
    task = RunningCount()
    batch = Batch(torch.ones(4, 1, 1), torch.tensor([[3.0], [3.0], [3.0], [3.0]]))
    outputs_TBO = torch.tensor([3.0, 3.4, 3.6, torch.nan]).view(4, 1, 1)
    assert task.scored(outputs_TBO, batch).flatten().tolist()[:3] == [1, 1, 0]
    assert task.scored(outputs_TBO, batch)[3].isnan()
    assert task.loss(outputs_TBO[:3], Batch(batch.inputs[:3], batch.targets[:3])) == pytest.approx(
        (0.4**2 + 0.6**2) / 3
    )


def test_a_bounded_walk_turns_back_at_12_and_reaches_both_bounds():
    batch = BoundedWalk().draw(2000, 20, drawn())
    assert set(batch.inputs.unique().tolist()) == {-1.0, 1.0}
    assert (batch.targets.min(), batch.targets.max()) == (-12, 12)
    assert torch.equal(batch.inputs[..., 0].cumsum(0), batch.targets)


def test_a_bounded_walk_is_the_free_walk_until_a_bound():
    free, bounded = (task.draw(12, 50, drawn()) for task in (RunningCount(), BoundedWalk()))
    assert torch.equal(free.targets.abs(), bounded.targets.abs())


def test_a_tie_is_not_trained_on_and_scored_as_the_step_before():
    task = MajoritySoFar()
    batch = Batch(torch.tensor([1.0, -1.0, -1.0]).view(3, 1, 1), torch.tensor([[1], [0], [-1]]))
    says_minus = torch.tensor([2.0, 0.0]).expand(3, 1, 2)
    assert task.scored(says_minus, batch).flatten().tolist() == [0, 0, 1]
    by_hand = cross_entropy(says_minus[[0, 2], 0], torch.tensor([1, 0]))
    assert task.loss(says_minus, batch) == pytest.approx(float(by_hand))


def test_a_sum_modulo_5_is_written_out():
    batch = SumModulo().draw(30, 3, drawn())
    digits = batch.inputs[:, 1].argmax(-1).tolist()
    assert batch.inputs.sum(-1).unique().tolist() == [1]
    assert batch.targets[:, 1].tolist() == [sum(digits[: t + 1]) % 5 for t in range(30)]


def test_the_early_steps_of_a_sum_weigh_more():
    batch = SumModulo().draw(3, 8, drawn())
    logits_TBO = torch.randn(3, 8, 5, generator=drawn(1))
    nats = [float(cross_entropy(logits_TBO[t], batch.targets[t])) for t in range(3)]
    by_hand = (nats[0] + nats[1] / 2 + nats[2] / 3) / (1 + 1 / 2 + 1 / 3)
    assert SumModulo().loss(logits_TBO, batch) == pytest.approx(by_hand)


def test_strings_say_fewer_as_many_or_more():
    batch = AnBn().draw(6, 200, drawn())
    seen = set()
    for string, targets in zip(batch.inputs.argmax(-1).T, batch.targets.T, strict=True):
        count = int((string == 0).sum())
        assert string.tolist() == sorted(string.tolist())
        expected = [0 if t < 2 * count else 1 if t == 2 * count else 2 for t in range(1, 7)]
        assert targets.tolist() == expected
        seen.add(count)
    assert seen == {1, 2, 3, 4, 5}


def test_who_counts_to_30_recognizes_no_string_of_more():
    found = score_lengths(AnBn(), compare_up_to(30), (50, 56, 58, 60, 66), sequences=10, device=CPU)
    assert found.mean(1).tolist() == pytest.approx([1, 0.8, 0.6, 0.4, 0])


def test_one_wrong_step_of_a_string_is_a_string_not_recognized():
    def never_more(inputs_TBI):
        return logits_of(compare(inputs_TBI).argmax(-1).clamp(max=1), 3)

    assert not score_lengths(AnBn(), never_more, (10, 50), sequences=5, device=CPU).any()
