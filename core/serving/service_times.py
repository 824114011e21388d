"""How long a model takes for a batch: every call by the clock on the wall and by the CPU's.

The clock on the wall is what who asks waits; the CPU's is what the machine pays, and another load
on it does not count. No torch here.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.metrics.intervals import middle

WARM_UP = 3
LEAST_CALLS = 5
MARGIN = 0.02
"""Of a speed-up: what is nearer to 1 than this is the same speed."""
_RESAMPLES = 1000

Clock = Literal["wall", "cpu"]
Answer = Callable[[Any], object]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ServiceSamples:
    """What each call took, in milliseconds, `batch` texts of `words` words at once.

    Attributes:
        wall_ms: by the clock on the wall, in the order of the calls.
        cpu_ms: of all threads of this process together: with several it may be more than `wall_ms`.
    """

    batch: int
    words: int
    wall_ms: NDArray[np.float64]
    cpu_ms: NDArray[np.float64]

    @property
    def calls(self) -> int:
        """How many calls were timed, the warm-up not counted."""
        return len(self.wall_ms)

    @property
    def throughput(self) -> float:
        """Texts a second, where one such batch follows on the other: by the median call."""
        return 1e3 * self.batch / self.quantile(0.5)

    def quantile(self, share: float, clock: Clock = "wall") -> float:
        """Return the milliseconds in which a `share` of the calls were done.

        With 30 calls the quantile 0.99 is practically the slowest of them.
        """
        return float(np.quantile(self.wall_ms if clock == "wall" else self.cpu_ms, share))

    def row(self) -> dict[str, float | int]:
        """Return the row of a table: batch, words, wall_p50 to cpu_p99 in ms, throughput, calls."""
        quantiles = {
            f"{clock}_p{share}": self.quantile(share / 100, clock)
            for clock in ("wall", "cpu")
            for share in (50, 95, 99)
        }
        sizes = {"batch": self.batch, "words": self.words}
        return sizes | quantiles | {"throughput": self.throughput, "calls": self.calls}


def measure_service(
    answer: Answer,
    batch: Any,
    *,
    calls: int,
    warm_up: int = WARM_UP,
    most_seconds: float = np.inf,
) -> ServiceSamples:
    """Return what `calls` calls of `answer` took for one batch of ids, (B, T).

    After `warm_up` calls that are not counted. `most_seconds` end the calls earlier, but not
    before `LEAST_CALLS`. `answer` returns when it is done, also on a GPU.
    """
    for _ in range(warm_up):
        answer(batch)
    taken: list[tuple[float, float]] = []
    started = time.perf_counter()
    while len(taken) < calls:
        taken.append(_timed(answer, batch))
        is_over = time.perf_counter() - started > most_seconds
        if is_over and len(taken) >= min(calls, LEAST_CALLS):
            break
    return _samples(batch, taken)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Race:
    """Two models that answered the same batch in turns, so that other load met both.

    Attributes:
        speedup: the median of `first` over that of `second`: above 1 the second is faster.
        low: with `high`, the 95 % bootstrap interval of it over the calls.
    """

    first: ServiceSamples
    second: ServiceSamples
    speedup: float
    low: float
    high: float

    @property
    def verdict(self) -> Literal["faster", "slower", "the same"]:
        """What the second is; "the same" where the interval reaches to within `MARGIN` of 1."""
        if self.low > 1 + MARGIN:
            return "faster"
        if self.high < 1 - MARGIN:
            return "slower"
        return "the same"


def race_service(
    first: Answer,
    second: Answer,
    batch: Any,
    *,
    calls: int,
    clock: Clock = "wall",
    most_seconds: float = np.inf,
) -> Race:
    """Return how much faster `second` answers one batch of ids, (B, T), than `first`.

    They take turns, and who begins changes each time.
    """
    for _ in range(WARM_UP):
        first(batch)
        second(batch)
    taken: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    started = time.perf_counter()
    for call in range(calls):
        for who in (0, 1) if call % 2 else (1, 0):
            taken[who].append(_timed((first, second)[who], batch))
        if time.perf_counter() - started > most_seconds and call + 1 >= LEAST_CALLS:
            break
    samples = [_samples(batch, each) for each in taken]
    times_2N = np.stack([s.wall_ms if clock == "wall" else s.cpu_ms for s in samples])
    return _raced(samples[0], samples[1], times_2N)


def _raced(first: ServiceSamples, second: ServiceSamples, times_2N: NDArray[np.float64]) -> Race:
    medians_2 = np.median(times_2N, 1)
    calls = times_2N.shape[1]
    drawn_RN = np.random.default_rng(0).integers(calls, size=(_RESAMPLES, calls))
    resampled_2R = np.median(times_2N[:, drawn_RN], 2)
    low, high = middle(resampled_2R[0] / resampled_2R[1])
    return Race(
        first=first,
        second=second,
        speedup=float(medians_2[0] / medians_2[1]),
        low=low,
        high=high,
    )


def _timed(answer: Answer, batch: Any) -> tuple[float, float]:
    """Return the seconds of one call, on the wall and of the CPU."""
    cpu, wall = time.process_time(), time.perf_counter()
    answer(batch)
    return time.perf_counter() - wall, time.process_time() - cpu


def _samples(batch: Any, taken: list[tuple[float, float]]) -> ServiceSamples:
    wall_ms, cpu_ms = 1e3 * np.array(taken, dtype=np.float64).reshape(-1, 2).T
    return ServiceSamples(batch=len(batch), words=batch.shape[1], wall_ms=wall_ms, cpu_ms=cpu_ms)
