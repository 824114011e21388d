"""Claim 25: lengths that are made equal by cutting and padding. The experiment takes a seed.

Legend: T time, B batch, I input width.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.claims.finding import Finding, decide
from core.claims.length_training import (
    LEAST_DIFFERENCE,
    Lesson,
    another,
    compare,
    effect,
    learn,
    rights,
    told,
)

MAJORITY = Lesson(task="majority", updates=500)
LENGTHS = (50, 100, 200, 300, 400)
"""What an answer has texts cut or padded to."""
FAR = 501
"""Odd, so that there is a majority."""
LABELS_KEPT = 0.99
BATCHES = 200


def texts_are_cut_to_lengths(
    seed: int,
    *,
    lengths: Sequence[int] = LENGTHS,
    lesson: Lesson = MAJORITY,
    control: int | None = None,
) -> Finding:
    """Claim 25: train one model on sequences cut or padded to a drawn length, one on their own.

    Both are read at the end and told which of two steps came more often. `control` are the
    second's updates; None are as many as give it as many steps.
    """
    lesson = another(lesson, seed)
    mean, drawn = (lesson.shortest + lesson.longest) / 2, sum(lengths) / len(lengths)
    usual = lesson if control is None else replace(lesson, updates=control)
    fixed = replace(lesson, updates=max(1, round(lesson.updates * mean / drawn)))
    treated, natural = lesson.build(), lesson.build()
    learn(treated, _majority_losses(treated, fixed, lengths), fixed)
    learn(natural, _majority_losses(natural, usual, ()), usual)
    found = compare(treated, natural, lesson, FAR)
    kept = _labels_kept(lesson, lengths)
    near = round(mean) // 2 * 2 + 1
    right = [[float(rights(m, lesson, n).mean()) for n in (near, FAR)] for m in (natural, treated)]
    helps, keeps = effect(found) == "helps", kept >= LABELS_KEPT
    return Finding(
        verdict=decide(supported=helps + keeps, refuted=2 - helps - keeps),
        measured=f"{kept:.1%} of the labels still true; right at {near} and {FAR} steps "
        f"{right[1][0]:.2f} and {right[1][1]:.2f}, on lengths of their own {right[0][0]:.2f} and "
        f"{right[0][1]:.2f}; difference at {FAR} {told(found)}",
        threshold=f"{LABELS_KEPT:.0%} true, and {LEAST_DIFFERENCE:.0%} more right at {FAR} after "
        "as many steps: both support it, neither refutes it",
        n=found.n,
        sentence=f"Cutting and padding leave {kept:.1%} of the labels true: what is cut off may "
        f"have decided. Who learned so has {right[1][0]:.0%} right at {near} steps and "
        f"{right[1][1]:.0%} at {FAR}; after as many steps on lengths of their own it is "
        f"{right[0][0]:.0%} and {right[0][1]:.0%}"
        + (
            "."
            if helps
            else ": padding is read as if it were text, and spends the steps. Longer sequences "
            "would vary the length; longer padding does not."
        ),
    )


def _majority_losses(model: nn.Module, lesson: Lesson, lengths: Sequence[int]) -> Iterator[Tensor]:
    """Yield the loss of the answer after the last step, be it of the sequence or of its padding."""
    for inputs, labels_B, length in _odd_batches(lesson, lengths):
        yield F.cross_entropy(model(_cut_or_padded(inputs, length))[-1], labels_B)


def _labels_kept(lesson: Lesson, lengths: Sequence[int]) -> float:
    """Return the share of sequences whose label is true of what cutting leaves of them."""
    kept = []
    for inputs, labels_B, length in islice(_odd_batches(lesson, lengths), BATCHES):
        kept.append((inputs[:length].sum((0, 2)).sign() == labels_B * 2 - 1).float())
    return float(torch.cat(kept).mean())


def _odd_batches(lesson: Lesson, lengths: Sequence[int]) -> Iterator[tuple[Tensor, Tensor, int]]:
    """Yield sequences of an odd number of steps, their majority, and a length for them."""
    task, draw = lesson.build_task(), random.Random(lesson.seed)
    generator = torch.Generator().manual_seed(lesson.seed)
    while True:
        steps = draw.randint(lesson.shortest, lesson.longest) // 2 * 2 + 1
        batch = task.draw(steps, lesson.batch_size, generator)
        yield batch.inputs, (batch.targets[-1] > 0).long(), draw.choice([*lengths] or [steps])


def _cut_or_padded(inputs: Tensor, length: int) -> Tensor:
    return F.pad(inputs[:length], (0, 0, 0, 0, 0, max(0, length - len(inputs))))
