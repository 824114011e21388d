import pytest
import torch
from torch.nn.functional import one_hot

from core.data.language_lengths import LanguageLengths
from core.data.length_task import score_lengths
from core.errors import TextError

CPU = torch.device("cpu")
TEXT = torch.arange(6000)  # each character stands once, so that a window tells where it is from


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def task():
    return LanguageLengths(ids=TEXT, vocabulary_size=6001)


def test_the_target_is_the_next_character(task):
    for batch in (task.batch(4, drawn()), task.draw_held_out(70, 4, drawn())):
        assert torch.equal(batch.targets, batch.inputs + 1)


def test_training_never_sees_the_last_tenth_and_tests_see_nothing_else(task):
    assert task.draw(400, 64, drawn()).targets.max() < 5400
    assert task.draw_held_out(500, 64, drawn()).inputs.min() >= 5400


def test_the_loss_is_that_of_the_mean_character(task):
    batch = task.draw(3, 2, drawn())
    logits_TBV = torch.zeros(3, 2, 6001)
    by_hand = torch.tensor(6001.0).log()
    assert task.loss(logits_TBV, batch) == pytest.approx(float(by_hand))
    assert torch.allclose(task.scored(logits_TBV, batch), by_hand)


def test_a_score_is_the_mean_over_the_last_tenth_of_its_length():
    task = LanguageLengths(ids=torch.zeros(6000, dtype=torch.long), vocabulary_size=2)

    def surer_at_every_step(inputs_TB):
        gap_TB = torch.arange(len(inputs_TB))[:, None].expand_as(inputs_TB).float()
        return torch.stack([torch.zeros_like(gap_TB), (gap_TB.exp2() - 1).log()], -1)

    # the odds against the right character are 2^t - 1, so that its loss is t ln 2
    found = score_lengths(task, surer_at_every_step, (5, 10, 40), sequences=3, device=CPU)
    ln_2 = 0.6931472
    assert found[:, 0].tolist() == pytest.approx([4 * ln_2, 8.5 * ln_2, 37 * ln_2], rel=1e-5)


def test_a_score_of_which_the_end_is_missing_is_no_score(task):
    def read(inputs_TB):
        logits_TBV = one_hot(inputs_TB + 1, 6001).float()
        logits_TBV[45:] = torch.nan
        return logits_TBV

    found = score_lengths(task, read, (45, 47), sequences=2, device=CPU)
    assert found[0] == pytest.approx(found[0, 0])
    assert found[1].tolist() == pytest.approx([torch.nan] * 2, nan_ok=True)


def test_a_short_text_is_told_how_long_it_must_be():
    with pytest.raises(TextError, match=r"4,999 characters.*takes 5,030.*Give a longer text"):
        LanguageLengths(ids=TEXT[:4999], vocabulary_size=6001)
    LanguageLengths(ids=TEXT[:5030], vocabulary_size=6001)


def test_windows_longer_than_a_part_are_refused_in_words(task):
    with pytest.raises(TextError, match="read 599 of them"):
        task.draw_held_out(599, 2, drawn())
    with pytest.raises(TextError, match=r"read 5,400 of them"):
        task.draw(5400, 2, drawn())


def test_tests_can_be_shorter_where_a_text_is():
    task = LanguageLengths(4, 8, ids=TEXT[:200], vocabulary_size=201, longest_tested=16)
    assert task.draw_held_out(16, 2, drawn()).inputs.shape == (16, 2)
