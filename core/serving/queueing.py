"""A queue in front of replicas that answer requests in batches: what each request waits.

Everything is in milliseconds but `rate` and `capacity`, which are requests a second.
Legend: N requests, K batches, Q quantile levels of a service time.
"""

from bisect import bisect_right
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.errors import ConfigError
from core.serving.batch_times import ServiceTimes

WARM_UP_SHARE = 0.1
"""Of the requests; they find a queue that is emptier than it will be, and are not counted."""
ROUNDING_MS = 1e-6
"""An answer later than its deadline by less is in time: sums of floats are that exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How those that wait are served.

    A free replica starts at once if `max_batch` requests wait or the oldest of them has waited
    for `max_wait_ms`, else at the moment when the first of the two comes true; it takes those
    that wait then, oldest first, `max_batch` at most. A wait of 0: take what is queued.
    """

    max_batch: int = 1
    max_wait_ms: float = 0.0
    replicas: int = 1

    def __post_init__(self) -> None:
        for name, value in (("max_batch", self.max_batch), ("replicas", self.replicas)):
            if value < 1:
                raise ConfigError(f"{name} is {value}; it must be 1 or more.")
        if not 0 <= self.max_wait_ms < np.inf:
            raise ConfigError(f"max_wait_ms is {self.max_wait_ms:g}; it must be 0 or more.")


class Batches(NamedTuple):
    """The batches in the order of their start: when, until when, and of how many requests, (K,)."""

    starts_ms: list[float]
    ends_ms: list[float]
    sizes: list[int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulation:
    """What the requests after the warm-up met, in the order of their arrival.

    Times of an unstable queue are those of this many requests alone: with more they are longer.

    Attributes:
        latency_ms: from arrival to answer, (N,).
        wait_ms: from arrival to the start of its batch, (N,).
        batch_counts: how many batches were of as many requests as the index says.
        utilisation: share of the replicas' time in which they answer. No measure of load: a
            replica that takes what is queued is busy with small batches long before its limit.
        in_system: requests that wait or are answered, averaged over time.
        throughput: answers a second.
        growth: milliseconds by which a second of arrivals makes the later answers slower.
        load: requests a second over what full batches can answer; None where that is not known.
    """

    policy: Policy
    latency_ms: NDArray[np.float64]
    wait_ms: NDArray[np.float64]
    batch_counts: NDArray[np.int64]
    utilisation: float
    in_system: float
    throughput: float
    growth: float
    load: float | None

    @property
    def stable(self) -> bool | None:
        """Whether a backlog is cleared in the end; None where the load is not known."""
        return None if self.load is None else is_stable(self.load)

    @property
    def p50(self) -> float:
        """Milliseconds within which half of the requests are answered."""
        return self.quantile(0.5)

    @property
    def p95(self) -> float:
        """Milliseconds within which 95 % of the requests are answered."""
        return self.quantile(0.95)

    @property
    def p99(self) -> float:
        """Milliseconds within which 99 % of the requests are answered."""
        return self.quantile(0.99)

    @property
    def mean(self) -> float:
        """Mean milliseconds from arrival to answer."""
        return float(self.latency_ms.mean())

    @property
    def mean_batch(self) -> float:
        """Mean requests in a batch."""
        sizes = np.arange(len(self.batch_counts))
        return float((self.batch_counts * sizes).sum() / self.batch_counts.sum())

    @property
    def batch_shares(self) -> NDArray[np.float64]:
        """Share of the batches that were of as many requests as the index says."""
        shares: NDArray[np.float64] = self.batch_counts / self.batch_counts.sum()
        return shares

    def quantile(self, level: float) -> float:
        """Return the milliseconds within which the share `level` of the requests is answered."""
        return float(np.quantile(self.latency_ms, level))

    def late_share(self, deadline_ms: float) -> float:
        """Return the share of requests that are answered after the deadline."""
        return float((self.latency_ms > deadline_ms + ROUNDING_MS).mean())


def capacity(policy: Policy, service: ServiceTimes) -> float:
    """Return the requests a second that the replicas answer while there is a backlog.

    They serve full batches then. Smaller ones may be cheaper per request, but no policy of this
    kind goes back to them before the backlog is cleared.
    """
    return policy.replicas * policy.max_batch * 1e3 / service.mean_ms(policy.max_batch)


def is_stable(load: float) -> bool:
    """Return whether a queue of this load clears its backlog: at exactly 1 it does not."""
    return load < 1 - 1e-9


def poisson_arrivals(rate: float, requests: int, *, seed: int) -> NDArray[np.float64]:
    """Return the milliseconds at which `requests` come that know nothing of each other, (N,).

    The same seed gives the same arrivals at another rate, nearer together.

    Raises:
        ConfigError: the rate is not positive, or there are fewer than 2 requests.
    """
    if not 0 < rate < np.inf:
        raise ConfigError(f"rate is {rate:g} requests a second; it must be more than 0.")
    if requests < 2:
        raise ConfigError(f"requests is {requests}; a queue needs 2 or more.")
    gaps = np.random.default_rng([seed, 0]).standard_exponential(requests)
    arrivals_ms: NDArray[np.float64] = np.cumsum(gaps) * (1e3 / rate)
    return arrivals_ms


def simulate(
    rate: float, policy: Policy, service: ServiceTimes, *, requests: int = 20_000, seed: int = 0
) -> Simulation:
    """Return what requests meet that come at random, `rate` a second on average.

    Raises:
        ConfigError: as `poisson_arrivals`, or the service is not known for so large a batch.
    """
    arrivals_ms = poisson_arrivals(rate, requests, seed=seed)
    return simulate_arrivals(arrivals_ms, policy, service, rate=rate, seed=seed)


def simulate_arrivals(
    arrivals_ms: NDArray[np.float64],
    policy: Policy,
    service: ServiceTimes,
    *,
    rate: float | None = None,
    seed: int = 0,
) -> Simulation:
    """Return what these requests meet when the time of each batch is drawn from `service`.

    `rate` is what the arrivals were drawn with; without it the load is that of these arrivals.

    Raises:
        ConfigError: the arrivals are not in order, or the service is not known for `max_batch`.
    """
    times = service.table(policy.max_batch)
    levels = len(times[0])
    draw = np.random.default_rng([seed, 1]).integers
    drawn = iter(draw(levels, size=len(arrivals_ms)).tolist()) if levels > 1 else repeat(0)
    batches = serve(arrivals_ms, policy, lambda size: times[size - 1][next(drawn)])
    if rate is None:
        rate = 1e3 * (len(arrivals_ms) - 1) / float(arrivals_ms[-1] - arrivals_ms[0])
    return summarise(arrivals_ms, batches, policy, load=rate / capacity(policy, service))


def serve(
    arrivals_ms: NDArray[np.float64], policy: Policy, time_of: Callable[[int], float]
) -> Batches:
    """Return the batches in which the policy serves these arrivals.

    `time_of` says, batch after batch, how many milliseconds one of so many requests takes.

    Raises:
        ConfigError: there are fewer than 2 arrivals, or they are not in order from 0 on.
    """
    batches = Batches([], [], [])
    steps = serve_in_steps(arrivals_ms, policy, batches)
    answer = steps.send
    size = next(steps)
    while size:
        size = answer(time_of(size))
    return batches


def serve_in_steps(
    arrivals_ms: NDArray[np.float64], policy: Policy, batches: Batches
) -> Generator[int, float, None]:
    """Yield the size of the next batch and take the milliseconds it takes; 0: all are served.

    Each batch is written to the end of `batches`.

    Raises:
        ConfigError: as `serve`.
    """
    _check_arrivals(arrivals_ms)
    arrivals: Sequence[float] = arrivals_ms.tolist()
    count, most, patience = len(arrivals), policy.max_batch, policy.max_wait_ms
    free = [0.0] * policy.replicas  # a heap: when each replica is free again
    first = 0
    while first < count:
        ripe = arrivals[first] + patience
        last = first + most
        if last > count:
            last = count
        elif arrivals[last - 1] < ripe:
            ripe = arrivals[last - 1]
        start = free[0] if free[0] > ripe else ripe
        after = bisect_right(arrivals, start, first, last)
        end = start + (yield after - first)
        heapreplace(free, end)
        batches.starts_ms.append(start)
        batches.ends_ms.append(end)
        batches.sizes.append(after - first)
        first = after
    yield 0


def _check_arrivals(arrivals_ms: NDArray[np.float64]) -> None:
    if len(arrivals_ms) < 2:
        raise ConfigError(f"There are {len(arrivals_ms)} arrivals; a queue needs 2 or more.")
    if not (arrivals_ms[0] >= 0 and np.isfinite(arrivals_ms).all()):
        raise ConfigError("Arrivals are times in milliseconds from 0 on; one of these is not.")
    if (np.diff(arrivals_ms) < 0).any():
        raise ConfigError("The arrivals are not in the order of their time; sort them.")


def summarise(
    arrivals_ms: NDArray[np.float64], batches: Batches, policy: Policy, *, load: float | None
) -> Simulation:
    """Return what these batches were for the requests, the warm-up left out."""
    starts_K, ends_K = np.array(batches.starts_ms), np.array(batches.ends_ms)
    sizes_K = np.array(batches.sizes)
    starts_N, ends_N = np.repeat(starts_K, sizes_K), np.repeat(ends_K, sizes_K)
    counted = slice(int(WARM_UP_SHARE * len(arrivals_ms)), None)
    opened, closed = float(arrivals_ms[counted][0]), float(arrivals_ms[-1])
    span = max(closed - opened, ROUNDING_MS)

    def overlap(since: NDArray[np.float64], until: NDArray[np.float64]) -> float:
        return float(np.maximum(np.minimum(until, closed) - np.maximum(since, opened), 0).sum())

    latency_ms = (ends_N - arrivals_ms)[counted]
    half = len(latency_ms) // 2
    grown = latency_ms[half:].mean() - latency_ms[:half].mean() if half else 0.0
    return Simulation(
        policy=policy,
        latency_ms=latency_ms,
        wait_ms=(starts_N - arrivals_ms)[counted],
        batch_counts=np.bincount(sizes_K[starts_K >= opened], minlength=policy.max_batch + 1),
        utilisation=overlap(starts_K, ends_K) / span / policy.replicas,
        in_system=overlap(arrivals_ms, ends_N) / span,
        throughput=1e3 * float(((ends_N > opened) & (ends_N <= closed)).sum()) / span,
        growth=float(grown) / (span / 2 / 1e3),
        load=load,
    )
