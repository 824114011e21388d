"""Memory tasks: something is shown at the first step and asked for later.

Legend: B batch, T time, I input width, O output width.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.batch import Batch

EVALUATION_SEED = 5
PROBE_SEED = 6


@dataclass(frozen=True, slots=True)
class AnalogMemory:
    """A number u ~ U(-1, 1) is shown at step 0 with a flag; then noise of the same size; say u.

    The model answers at every step, so that one pass gives its memory at every lag. Guessing the
    mean gives R2 = 0; knowing only the sign of u gives 0.75.
    """

    lag: int
    input_size: ClassVar[int] = 2
    output_size: ClassVar[int] = 1
    vocabulary_size: ClassVar[int | None] = None
    score_name: ClassVar[str] = "R2"

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """Return inputs (lag + 1, size, 2), value and flag, and the targets u (size,)."""
        return self._draw(self.lag + 1, size, generator)

    def _draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        targets_B = torch.rand(size, generator=generator) * 2 - 1
        inputs_TBI = torch.zeros(steps, size, 2)
        inputs_TBI[..., 0] = torch.rand(steps, size, generator=generator) * 2 - 1
        inputs_TBI[0, :, 0] = targets_B
        inputs_TBI[0, :, 1] = 1
        return Batch(inputs_TBI, targets_B)

    def loss(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the mean squared error over all steps."""
        return (outputs_TBO[..., 0] - batch.targets).square().mean()

    def error_at_lag(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the normalized squared error at the last step; the variance of U(-1, 1) is 1/3."""
        return (outputs_TBO[-1, :, 0] - batch.targets).square().mean() * 3

    def scores(self, model: nn.Module, *, sequences: int = 128, device: torch.device) -> Tensor:
        """Return R2 (1 is perfect, 0 the mean's) at lags 0 to twice the trained one, (T,)."""
        generator = torch.Generator().manual_seed(EVALUATION_SEED)
        batch = self._draw(2 * self.lag + 1, sequences, generator).to(device)
        with torch.no_grad():
            error_T = (model(batch.inputs)[..., 0] - batch.targets).square().mean(1)
        r2_T: Tensor = 1 - error_T / batch.targets.var(correction=0)
        return r2_T

    def probe(self, *, sequences: int = 4, device: torch.device) -> Batch:
        """Return the fixed sequences that diagnostics look at, one lag long."""
        generator = torch.Generator().manual_seed(PROBE_SEED)
        return self._draw(self.lag + 1, sequences, generator).to(device)


@dataclass(frozen=True, slots=True)
class DiscreteRecall:
    """One of 8 letters is shown at step 0, then other letters; name the first at the last step.

    The loss is taken at the last step only: credit must travel the whole lag. Here the order of
    the models reverses at short lags (a plain RNN can win), which is why it is offered.
    """

    lag: int
    letters: ClassVar[int] = 8
    input_size: ClassVar[int] = 9
    output_size: ClassVar[int] = 8
    vocabulary_size: ClassVar[int | None] = None
    score_name: ClassVar[str] = "accuracy"

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """Return inputs (lag + 1, size, 9), letter and flag, and the first letters (size,)."""
        return self._draw(self.lag + 1, size, generator)

    def _draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        letters_TB = torch.randint(0, self.letters, (steps, size), generator=generator)
        inputs_TBI = torch.zeros(steps, size, self.input_size)
        inputs_TBI.scatter_(2, letters_TB[..., None], 1.0)
        inputs_TBI[0, :, -1] = 1
        return Batch(inputs_TBI, letters_TB[0])

    def loss(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the cross-entropy at the last step, in nats."""
        return F.cross_entropy(outputs_TBO[-1], batch.targets)

    def error_at_lag(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the share of wrong answers at the last step over that of chance (7/8)."""
        wrong = (outputs_TBO[-1].argmax(-1) != batch.targets).float().mean()
        return wrong * self.letters / (self.letters - 1)

    def scores(self, model: nn.Module, *, sequences: int = 128, device: torch.device) -> Tensor:
        """Return accuracy (chance is 1/8) at lags 0 to twice the trained one, (T,)."""
        generator = torch.Generator().manual_seed(EVALUATION_SEED)
        batch = self._draw(2 * self.lag + 1, sequences, generator).to(device)
        with torch.no_grad():
            right_T: Tensor = (model(batch.inputs).argmax(-1) == batch.targets).float().mean(1)
        return right_T

    def probe(self, *, sequences: int = 4, device: torch.device) -> Batch:
        """Return the fixed sequences that diagnostics look at, one lag long."""
        generator = torch.Generator().manual_seed(PROBE_SEED)
        return self._draw(self.lag + 1, sequences, generator).to(device)
