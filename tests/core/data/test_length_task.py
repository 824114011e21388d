import numpy as np
import pytest
import torch
from torch import nn

from core.data.counting import AnBn, BoundedWalk, MajoritySoFar, RunningCount, SumModulo
from core.data.language_lengths import LanguageLengths
from core.data.length_task import right_answers, score_lengths

CPU = torch.device("cpu")
TEXT = LanguageLengths(
    ids=torch.randint(0, 4, (6000,), generator=torch.Generator().manual_seed(0)), vocabulary_size=4
)
TASKS = (RunningCount(), BoundedWalk(), MajoritySoFar(), SumModulo(), AnBn(), TEXT)
PREFIX_TASKS = (RunningCount(), BoundedWalk(), MajoritySoFar(), SumModulo(), TEXT)


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


def guess(task):
    """A model that learned nothing; its answers differ from step to step."""
    torch.manual_seed(0)
    table = torch.randn(2000, 1, task.output_size)
    return lambda inputs: table[: len(inputs)].expand(-1, inputs.shape[1], -1)


def scores_of(task, read, lengths, sequences=16, **options):
    return score_lengths(task, read, lengths, sequences=sequences, device=CPU, **options)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)
def test_a_batch_has_one_length_within_the_trained_range(task):
    generator = drawn()
    lengths = [len(task.batch(2, generator).inputs) for _ in range(300)]
    assert (min(lengths), max(lengths)) == (50, 100)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)
@pytest.mark.parametrize("steps", [2, 7, 130])
def test_a_draw_has_exactly_so_many_steps(task, steps):
    for batch in (task.draw(steps, 3, drawn()), task.draw_held_out(steps, 3, drawn())):
        assert batch.inputs.shape[:2] == batch.targets.shape == (steps, 3)
        outputs_TBO = torch.zeros(steps, 3, task.output_size)
        assert torch.isfinite(task.loss(outputs_TBO, batch))
        assert task.scored(outputs_TBO, batch).shape == (steps, 3)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)
def test_equal_seeds_draw_equal_batches_and_other_seeds_others(task):
    one, same, other = (task.batch(8, drawn(seed)) for seed in (3, 3, 4))
    assert torch.equal(one.inputs, same.inputs)
    assert torch.equal(one.targets, same.targets)
    assert one.inputs.shape != other.inputs.shape or not torch.equal(one.inputs, other.inputs)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)
def test_every_sequence_has_a_score_at_every_length(task):
    found = scores_of(task, guess(task), (10, 50, 101), sequences=7)
    assert found.shape == (3, 7)
    assert found.dtype == np.float64
    assert np.isfinite(found).all()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)
def test_no_answer_is_no_score(task):
    def read(inputs):
        outputs_TBO = guess(task)(inputs).clone()
        outputs_TBO[40:] = torch.nan
        return outputs_TBO

    found = scores_of(task, read, (10, 20, 60))
    assert np.isfinite(found[:2]).all()
    assert np.isnan(found[2]).all()


@pytest.mark.parametrize("task", PREFIX_TASKS, ids=lambda task: type(task).__name__)
def test_the_prefixes_of_one_pass_score_as_each_length_read_by_itself(task):
    one, each = (
        scores_of(task, guess(task), (1, 10, 33, 80), one_pass=one_pass)
        for one_pass in (True, False)
    )
    np.testing.assert_array_equal(one, each)


def test_a_reader_of_the_end_alone_answers_each_length_that_is_read_by_itself():
    def read_end(inputs_TBI):
        sums_TBI = inputs_TBI.cumsum(0)
        sums_TBI[:-5] = torch.nan
        return sums_TBI

    assert np.isnan(scores_of(RunningCount(), read_end, (10, 40))[0]).all()
    assert (scores_of(RunningCount(), read_end, (10, 40), one_pass=False) == 1).all()


def test_many_sequences_are_read_some_at_a_time():
    widths = []

    def read(inputs_TBI):
        widths.append(inputs_TBI.shape[1])
        return inputs_TBI.cumsum(0)

    assert scores_of(RunningCount(), read, (10,), sequences=600).shape == (1, 600)
    assert widths == [256, 256, 88]


def test_scores_leave_no_graph_behind():
    model = nn.Linear(1, 1)
    wanted = []

    def read(inputs_TBI):
        outputs_TBO = model(inputs_TBI)
        wanted.append(outputs_TBO.requires_grad)
        return outputs_TBO

    scores_of(RunningCount(), read, (10,))
    assert wanted == [False]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)
def test_probes_and_scores_by_position_are_of_the_longest_trained_length(task):
    probe = task.probe(sequences=3, device=CPU)
    assert probe.inputs.shape[:2] == (100, 3)
    assert torch.equal(probe.inputs, task.probe(sequences=3, device=CPU).inputs)
    assert task.scores(guess(task), sequences=4, device=CPU).shape == (100,)
    assert task.error_at_lag(guess(task)(probe.inputs), probe) is None


def test_an_answer_of_the_highest_logit_is_right_wrong_or_none():
    logits_TBO = torch.tensor([[[2.0, 1.0]], [[2.0, 1.0]], [[torch.nan, 1.0]]])
    found = right_answers(logits_TBO, torch.tensor([[0], [1], [1]]))
    assert found[:2].flatten().tolist() == [1, 0]
    assert found[2].isnan().all()
