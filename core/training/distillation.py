"""Distillation: a small model learns the answers of a large one as well as the labels.

The control is the same small model, of the same first weights, on the same batches, without the
teacher. Legend: N texts, B batch, C classes.

Source: Hinton, Vinyals and Dean 2015, Distilling the knowledge in a neural network, section 2,
https://arxiv.org/abs/1503.02531.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

from core.data.text_batch import TextBatch
from core.data.text_task import TextTask
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes
from core.models.classifiers import CLASSIFIERS, ClassifierSpec
from core.models.text_classifier import TextClassifier
from core.training.clipping import Clipper
from core.training.dials import Dials
from core.training.events import Event
from core.training.learner import Learner, build_optimizer
from core.training.text_loop import TextPupil, train_texts

TEMPERATURE = 2.0
HARD_SHARE = 0.5
STUDENT = replace(CLASSIFIERS["lstm"], learning_rate=2.5)
"""So narrow a model learns too slowly at the pace of a wide one."""
_AT_ONCE = 256
_T_975 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""Student's t at 97.5 % for 1 to 9 degrees of freedom."""


@dataclass(frozen=True, slots=True)
class TaughtBatch(TextBatch):
    """Texts with their labels (B,), and the teacher's logits (B, C)."""

    teacher_BC: Tensor

    def to(self, device: torch.device) -> "TaughtBatch":
        """Return the batch on `device`."""
        if device.type == "cpu":
            return self
        labels_B, teacher_BC = self.labels_B.to(device), self.teacher_BC.to(device)
        return TaughtBatch(self.inputs.to(device), labels_B, teacher_BC)


class TaughtTask(TextTask):
    """A text task whose loss also asks for the teacher's answers.

    `hard_share` times the cross-entropy of the labels, and the rest times T**2 KL(teacher ||
    student), both softened by the temperature T: its gradients shrink by T**2, which the factor
    makes good. With a share of 1 it is the plain task.
    """

    def __init__(
        self,
        plain: TextTask,
        teacher_NC: Tensor,
        *,
        temperature: float = TEMPERATURE,
        hard_share: float = HARD_SHARE,
    ) -> None:
        super().__init__(plain.rows, plain.labels, pad_to=plain.pad_to)
        assert len(teacher_NC) == len(plain.rows), "a teacher answers each text"
        self.teacher_NC = teacher_NC.cpu()
        self.temperature, self.hard_share = temperature, hard_share

    def batch(self, indices: Sequence[int]) -> TaughtBatch:
        """Return the texts of these indices, and what the teacher says of them."""
        plain = super().batch(indices)
        return TaughtBatch(plain.inputs, plain.labels_B, self.teacher_NC[list(indices)])

    def loss(self, logits_BC: Tensor, batch: TextBatch) -> Tensor:
        """Return the mean loss of a batch, in nats."""
        assert isinstance(batch, TaughtBatch)
        hard = cross_entropy(logits_BC, batch.labels_B)
        soft = soft_loss(logits_BC, batch.teacher_BC, self.temperature)
        return self.hard_share * hard + (1 - self.hard_share) * soft


def soft_loss(student_BC: Tensor, teacher_BC: Tensor, temperature: float) -> Tensor:
    """Return T**2 KL(teacher || student) at the temperature T, the mean of a batch in nats."""
    student = log_softmax(student_BC / temperature, 1)
    teacher = softmax(teacher_BC / temperature, 1)
    return temperature**2 * kl_div(student, teacher, reduction="batchmean")


@torch.no_grad()
def teacher_logits(teacher: TextClassifier, task: TextTask) -> Tensor:
    """Return what a teacher answers to each text of a task, (N, C), dropout off; on the CPU."""
    was_training = teacher.training
    teacher.eval()
    device = teacher.embedding.weight.device
    order = sorted(range(len(task.rows)), key=lambda i: len(task.rows[i]))
    found = []
    for at in range(0, len(order), _AT_ONCE):
        batch = task.batch(order[at : at + _AT_ONCE]).to(device)
        found.append(teacher(batch.inputs).cpu())
    teacher.train(was_training)
    sorted_NC = torch.cat(found)
    logits_NC = torch.empty_like(sorted_NC)
    logits_NC[order] = sorted_NC
    return logits_NC


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What small models learn from, all the same: texts to learn, and others that stop them."""

    train: TextTask
    dev: TextTask
    vocabulary_size: int
    classes: int
    epochs: int
    patience: int = 1
    batch_size: int = 64
    dropout: float = 0.5
    layers: int = 1


def make_pupil(
    spec: ClassifierSpec,
    sizes: ClassifierSizes,
    lessons: Lessons,
    *,
    name: str,
    seed: int,
    device: torch.device,
) -> TextPupil:
    """Return a classifier that is about to learn its lessons; equal seeds give equal ones.

    The seed decides the first weights, the dropout and the order of the batches.
    """
    model = build_classifier(
        spec,
        sizes,
        vocabulary_size=lessons.vocabulary_size,
        classes=lessons.classes,
        layers=lessons.layers,
        dropout=lessons.dropout,
        seed=seed,
    ).to(device)
    optimizer = build_optimizer("adam", model, spec.learning_rate, fused=device.type != "mps")
    return TextPupil(
        learner=Learner(name=name, model=model, optimizer=optimizer, clipper=Clipper("norm")),
        task=lessons.train,
        dev=lessons.dev,
        batch_size=lessons.batch_size,
        seed=seed,
        epochs=lessons.epochs,
        patience=lessons.patience,
        rate=spec.learning_rate,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentPair:
    """Two students of equal first weights and equal batches: one learns from the labels alone."""

    seed: int
    scratch: TextPupil
    distilled: TextPupil


def student_pairs(
    teacher: TextClassifier,
    lessons: Lessons,
    *,
    sizes: ClassifierSizes,
    seeds: Sequence[int],
    device: torch.device,
) -> list[StudentPair]:
    """Return two LSTMs of one layer a seed, about to learn; the teacher answers once for all."""
    taught = replace(
        lessons, train=TaughtTask(lessons.train, teacher_logits(teacher, lessons.train))
    )
    return [
        StudentPair(
            seed=seed,
            scratch=make_pupil(
                STUDENT, sizes, lessons, name=f"scratch {seed}", seed=seed, device=device
            ),
            distilled=make_pupil(
                STUDENT, sizes, taught, name=f"distilled {seed}", seed=seed, device=device
            ),
        )
        for seed in seeds
    ]


def distil(
    pairs: Sequence[StudentPair],
    *,
    device: torch.device,
    dials: Dials,
    first_round: int = 0,
    all_rounds: int = 0,
) -> Iterator[Event]:
    """Train all students side by side; yield how far they are.

    Each stops on texts of its own, by its accuracy there: a student is judged by the labels
    whoever taught it.
    """
    pupils = [pupil for pair in pairs for pupil in (pair.scratch, pair.distilled)]
    return train_texts(
        pupils,
        device=device,
        dials=dials,
        is_shown=False,
        first_round=first_round,
        all_rounds=all_rounds,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedDifference:
    """Distilled less scratch over paired seeds, in the unit of what was given.

    Attributes:
        low: with `high`, the 95 % interval by Student's t over the seeds; None for one seed. It
            says what other seeds would give on the same test texts, not what other texts would.
    """

    seeds: int
    mean: float
    low: float | None
    high: float | None

    @property
    def verdict(self) -> Literal["helps", "hurts", "not resolved"]:
        """Whether distillation helped; "not resolved" where the interval holds 0 or is missing."""
        if self.low is not None and self.low > 0:
            return "helps"
        if self.high is not None and self.high < 0:
            return "hurts"
        return "not resolved"


def seed_difference(scratch: Sequence[float], distilled: Sequence[float]) -> SeedDifference:
    """Return by how much the distilled students are better than those of the same seeds.

    For 1 to 10 seeds.
    """
    differences = [taught - alone for alone, taught in zip(scratch, distilled, strict=True)]
    n, mean = len(differences), fmean(differences)
    if n < 2:
        return SeedDifference(seeds=n, mean=mean, low=None, high=None)
    reach = _T_975[n - 2] * stdev(differences) / math.sqrt(n)
    return SeedDifference(seeds=n, mean=mean, low=mean - reach, high=mean + reach)
