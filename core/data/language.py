"""Language-model windows over one text. Legend: B batch, T time, V vocabulary."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.batch import Batch
from core.errors import TextError

EVALUATION_SEED = 5
HELD_OUT = 0.1


def draw_windows(ids: Tensor, steps: int, size: int, generator: torch.Generator) -> Batch:
    """Return windows (steps, size) of `ids` (N,), and the ids that follow each of their steps."""
    starts_B = torch.randint(0, len(ids) - steps - 1, (size,), generator=generator)
    window_TB = ids[starts_B + torch.arange(steps + 1)[:, None]]
    return Batch(window_TB[:-1], window_TB[1:])


@dataclass(frozen=True, slots=True)
class LanguageModeling:
    """Predict the next character: `ids` (N,) of the text, windows of `window` steps.

    The last tenth of the text is held out: training never sees it, scores are taken on it.
    """

    ids: Tensor
    vocabulary_size: int
    window: int
    input_size: ClassVar[int] = 32
    score_name: ClassVar[str] = "loss"

    def __post_init__(self) -> None:
        held = len(self.ids) - self._end
        if min(self._end, held) < self.window + 2:
            need = int((self.window + 2) / HELD_OUT) + 10
            raise TextError(
                f"The text has {len(self.ids)} characters; windows of {self.window} need {need}. "
                "Give a longer text or choose a shorter window."
            )

    @property
    def output_size(self) -> int:
        """One logit a character."""
        return self.vocabulary_size

    @property
    def _end(self) -> int:
        return int(len(self.ids) * (1 - HELD_OUT))

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """Return windows (window, size) of the training part, and the characters that follow."""
        return draw_windows(self.ids[: self._end], self.window, size, generator)

    def loss(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the cross-entropy in nats per character."""
        return F.cross_entropy(outputs_TBO.flatten(0, 1), batch.targets.flatten())

    def error_at_lag(self, outputs_TBO: Tensor, batch: Batch) -> None:
        """Return None: a language model has no lag to solve."""

    def scores(self, model: nn.Module, *, sequences: int = 128, device: torch.device) -> Tensor:
        """Return the held-out loss (nats per character) by position, up to two windows, (T,).

        Each is the mean over the positions within a tenth of it: position 100 over 90 to 110, the
        first ten alone. Single positions of a few windows would be noise.
        """
        batch = self._held_out(sequences, device)
        with torch.no_grad():
            logits_TBV = model(batch.inputs)
            loss_TB = F.cross_entropy(
                logits_TBV.permute(1, 2, 0), batch.targets.T, reduction="none"
            )
        return _smoothed(loss_TB.mean(0).cpu())  # in float64, which MPS has not

    def _held_out(self, sequences: int, device: torch.device) -> Batch:
        generator = torch.Generator().manual_seed(EVALUATION_SEED)
        held = self.ids[self._end :]
        window = min(2 * self.window, len(held) - 2)
        return draw_windows(held, window, sequences, generator).to(device)

    def probe(self, *, sequences: int = 4, device: torch.device) -> Batch:
        """Return held-out windows of the trained length; the first starts the held-out part."""
        held = self.ids[self._end :]
        starts = [0, *torch.linspace(0, len(held) - self.window - 1, sequences).long().tolist()[1:]]
        window_TB = torch.stack([held[s : s + self.window + 1] for s in starts], 1)
        return Batch(window_TB[:-1], window_TB[1:]).to(device)


def _smoothed(values_T: Tensor) -> Tensor:
    """Return the mean over the positions within a tenth of each."""
    total_T = F.pad(values_T.double().cumsum(0), (1, 0))
    position_T = torch.arange(len(values_T))
    reach_T = torch.minimum(position_T // 10, len(values_T) - 1 - position_T)
    first_T, last_T = position_T - reach_T, position_T + reach_T + 1
    return ((total_T[last_T] - total_T[first_T]) / (last_T - first_T)).to(values_T.dtype)
