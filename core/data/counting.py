"""Counting: tasks that go on for ever. Legend: B batch, T time, I input width, O output width.

Who counts exactly is right at any length; who has learned the lengths of training is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from core.data.batch import Batch
from core.data.length_task import Read, VaryingLengths, right_answers

BOUND = 12
MODULUS = 5


@dataclass(frozen=True, slots=True)
class RunningCount(VaryingLengths):
    """Steps of +1 or -1, evenly drawn; say their sum so far, a number, at every step.

    An answer is right when it rounds to the sum. Position and magnitude grow together: a walk of T
    steps ends about sqrt(T) from where it began.
    """

    input_size: ClassVar[int] = 1
    output_size: ClassVar[int] = 1
    vocabulary_size: ClassVar[int | None] = None

    def draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return steps (T, size, 1) and their running sums (T, size)."""
        steps_TB = _coins(steps, size, generator)
        return Batch(steps_TB[..., None], steps_TB.cumsum(0))

    def loss(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the mean squared error over all steps."""
        return F.mse_loss(outputs_TBO[..., 0], batch.targets)

    def scored(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return 1 where the answer is less than a half from the sum, else 0, (T, B)."""
        error_TB = (outputs_TBO[..., 0] - batch.targets).abs()
        return (error_TB < 0.5).to(error_TB.dtype).where(~error_TB.isnan(), torch.nan)


@dataclass(frozen=True, slots=True)
class BoundedWalk(RunningCount):
    """The same sum over steps that turn back at +-12: position grows, magnitude does not."""

    def draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return steps (T, size, 1) and their running sums (T, size), none beyond the bound."""
        free_TB = F.pad(_coins(steps, size, generator).cumsum(0), (0, 0, 1, 0))
        around_TB = (free_TB - BOUND) % (4 * BOUND)  # 0 at the upper bound, 24 at the lower
        walk_TB = (around_TB - 2 * BOUND).abs() - BOUND
        return Batch(walk_TB.diff(dim=0)[..., None], walk_TB[1:])


@dataclass(frozen=True, slots=True)
class MajoritySoFar(VaryingLengths):
    """Steps of +1 or -1, evenly drawn; say at every step which of the two came more often.

    Where both came as often there is no majority: it is not trained on, and scored as the step
    before, where there was one.
    """

    input_size: ClassVar[int] = 1
    output_size: ClassVar[int] = 2
    vocabulary_size: ClassVar[int | None] = None

    def draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return steps (T, size, 1) and the sign of their running sums, -1, 0 or 1, (T, size)."""
        steps_TB = _coins(steps, size, generator)
        return Batch(steps_TB[..., None], steps_TB.cumsum(0).sign().long())

    def loss(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the cross-entropy over the steps that have a majority, in nats."""
        classes_TB = (batch.targets > 0).long().where(batch.targets != 0, -100)
        return F.cross_entropy(outputs_TBO.flatten(0, 1), classes_TB.flatten())

    def scored(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return 1 where the answer is the majority, else 0, (T, B); a tie has the score before."""
        right_TB = right_answers(outputs_TBO, (batch.targets > 0).long())
        return right_TB.where(batch.targets != 0, right_TB.roll(1, 0))  # step 1 is never a tie


@dataclass(frozen=True, slots=True)
class SumModulo(VaryingLengths):
    """Digits 0 to 4, evenly drawn; say at every step their sum so far modulo 5.

    A state of five values is enough at any length. Guessing is right in a fifth.
    """

    input_size: ClassVar[int] = MODULUS
    output_size: ClassVar[int] = MODULUS
    vocabulary_size: ClassVar[int | None] = None

    def draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return digits (T, size, 5), one of five is 1, and their sums modulo 5 (T, size)."""
        digits_TB = torch.randint(0, MODULUS, (steps, size), generator=generator)
        return Batch(F.one_hot(digits_TB, MODULUS).float(), digits_TB.cumsum(0) % MODULUS)

    def loss(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the cross-entropy in nats, that of step t with weight 1/t.

        Each answer needs the one before it: the early ones must be learned first.
        """
        nats_BT = F.cross_entropy(outputs_TBO.permute(1, 2, 0), batch.targets.T, reduction="none")
        weight_T = 1 / torch.arange(1, nats_BT.shape[1] + 1, device=nats_BT.device)
        return (nats_BT.mean(0) * weight_T).sum() / weight_T.sum()

    def scored(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return 1 where the answer is the sum, else 0, (T, B)."""
        return right_answers(outputs_TBO, batch.targets)


@dataclass(frozen=True, slots=True)
class AnBn(VaryingLengths):
    """Some letters a, then letters b: say at every step if there are fewer, as many or more b.

    The length of a string is that of a^n b^n, 2n. A model is right about it when it is right at
    every step from the first b to the first one too many (Gers and Schmidhuber 2001, LSTM
    recurrent networks learn simple context-free and context-sensitive languages).
    """

    nearby: ClassVar[int] = 2
    input_size: ClassVar[int] = 2
    output_size: ClassVar[int] = 3
    vocabulary_size: ClassVar[int | None] = None

    def draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return letters (T, size, 2), one of two is 1, and 0 fewer, 1 as many, 2 more, (T, size).

        The number of letters a is drawn evenly, up to one for which `steps` do not suffice.
        """
        most = steps // 2 + self.nearby
        return _strings(torch.randint(1, most + 1, (size,), generator=generator), steps)

    def draw_held_out(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return strings of the most letters a for which `steps` suffice, and of somewhat fewer."""
        most = max((steps - 1) // 2, 1)
        return _strings((most - torch.arange(size) % (2 * self.nearby + 1)).clamp(min=1), steps)

    def loss(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the cross-entropy over all steps, in nats."""
        return F.cross_entropy(outputs_TBO.flatten(0, 1), batch.targets.flatten())

    def scored(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return 1 where the answer is right, else 0, (T, B)."""
        return right_answers(outputs_TBO, batch.targets)

    def score_lengths(
        self,
        read: Read,
        lengths: Sequence[int],
        *,
        sequences: int,
        device: torch.device,
        seed: int,
        one_pass: bool,
    ) -> NDArray[np.float64]:
        """Return 1 for each string that is recognized, else 0, (lengths, sequences).

        At a length of 2n these are a^k b^(k+1) with k within 2 of n, in turn, so that
        neither `seed` nor `one_pass` matters.
        """
        near = torch.arange(-self.nearby, self.nearby + 1)
        scores = []
        for length in lengths:
            counts_B = (length // 2 + near).clamp(min=1)
            batch = _strings(counts_B, int(counts_B.max()) * 2 + 1).to(device)
            scores_TB = self.scored(read(batch.inputs), batch).cpu()
            whole_B = [
                float(scores_TB[count : 2 * count + 1, at].min())  # NaN if one of them is
                for at, count in enumerate(counts_B.tolist())
            ]
            in_turn = torch.arange(sequences) % len(whole_B)
            scores.append(torch.tensor(whole_B, dtype=torch.float64)[in_turn])
        return torch.stack(scores).numpy()


def _coins(steps: int, size: int, generator: torch.Generator) -> Tensor:
    return torch.randint(0, 2, (steps, size), generator=generator).float() * 2 - 1


def _strings(counts_B: Tensor, steps: int) -> Batch:
    """Return strings of `counts_B` letters a and then letters b."""
    letters_TB = (torch.arange(steps)[:, None] >= counts_B).long()
    over_TB = torch.arange(1, steps + 1)[:, None] - 2 * counts_B
    return Batch(F.one_hot(letters_TB, 2).float(), over_TB.sign() + 1)
