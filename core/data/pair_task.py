"""Translation as a task: seeded batches of pairs, and the loss. Legend: B batch, T target time."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from torch import Tensor
from torch.nn.functional import cross_entropy

from core.data.pair_batch import PairBatch, make_pair_batch
from core.data.pairs import Pair
from core.text.words import PAD, WordVocabulary


class PairTask:
    """Batches of training pairs, drawn without replacement, epoch after epoch.

    A batch holds sources of one length wherever there are enough of them: fused recurrent
    kernels read such a batch twice as fast as one with padding.
    """

    def __init__(
        self, pairs: Sequence[Pair], source: WordVocabulary, target: WordVocabulary
    ) -> None:
        self.pairs, self.source, self.target = pairs, source, target

    def batches(self, size: int, seed: int) -> Iterator[PairBatch]:
        """Yield batches of at most `size` pairs for ever."""
        draw = random.Random(seed)
        while True:
            for indices in self._epoch(size, draw):
                yield make_pair_batch([self.pairs[i] for i in indices], self.source, self.target)

    def _epoch(self, size: int, draw: random.Random) -> list[list[int]]:
        """Return the indices of all pairs as batches in random order."""
        order = list(range(len(self.pairs)))
        draw.shuffle(order)
        by_length: defaultdict[int, list[int]] = defaultdict(list)
        for index in order:
            by_length[len(self.pairs[index].source)].append(index)
        batches, rest = [], []
        for length in sorted(by_length):
            members = by_length[length]
            whole = len(members) - len(members) % size
            batches += [members[at : at + size] for at in range(0, whole, size)]
            rest += members[whole:]  # neighbours in length make up the others
        batches += [rest[at : at + size] for at in range(0, len(rest), size)]
        draw.shuffle(batches)
        return batches

    def loss(self, logits_BTV: Tensor, batch: PairBatch) -> Tensor:
        """Return the mean cross-entropy of the target words, EOS included, in nats a word."""
        return cross_entropy(logits_BTV.flatten(0, 1), batch.targets.flatten(), ignore_index=PAD)

    def error_at_lag(self, logits_BTV: Tensor, batch: PairBatch) -> None:
        """Return None: translation has no lag."""
