"""Tasks of any length: trained on some lengths, scored at all. Legend: B batch, T time, O outputs.

A model is a `Read`: it answers at every step. Where it has no answer its outputs are NaN, and so
is the score there.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.batch import Batch, SequenceTask

EVALUATION_SEED = 5
PROBE_SEED = 6
READ_AT_ONCE = 256
"""Sequences that are read together; more would only take memory."""

Read = Callable[[Tensor], Tensor]
"""A model, or a way of reading with one: inputs (T, B[, I]) to outputs (T, B, O)."""


class LengthTask(SequenceTask, Protocol):
    """A task whose sequences have any length; `score_name` is "accuracy" or "loss"."""

    @property
    def shortest(self) -> int:
        """Fewest steps that training draws."""

    @property
    def longest(self) -> int:
        """Most steps that training draws."""

    @property
    def is_better_high(self) -> bool:
        """Whether a higher score is the better one."""

    def draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return `size` sequences of exactly `steps` steps to train on, targets (T, B)."""

    def draw_held_out(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return the like that training never sees."""

    def scored(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the score of each answer, (T, B): 1 or 0 for right or wrong, or nats."""

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
        """Return the score of each sequence at each length; see `score_lengths` below."""


@dataclass(frozen=True, slots=True)
class VaryingLengths(ABC):
    """What all length tasks share: a length for each batch, and scores by the prefix.

    A sequence's first L steps are a sequence of L steps, so that one pass over the longest length
    scores all of them, each at its last step. With a `reach` the score at L is the mean over the
    last steps, that share of it: single characters of a text would be noise.
    """

    shortest: int = 50
    longest: int = 100
    score_name: ClassVar[str] = "accuracy"
    is_better_high: ClassVar[bool] = True
    reach: ClassVar[float] = 0.0

    @abstractmethod
    def draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return `size` sequences of exactly `steps` steps to train on, targets (T, B)."""

    def draw_held_out(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return the like that training never sees: fresh ones, where sequences are drawn."""
        return self.draw(steps, size, generator)

    @abstractmethod
    def scored(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the score of each answer, (T, B); NaN where there is no answer."""

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """Return `size` sequences of one length, drawn evenly from `shortest` to `longest`."""
        steps = int(torch.randint(self.shortest, self.longest + 1, (1,), generator=generator))
        return self.draw(steps, size, generator)

    def error_at_lag(self, outputs_TBO: Tensor, batch: Batch) -> None:  # noqa: B027
        """Return None: there is no lag."""

    def scores(
        self, model: torch.nn.Module, *, sequences: int = 128, device: torch.device
    ) -> Tensor:
        """Return the mean score at each position of the longest trained length, (T,)."""
        batch = _held_out(self, self.longest, sequences, EVALUATION_SEED).to(device)
        with torch.no_grad():
            return self.scored(model(batch.inputs), batch).mean(1)

    def probe(self, *, sequences: int = 4, device: torch.device) -> Batch:
        """Return the fixed sequences that diagnostics look at, of the longest trained length."""
        return _held_out(self, self.longest, sequences, PROBE_SEED).to(device)

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
        """Return the score of each sequence at each length, (lengths, sequences)."""
        batch = _held_out(self, max(lengths), sequences, seed)
        if one_pass:
            scores_TB = self._scores(read, batch, device)
            scores = [_up_to(scores_TB, each, self.reach) for each in lengths]
        else:
            scores = []
            for each in lengths:
                prefix = Batch(batch.inputs[:each], batch.targets[:each])
                scores.append(_up_to(self._scores(read, prefix, device), each, self.reach))
        return torch.stack(scores).numpy()

    def _scores(self, read: Read, batch: Batch, device: torch.device) -> Tensor:
        """Return the scores (T, B) in float64, some sequences read at a time."""
        parts = []
        for at in range(0, batch.inputs.shape[1], READ_AT_ONCE):
            several = slice(at, at + READ_AT_ONCE)
            part = Batch(batch.inputs[:, several], batch.targets[:, several]).to(device)
            parts.append(self.scored(read(part.inputs), part).cpu())
        return torch.cat(parts, 1).double()


def _held_out(task: VaryingLengths, steps: int, size: int, seed: int) -> Batch:
    return task.draw_held_out(steps, size, torch.Generator().manual_seed(seed))


def _up_to(scores_TB: Tensor, length: int, reach: float) -> Tensor:
    """Return the score at `length`, (B,): the mean over its last steps, a share `reach` of them."""
    first = length - 1 - int(length * reach)
    mean_B = scores_TB[first:length].nanmean(0)
    return mean_B.where(~scores_TB[length - 1].isnan(), torch.nan)


def score_lengths(
    task: LengthTask,
    read: Read,
    lengths: Sequence[int],
    *,
    sequences: int,
    device: torch.device,
    seed: int = EVALUATION_SEED,
    one_pass: bool = True,
) -> NDArray[np.float64]:
    """Return the score of each held-out sequence at each length, (lengths, sequences).

    Equal seeds give equal sequences, so that the scores of two readers are paired. A score is NaN
    where the reader has no answer. Without `one_pass` each length is read by itself: a reader that
    answers only the end of what it is given then answers at every length.
    """
    with torch.no_grad():
        return task.score_lengths(
            read, lengths, sequences=sequences, device=device, seed=seed, one_pass=one_pass
        )


def right_answers(logits_TBO: Tensor, targets_TB: Tensor) -> Tensor:
    """Return 1 where the highest logit is the target's, else 0, and NaN where logits are NaN."""
    right_TB = (logits_TBO.argmax(-1) == targets_TB).to(logits_TBO.dtype)
    return right_TB.where(~logits_TBO.isnan().any(-1), torch.nan)
