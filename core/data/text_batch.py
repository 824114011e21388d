"""Texts as tensors. Legend: B batch, T time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from core.data.pair_batch import padded
from core.text.words import PAD


class TextInputs(NamedTuple):
    """Word ids (B, T), PAD at the end of each row, and how many words each row has (B,)."""

    words_BT: Tensor
    lengths_B: Tensor

    def to(self, device: torch.device) -> "TextInputs":
        """Return the texts on `device`."""
        return TextInputs(self.words_BT.to(device), self.lengths_B.to(device))

    def with_pads(self, pads: int) -> "TextInputs":
        """Return the texts with `pads` more positions of padding."""
        return TextInputs(pad(self.words_BT, (0, pads), value=PAD), self.lengths_B)


@dataclass(frozen=True, slots=True)
class TextBatch:
    """Texts, and the label of each (B,)."""

    inputs: TextInputs
    labels_B: Tensor

    def to(self, device: torch.device) -> "TextBatch":
        """Return the batch on `device`."""
        if device.type == "cpu":
            return self
        return TextBatch(self.inputs.to(device), self.labels_B.to(device))


def make_text_inputs(rows: Sequence[Sequence[int]], pad_to: int = 0) -> TextInputs:
    """Return rows of ids as one tensor, at least `pad_to` positions long."""
    inputs = TextInputs(padded(rows), torch.tensor([len(row) for row in rows]))
    return inputs.with_pads(max(0, pad_to - inputs.words_BT.shape[1]))
