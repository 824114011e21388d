"""How long a batch takes, as a distribution for each size: measured, or one that theory knows.

Legend: S measured batch sizes, Q equally likely quantile levels.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import ConfigError

LEVELS = 256
"""Equally likely times of a batch that a measured distribution is told by."""
EXPONENTIAL_LEVELS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class ServiceTimes:
    """Milliseconds of a batch by its size.

    Between two sizes that are known, each quantile lies on the line between theirs; a size that
    is larger than all of them is not known.

    Attributes:
        sizes: batch sizes, rising, (S,).
        quantiles_ms: at levels (q + 1/2) / Q of the time of a batch of each size, (S, Q).
    """

    sizes: tuple[int, ...]
    quantiles_ms: NDArray[np.float64]

    @classmethod
    def measured(cls, samples_ms: Mapping[int, Sequence[float]]) -> "ServiceTimes":
        """Return the times of batches of which a few calls each were timed.

        The quantiles of a few calls are Hazen's, so that their mean is that of the calls and no
        time lies beyond the quickest or the slowest call.

        Raises:
            ConfigError: no size 1, a size without a call, or a time that is not positive.
        """
        sizes = tuple(sorted(samples_ms))
        if not sizes or sizes[0] != 1:
            raise ConfigError(f"Batches of {sizes or 'no size'} were timed; size 1 is needed too.")
        for size in sizes:
            taken = np.asarray(samples_ms[size], dtype=np.float64)
            if not len(taken) or not (np.isfinite(taken) & (taken > 0)).all():
                raise ConfigError(
                    f"Batches of {size} have {len(taken)} times; one or more is needed, "
                    "each more than 0 ms. Time that size again."
                )
        levels = (np.arange(LEVELS) + 0.5) / LEVELS
        rows = [np.quantile(samples_ms[size], levels, method="hazen") for size in sizes]
        return cls(sizes, np.array(rows))

    @classmethod
    def fixed(cls, first_ms: float, each_ms: float = 0.0, *, largest: int = 128) -> "ServiceTimes":
        """Return a time that never varies: `first_ms`, and `each_ms` for every further request.

        Raises:
            ConfigError: a time is not positive.
        """
        _check_positive(first_ms)
        sizes = (1, largest) if largest > 1 else (1,)
        return cls(sizes, np.array([[first_ms + each_ms * (size - 1)] for size in sizes]))

    @classmethod
    def exponential(cls, mean_ms: float) -> "ServiceTimes":
        """Return times of single requests that forget how long they have lasted.

        Raises:
            ConfigError: the mean is not positive.
        """
        _check_positive(mean_ms)
        levels = (np.arange(EXPONENTIAL_LEVELS) + 0.5) / EXPONENTIAL_LEVELS
        return cls((1,), -mean_ms * np.log1p(-levels)[None])

    @property
    def largest(self) -> int:
        """The largest batch whose time is known."""
        return self.sizes[-1]

    def of(self, size: int) -> NDArray[np.float64]:
        """Return the equally likely milliseconds of a batch of `size` requests, (Q,).

        Raises:
            ConfigError: no batch of that size or larger was timed.
        """
        if not 1 <= size <= self.largest:
            raise ConfigError(
                f"A batch of {size} was asked for; times are known from 1 to {self.largest}."
            )
        above = bisect_left(self.sizes, size)
        high_ms: NDArray[np.float64] = self.quantiles_ms[above]
        if self.sizes[above] == size:
            return high_ms
        low_ms: NDArray[np.float64] = self.quantiles_ms[above - 1]
        share = (size - self.sizes[above - 1]) / (self.sizes[above] - self.sizes[above - 1])
        return low_ms + share * (high_ms - low_ms)

    def table(self, largest: int) -> list[list[float]]:
        """Return the equally likely milliseconds of batches of 1 to `largest`, as plain lists.

        Raises:
            ConfigError: as `of`.
        """
        return [self.of(size).tolist() for size in range(1, largest + 1)]

    def mean_ms(self, size: int) -> float:
        """Return the mean milliseconds of a batch of `size` requests.

        Raises:
            ConfigError: as `of`.
        """
        return float(self.of(size).mean())


def _check_positive(mean_ms: float) -> None:
    if not 0 < mean_ms < np.inf:
        raise ConfigError(f"A request takes {mean_ms:g} ms; it must be more than 0.")
