"""Text classification as a task: seeded batches, and the loss. Legend: B batch, C classes."""

import random
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core.data.text_batch import TextBatch, make_text_inputs

POOL = 20
"""Batches that are sorted by length together: padding becomes rare, and order stays random."""


class TextTask:
    """Batches of encoded texts, each text once an epoch.

    A batch holds texts of about one length. With `pad_to`, batches are of any lengths and padded
    to that many words, as answers write it.
    """

    def __init__(
        self, rows: Sequence[Sequence[int]], labels: Sequence[int], *, pad_to: int = 0
    ) -> None:
        self.rows, self.labels, self.pad_to = rows, labels, pad_to

    def steps(self, size: int) -> int:
        """Return the number of batches in an epoch."""
        return -(-len(self.rows) // size)

    def batches(self, size: int, seed: int) -> Iterator[TextBatch]:
        """Yield batches of at most `size` texts for ever, epoch after epoch."""
        draw = random.Random(seed)
        while True:
            for indices in self._epoch(size, draw):
                yield self.batch(indices)

    def in_order(self, size: int) -> Iterator[TextBatch]:
        """Yield all texts once, sorted by length."""
        order = sorted(range(len(self.rows)), key=lambda i: len(self.rows[i]))
        for at in range(0, len(order), size):
            yield self.batch(order[at : at + size])

    def batch(self, indices: Sequence[int]) -> TextBatch:
        """Return the texts of these indices."""
        inputs = make_text_inputs([self.rows[i] for i in indices], self.pad_to)
        return TextBatch(inputs, torch.tensor([self.labels[i] for i in indices]))

    def _epoch(self, size: int, draw: random.Random) -> list[list[int]]:
        order = list(range(len(self.rows)))
        draw.shuffle(order)
        if self.pad_to:
            return [order[at : at + size] for at in range(0, len(order), size)]
        batches = []
        for start in range(0, len(order), size * POOL):
            pool = sorted(order[start : start + size * POOL], key=lambda i: len(self.rows[i]))
            batches += [pool[at : at + size] for at in range(0, len(pool), size)]
        draw.shuffle(batches)
        return batches

    def loss(self, logits_BC: Tensor, batch: TextBatch) -> Tensor:
        """Return the mean cross-entropy of the labels, in nats."""
        return cross_entropy(logits_BC, batch.labels_B)

    def error_at_lag(self, logits_BC: Tensor, batch: TextBatch) -> None:
        """Return None: a text has no lag."""
