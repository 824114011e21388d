"""Sentence pairs as tensors. Legend: B batch, S source time, T target time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from core.data.pairs import Pair
from core.text.words import BOS, EOS, PAD, WordVocabulary


class PairInputs(NamedTuple):
    """What teacher forcing feeds: source ids (B, S) that end in EOS, targets (B, T) after BOS.

    Both are padded at the end with PAD.
    """

    source_BS: Tensor
    target_BT: Tensor


@dataclass(frozen=True, slots=True)
class PairBatch:
    """`inputs`, and `targets` (B, T): the next word at each place, EOS at the last, then PAD."""

    inputs: PairInputs
    targets: Tensor

    def to(self, device: torch.device) -> "PairBatch":
        """Return the batch on `device`."""
        if device.type == "cpu":
            return self
        source, target = self.inputs
        return PairBatch(PairInputs(source.to(device), target.to(device)), self.targets.to(device))


def make_pair_batch(
    pairs: Sequence[Pair], source: WordVocabulary, target: WordVocabulary
) -> PairBatch:
    """Return the pairs, in their order, as ids of the two vocabularies."""
    sources = [[*source.encode(pair.source), EOS] for pair in pairs]
    targets = [target.encode(pair.target) for pair in pairs]
    inputs = PairInputs(padded(sources), padded([[BOS, *ids] for ids in targets]))
    return PairBatch(inputs, padded([[*ids, EOS] for ids in targets]))


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Return rows of different lengths as one tensor (rows, longest), PAD at their ends."""
    longest = max(map(len, rows), default=0)
    filled = [[*row, *[PAD] * (longest - len(row))] for row in rows]
    return torch.tensor(filled, dtype=torch.long).reshape(len(rows), longest)
