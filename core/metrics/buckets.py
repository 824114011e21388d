"""Sentences sorted by the length of their reference (compare-mt's bucketer; Neubig et al. 2019)."""

import bisect
import math
from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import ConfigError

DEFAULT_BUCKETS = (10, 25, 50, 75, 100, 150)

LEAST_SENTENCES = 30
"""With fewer sentences the BLEU of a bucket is mostly luck; what shows it says so."""


def is_reliable(n: int) -> bool:
    """Return whether `n` sentences are enough to read anything from their BLEU."""
    return n >= LEAST_SENTENCES


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets of reference length in words, each named by its centre; they meet half way.

    The first begins at 1 word (an empty reference falls into it too), the last has no end.
    """

    centres: tuple[int, ...] = DEFAULT_BUCKETS

    def __post_init__(self) -> None:
        if not self.centres or list(self.centres) != sorted(set(self.centres)):
            raise ConfigError("Buckets are lengths in rising order, as 10,25,50.")
        if self.centres[0] < 1:
            raise ConfigError(f"A bucket is at length {self.centres[0]}; the shortest is 1 word.")

    def of(self, length: int) -> int:
        """Return the centre of the bucket that a reference of `length` words falls into."""
        return self.centres[bisect.bisect_left(self._edges(), length)]

    def bounds(self, centre: int) -> tuple[int, float]:
        """Return the least and the greatest length of a bucket, both in it; the last is inf.

        Raises:
            ConfigError: no bucket has this centre.
        """
        if centre not in self.centres:
            known = ", ".join(map(str, self.centres))
            raise ConfigError(f"There is no bucket at length {centre}; those there are: {known}.")
        edges = self._edges()
        at = self.centres.index(centre)
        low = math.floor(edges[at - 1]) + 1 if at else 1
        return low, math.floor(edges[at]) if at < len(edges) else math.inf

    def split(self, lengths: Iterable[int]) -> dict[int, list[int]]:
        """Return, by bucket, the indices of `lengths` that fall into it; empty ones included."""
        found: dict[int, list[int]] = {centre: [] for centre in self.centres}
        edges = self._edges()
        for index, length in enumerate(lengths):
            found[self.centres[bisect.bisect_left(edges, length)]].append(index)
        return found

    def _edges(self) -> list[float]:
        return [(a + b) / 2 for a, b in zip(self.centres, self.centres[1:], strict=False)]
