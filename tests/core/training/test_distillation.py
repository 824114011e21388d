import math
import random

import pytest
import torch
from torch.nn.functional import cross_entropy, softmax

from core.data.text_task import TextTask
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes
from core.models.classifiers import CLASSIFIERS
from core.training.dials import Dials
from core.training.distillation import (
    Lessons,
    TaughtTask,
    distil,
    seed_difference,
    soft_loss,
    student_pairs,
    teacher_logits,
)

CPU = torch.device("cpu")
GOOD, BAD, WORDS = 4, 5, range(6, 14)


def labelled(count, seed):
    """Return texts that hold a good or a bad word, and their labels."""
    draw = random.Random(seed)
    labels = [at % 2 for at in range(count)]
    rows = [
        [*draw.choices(WORDS, k=draw.randrange(6)), GOOD if label else BAD, draw.choice(WORDS)]
        for label in labels
    ]
    return rows, labels


def lessons(count=60, epochs=1):
    return Lessons(
        train=TextTask(*labelled(count, 0)),
        dev=TextTask(*labelled(20, 1)),
        vocabulary_size=14,
        classes=2,
        epochs=epochs,
        batch_size=16,
    )


def teacher(seed=0):
    return build_classifier(
        CLASSIFIERS["lstm"],
        ClassifierSizes(12, 12),
        vocabulary_size=14,
        classes=2,
        dropout=0.5,
        seed=seed,
    )


def test_the_soft_loss_by_hand():
    student_BC = torch.tensor([[0.0, 0.0]])
    teacher_BC = torch.tensor([[2 * math.log(3), 0.0]])  # at T = 2: three to one
    by_hand = 4 * (0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5))
    assert float(soft_loss(student_BC, teacher_BC, 2.0)) == pytest.approx(by_hand)


def test_a_student_that_answers_as_its_teacher_has_no_soft_loss():
    logits_BC = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    assert float(soft_loss(logits_BC + 7, logits_BC, 3.0)) == pytest.approx(0, abs=1e-6)


def test_the_soft_gradient_is_the_difference_of_the_soft_answers_times_the_temperature():
    student_BC = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    teacher_BC = torch.randn(4, 3, dtype=torch.float64)
    (gradient_BC,) = torch.autograd.grad(soft_loss(student_BC, teacher_BC, 2.5), student_BC)
    difference_BC = softmax(student_BC / 2.5, 1) - softmax(teacher_BC / 2.5, 1)
    torch.testing.assert_close(gradient_BC, 2.5 * difference_BC / 4)


def test_at_a_high_temperature_it_is_half_the_squared_distance_of_centred_logits():
    # Hinton et al. 2015, 2.1: then distillation matches logits
    student_BC, teacher_BC = torch.randn(2, 4, 3, dtype=torch.float64).unbind(0)
    apart_BC = student_BC - student_BC.mean(1, True) - teacher_BC + teacher_BC.mean(1, True)
    expected = float(apart_BC.square().sum(1).mean() / (2 * 3))
    assert float(soft_loss(student_BC, teacher_BC, 1e4)) == pytest.approx(expected, rel=1e-3)


def test_a_share_of_one_is_the_plain_task():
    plain = TextTask(*labelled(8, 0))
    task = TaughtTask(plain, torch.randn(8, 2), hard_share=1.0)
    batch, logits_BC = task.batch([3, 0, 5]), torch.randn(3, 2)
    torch.testing.assert_close(
        task.loss(logits_BC, batch), cross_entropy(logits_BC, batch.labels_B)
    )


def test_the_loss_is_the_shares_of_both():
    task = TaughtTask(TextTask(*labelled(8, 0)), torch.randn(8, 2), temperature=3, hard_share=0.3)
    batch, logits_BC = task.batch([1, 2]), torch.randn(2, 2)
    hard = cross_entropy(logits_BC, batch.labels_B)
    soft = soft_loss(logits_BC, task.teacher_NC[[1, 2]], 3)
    torch.testing.assert_close(task.loss(logits_BC, batch), 0.3 * hard + 0.7 * soft)


@torch.no_grad()
def test_each_text_of_a_batch_has_its_own_teacher():
    task, model = TextTask(*labelled(30, 0)), teacher().train()
    logits_NC = teacher_logits(model, task)
    assert model.training
    model.eval()
    taught = TaughtTask(task, logits_NC)
    batch = next(taught.batches(7, seed=3))
    torch.testing.assert_close(batch.teacher_BC, model(batch.inputs), atol=1e-6, rtol=1e-5)


def test_the_two_of_a_pair_begin_alike_and_read_the_same_batches():
    (pair, other) = student_pairs(
        teacher(), lessons(), sizes=ClassifierSizes(4, 4), seeds=(0, 1), device=CPU
    )
    alone, taught = pair.scratch.learner.model, pair.distilled.learner.model
    for mine, yours in zip(alone.parameters(), taught.parameters(), strict=True):
        assert torch.equal(mine, yours)
        assert mine is not yours
    assert not torch.equal(alone.head.weight, other.scratch.learner.model.head.weight)
    first, second = (next(p.task.batches(16, p.seed)) for p in (pair.scratch, pair.distilled))
    assert torch.equal(first.inputs.words_BT, second.inputs.words_BT)


def test_students_learn_side_by_side_as_they_would_alone():
    def trained(seeds):
        pairs = student_pairs(
            teacher(), lessons(), sizes=ClassifierSizes(4, 4), seeds=seeds, device=CPU
        )
        events = list(distil(pairs, device=CPU, dials=Dials(learning_rate=2e-3, clip=1.0)))
        return pairs, events

    pairs, events = trained((0, 1))
    assert {event.kind for event in events} == {"progress"}
    assert all(p.is_finished for pair in pairs for p in (pair.scratch, pair.distilled))
    (alone,), _ = trained((1,))
    for mine, yours in zip(
        alone.distilled.learner.model.parameters(),
        pairs[1].distilled.learner.model.parameters(),
        strict=True,
    ):
        assert torch.equal(mine, yours)


def test_a_student_learns_more_from_a_teacher_who_knows_than_from_labels_that_are_wrong():
    rows, labels = labelled(120, 0)
    draw = random.Random(5)
    noisy = [label ^ (draw.random() < 0.45) for label in labels]
    known_NC = torch.tensor([[4.0, -4.0] if not label else [-4.0, 4.0] for label in labels])
    test_rows, test_labels = labelled(100, 9)
    test = TextTask(test_rows, test_labels)
    wrong = Lessons(
        train=TextTask(rows, noisy),
        dev=TextTask(*labelled(40, 1)),
        vocabulary_size=14,
        classes=2,
        epochs=2,
        batch_size=8,
        dropout=0.0,
        patience=2,
    )
    pairs = student_pairs(teacher(), wrong, sizes=ClassifierSizes(8, 8), seeds=(0, 1), device=CPU)
    for pair in pairs:
        pair.distilled.task.teacher_NC = known_NC
    list(distil(pairs, device=CPU, dials=Dials(learning_rate=8e-3, clip=1.0)))

    def accuracy(pupil):
        found_N = teacher_logits(pupil.learner.model, test).argmax(1)
        return float((found_N == torch.tensor(test_labels)).float().mean())

    difference = seed_difference(
        [accuracy(pair.scratch) for pair in pairs], [accuracy(pair.distilled) for pair in pairs]
    )
    assert difference.mean > 0.1


def test_the_interval_over_seeds_by_hand():
    found = seed_difference([0.70, 0.72, 0.74], [0.72, 0.73, 0.77])  # 2, 1 and 3 points
    assert found.mean == pytest.approx(0.02)
    assert found.high - found.mean == pytest.approx(4.303 * 0.01 / math.sqrt(3))
    assert found.verdict == "not resolved"


@pytest.mark.parametrize(
    ("distilled", "verdict"),
    [
        ([0.80, 0.82, 0.81], "helps"),
        ([0.60, 0.62, 0.61], "hurts"),
        ([0.9, 0.5, 0.7], "not resolved"),
    ],
)
def test_the_verdict_wants_an_interval_without_zero(distilled, verdict):
    found = seed_difference([0.70, 0.72, 0.71], distilled)
    assert (found.verdict, found.seeds) == (verdict, 3)


def test_one_seed_has_no_interval_and_resolves_nothing():
    found = seed_difference([0.7], [0.9])
    assert (found.low, found.high, found.verdict) == (None, None, "not resolved")
