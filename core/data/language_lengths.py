"""A language model that is trained on some lengths and tested on all. Legend: B batch, T time."""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from core.data.batch import Batch
from core.data.language import HELD_OUT, draw_windows
from core.data.length_task import VaryingLengths
from core.errors import TextError

LONGEST_TESTED = 500


@dataclass(frozen=True, slots=True)
class LanguageLengths(VaryingLengths):
    """Predict the next character of `ids` (N,), in windows of varying length.

    The last tenth of the text is held out: training never sees it. There the loss is told by
    position, up to `longest_tested` steps after the window's start; near L it is the mean over the
    last tenth of L.

    Raises:
        TextError: the text is too short to hold such windows in both parts.
    """

    ids: Tensor = field(kw_only=True)
    vocabulary_size: int = field(kw_only=True)
    longest_tested: int = field(default=LONGEST_TESTED, kw_only=True)
    input_size: ClassVar[int] = 32
    score_name: ClassVar[str] = "loss"
    is_better_high: ClassVar[bool] = False
    reach: ClassVar[float] = 0.1

    def __post_init__(self) -> None:
        _require(self._held, self.longest_tested, len(self.ids))
        _require(self._trained, self.longest, len(self.ids))

    @property
    def output_size(self) -> int:
        """One logit a character."""
        return self.vocabulary_size

    @property
    def _trained(self) -> Tensor:
        return self.ids[: int(len(self.ids) * (1 - HELD_OUT))]

    @property
    def _held(self) -> Tensor:
        return self.ids[int(len(self.ids) * (1 - HELD_OUT)) :]

    def draw(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return windows (T, size) of the part to train on, and the characters that follow."""
        _require(self._trained, steps, len(self.ids))
        return draw_windows(self._trained, steps, size, generator)

    def draw_held_out(self, steps: int, size: int, generator: torch.Generator) -> Batch:
        """Return windows (T, size) of the held-out part, and the characters that follow."""
        _require(self._held, steps, len(self.ids))
        return draw_windows(self._held, steps, size, generator)

    def loss(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the cross-entropy in nats per character."""
        return F.cross_entropy(outputs_TBO.flatten(0, 1), batch.targets.flatten())

    def scored(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the cross-entropy of each character in nats, (T, B)."""
        nats = F.cross_entropy(outputs_TBO.flatten(0, 1), batch.targets.flatten(), reduction="none")
        return nats.view(batch.targets.shape)


def _require(part: Tensor, steps: int, characters: int) -> None:
    if len(part) < steps + 2:
        need = int((steps + 2) / HELD_OUT) + 10
        raise TextError(
            f"The text has {characters:,} characters; to read {steps:,} of them at a stretch, "
            f"in the tenth that is held out too, takes {need:,}. Give a longer text."
        )
