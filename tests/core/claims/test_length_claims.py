from dataclasses import replace

import numpy as np
import pytest
import torch

from core.claims import length, length_as_written, length_padding, length_remedies
from core.claims.length_as_written import SentimentRNN, StatefulRNN
from core.claims.length_training import (
    COUNT,
    LONG,
    MODULO,
    Lesson,
    effect,
    learn,
    rights,
    segment_losses,
    told,
    trained,
    trained_recurrent,
)
from core.metrics.ranking import AccuracyDifference, compare_accuracy
from core.models.chunked_reading import robust_mended

TINY = Lesson(shortest=10, longest=20, updates=150)
BRIEF = replace(TINY, updates=80, learning_rate=1e-2)
UNTRAINED = replace(TINY, updates=1)
HOLDS = replace(MODULO, shortest=5, longest=15, updates=400)
"""A lesson whose model is right far beyond the trained lengths, if its state is carried."""
VOTE = Lesson(task="majority", shortest=10, longest=20, updates=2)


def test_a_model_is_trained_once_and_another_seed_is_another_model():
    one, again, other = (trained(replace(UNTRAINED, seed=seed)) for seed in (0, 0, 1))
    assert one is again
    assert not torch.equal(one.head.weight, other.head.weight)


def test_a_model_learns_and_counts_what_it_was_taught():
    assert rights(trained(TINY), TINY, 10).mean() > 0.9
    assert rights(trained(UNTRAINED), TINY, 10).mean() < 0.5


def test_the_state_of_a_segment_goes_on_and_its_gradient_does_not():
    lesson = replace(TINY, updates=4)
    model = lesson.build()
    states = []
    read_from = model.read_from

    def watched(inputs, state):
        states.append(state)
        return read_from(inputs, state)

    model.read_from = watched
    learn(model, segment_losses(model, lesson, segments=3, segment=5), lesson)
    assert [state is None for state in states] == [True, False, False, True]
    assert not any(part.requires_grad for part in states[1])


def test_a_difference_helps_when_it_is_sure_and_large_enough():
    good, bad = np.arange(1000) < 900, np.arange(1000) < 500
    little = np.arange(1000) < 910
    assert effect(compare_accuracy(good, bad)) == "helps"
    assert effect(compare_accuracy(bad, good)) == "hurts"
    assert effect(compare_accuracy(little, good)) == "does not help"
    assert effect(AccuracyDifference(n=0)) == "does not help"
    assert told(compare_accuracy(good, bad)).startswith("+0.40 [+0.3")


@pytest.mark.slow
def test_claim_17_a_sum_modulo_5_holds_where_position_is_new():
    found = length.position_is_what_is_new(0)
    assert found.verdict == "refuted"
    assert "right after 500" in found.sentence


def test_claim_17_is_supported_by_a_task_that_falls_and_a_model_that_counts_nothing():
    untaught = replace(TINY, updates=20)
    found = length.position_is_what_is_new(0, other=TINY, lesson=untaught)
    assert found.verdict == "supported"
    held = replace(MODULO, updates=2)
    assert length.position_is_what_is_new(0, other=held, lesson=untaught).verdict == "depends"


@pytest.mark.parametrize(("up", "verdict"), [(0.5, "refuted"), (1.0, "supported")])
def test_claim_18_gates_saturate_on_walks_that_only_go_up(up, verdict):
    found = length.gates_saturate(0, up=up)
    assert found.verdict == verdict
    assert found.measured.startswith("gates below .05 or above .95")


@pytest.mark.parametrize(
    ("dtype", "verdict"), [(torch.float32, "refuted"), (torch.bfloat16, "supported")]
)
def test_claim_19_only_coarse_numbers_change_answers(dtype, verdict):
    found = length.rounding_accumulates(0, dtype=dtype)
    assert found.verdict == verdict
    assert str(dtype).removeprefix("torch.") in found.measured
    assert next(trained(replace(COUNT, seed=0)).parameters()).dtype == torch.float32


def test_claim_20_carrying_the_state_mends_what_dropping_it_broke_and_nothing_else():
    whole = length_as_written.carried_chunks_mend_accuracy(0, lesson=HOLDS)
    assert whole.verdict == "refuted"
    assert "difference +0.00" in whole.measured
    broken = length_as_written.carried_chunks_mend_accuracy(0, before="chunked-fresh", lesson=HOLDS)
    assert broken.verdict == "supported"


def test_claim_21_the_class_as_written_is_right_in_few_runs():
    found = length_as_written.class_answers_any_length(0)
    assert found.verdict == "refuted"
    assert "right in 3 of 8 runs" in found.measured
    for cause in ("TypeError: 500, 150 x 20", "a tuple: 50, 4 x 500", "RuntimeError: 150 x 20"):
        assert cause in found.measured


@pytest.mark.parametrize(
    ("models", "sizes", "verdict"),
    [
        ([SentimentRNN], [(50,), (4, LONG)], "supported"),
        ([StatefulRNN], [(LONG,)], "supported"),
        ([StatefulRNN], [(50,)], "refuted"),
    ],
)
def test_claim_21_where_nothing_is_cut_or_a_state_is_taken_it_is_right(models, sizes, verdict):
    found = length_as_written.class_answers_any_length(0, models=models, sizes=sizes)
    assert found.verdict == verdict


def test_claim_22_segments_that_teach_and_are_read_alone_are_a_remedy():
    found = length_remedies.truncated_backpropagation_is_a_remedy(
        0, carry=False, lesson=VOTE, further=60, control=1
    )
    assert found.verdict == "supported"
    assert found.measured.startswith("segments read in turn and alone are 0 apart")


def test_claim_22_with_the_state_carried_segments_are_not_independent():
    before = {name: each.clone() for name, each in trained(TINY).state_dict().items()}
    found = length_remedies.truncated_backpropagation_is_a_remedy(0, lesson=TINY, further=2)
    assert found.verdict == "refuted"
    after = trained(TINY).state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)


@pytest.mark.parametrize(
    ("reading", "before", "verdict"),
    [
        ("overlapping", "none", "refuted"),
        ("chunked-carried", "none", "depends"),
        ("chunked-carried", "chunked-fresh", "supported"),
    ],
)
def test_claim_23_a_state_that_goes_on_is_recurrence(reading, before, verdict):
    found = length_remedies.overlapping_segments_are_recurrence(
        0, reading=reading, before=before, lesson=HOLDS
    )
    assert found.verdict == verdict


def test_claim_24_is_judged_by_who_is_better_beyond_the_trained_length():
    found = length_remedies.transformers_take_any_length(
        0, models=["lstm-bias"], rival="transformer-none", positions=1024, lesson=BRIEF
    )
    assert found.verdict == "supported"
    assert "is in a table of 1024" in found.measured
    unlike = length_remedies.transformers_take_any_length(
        0, models=["transformer-none"], rival="lstm-bias", lesson=BRIEF
    )
    assert unlike.verdict == "refuted"
    assert "raises IndexError in a table of 512" in unlike.measured


def test_claim_25_lengths_that_cut_and_pad_nothing_are_as_good_as_any():
    own = Lesson(task="majority", shortest=19, longest=19, updates=150)
    found = length_padding.texts_are_cut_to_lengths(0, lengths=[19], lesson=own, control=1)
    assert found.verdict == "supported"
    assert found.measured.startswith("100.0% of the labels still true")


def test_claim_25_cutting_takes_labels_and_padding_is_read():
    lesson = Lesson(task="majority", shortest=10, longest=20, updates=80)
    found = length_padding.texts_are_cut_to_lengths(0, lengths=[9, 60], lesson=lesson)
    assert found.verdict == "refuted"


def test_the_readings_that_claims_compare_are_of_the_trained_model():
    model = trained_recurrent(TINY)
    assert (rights(model, TINY, 30) == rights(robust_mended(model, 7), TINY, 30)).all()
