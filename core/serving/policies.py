"""Which policy serves a load best, and how much load a policy sustains: by simulation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.errors import ConfigError
from core.serving.batch_times import ServiceTimes
from core.serving.queue_theory import SINGLY, ReplicasNeeded, replicas_needed
from core.serving.queueing import ROUNDING_MS, Policy, capacity, simulate
from core.training.events import Columns

CAPS = (1, 2, 4, 8, 16, 32, 64, 128)
REQUESTS = 3_000
"""Simulated per cell of a grid. At 30 % load the p99 of so few varies by 2 to 6 %, at 80 % by 18 %;
at 90 % it is also a quarter too short, one by one, as the run ends before long queues come."""
SUSTAINED_REQUESTS = 8_000
COARSE, FINE = 16, 5
"""Loads that are tried from the limit down, and how often the step between two is halved."""
TIE = 0.01
"""Two p99 that are apart by less are the same."""
SUSTAINED_TIE = 0.05
"""Two sustained rates that are apart by less are the same."""


def known_caps(service: ServiceTimes, caps: Sequence[int] = CAPS) -> tuple[int, ...]:
    """Return those of `caps` of which it is known how long so large a batch takes."""
    return tuple(cap for cap in caps if cap <= service.largest)


def grid_rates(
    service: ServiceTimes, caps: Sequence[int], *, replicas: int = 1, count: int = 12
) -> tuple[float, ...]:
    """Return rising rates from 5 % to 105 % of what the best cap can answer, two digits each.

    Raises:
        ConfigError: no cap, or one that is larger than the largest batch whose time is known.
    """
    most = max(capacity(Policy(max_batch=cap, replicas=replicas), service) for cap in _some(caps))
    rates = np.geomspace(0.05 * most, 1.05 * most, count)
    return tuple(dict.fromkeys(float(f"{rate:.2g}") for rate in rates))


def p99_grid(
    service: ServiceTimes,
    rates: Sequence[float],
    caps: Sequence[int],
    *,
    policy: Policy = SINGLY,
    requests: int = REQUESTS,
    seed: int = 0,
) -> Columns:
    """Return columns `rate`, `max_batch`, `p99` (ms) and `stable`, one row a rate and cap.

    Wait and replicas are those of `policy`. All cells see the same arrivals, nearer together
    where the rate is higher. The `p99` of a queue that is not stable is longer with more requests.

    Raises:
        ConfigError: as `simulate`.
    """
    columns: Columns = {"rate": [], "max_batch": [], "p99": [], "stable": []}
    for rate in rates:
        for cap in caps:
            served = simulate(
                rate, replace(policy, max_batch=cap), service, requests=requests, seed=seed
            )
            for name, value in zip(columns, (rate, cap, served.p99, served.stable), strict=True):
                columns[name].append(value)
    return columns


def best_caps(grid: Columns) -> Columns:
    """Return columns `rate`, `max_batch` and `p99`: the best stable policy of a grid at each rate.

    The least p99 is best, and of those that are the same the smallest batch. Cap and p99 are None
    at a rate at which no policy is stable.
    """
    cells: dict[float, list[tuple[int, float]]] = {rate: [] for rate in grid["rate"]}
    for rate, cap, p99, stable in zip(*grid.values(), strict=True):
        if stable:
            cells[rate].append((cap, p99))
    best: Columns = {"rate": [], "max_batch": [], "p99": []}
    for rate, known in cells.items():
        least = min((p99 for _, p99 in known), default=0.0)
        cap, p99 = min((c for c in known if c[1] <= (1 + TIE) * least), default=(None, None))
        for name, value in zip(best, (rate, cap, p99), strict=True):
            best[name].append(value)
    return best


def rate_sustained(
    policy: Policy,
    service: ServiceTimes,
    deadline_ms: float,
    *,
    requests: int = SUSTAINED_REQUESTS,
    seed: int = 0,
) -> float:
    """Return the most requests a second of which 99 % are answered within the deadline.

    0 if that is so at no rate: too long an answer, or a wait that is as long as the deadline.

    Raises:
        ConfigError: as `simulate`.
    """
    most = capacity(policy, service)

    def in_time(share: float) -> bool:
        served = simulate(share * most, policy, service, requests=requests, seed=seed)
        return served.p99 <= deadline_ms + ROUNDING_MS

    shares = [at / COARSE for at in range(COARSE - 1, 0, -1)]
    low = next((share for share in [*shares, 0.01 / COARSE] if in_time(share)), 0.0)
    if not low:
        return 0.0
    high = min(share for share in [1.0, *shares] if share > low)
    for _ in range(FINE):
        middle = (low + high) / 2
        low, high = (middle, high) if in_time(middle) else (low, middle)
    return low * most


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The numbers that say what to do first for a rate and a deadline.

    Attributes:
        singly: requests a second that one replica sustains, one request at a time.
        batched: the same where it takes what is queued, `max_batch` at most.
        max_batch: the smallest cap with which one replica sustains nearly the most.
        replicas_singly: replicas needed, one request at a time.
        replicas_batched: the same where each takes what is queued.
    """

    rate: float
    deadline_ms: float
    singly: float
    batched: float
    max_batch: int
    replicas_singly: ReplicasNeeded
    replicas_batched: ReplicasNeeded


def advise(
    service: ServiceTimes,
    rate: float,
    deadline_ms: float,
    *,
    caps: Sequence[int] = CAPS,
    seed: int = 0,
) -> Advice:
    """Return what batching saves at this rate and deadline, with no wait for larger batches.

    Raises:
        ConfigError: the rate or the deadline is not positive, or no cap is known.
    """
    sustained = {
        cap: rate_sustained(Policy(max_batch=cap), service, deadline_ms, seed=seed)
        for cap in _some(known_caps(service, caps))
    }
    most = max(sustained.values())
    cap = min(cap for cap, at in sustained.items() if at >= (1 - SUSTAINED_TIE) * most)
    single, several = (
        replicas_needed(rate, service, deadline_ms, policy=Policy(max_batch=size), seed=seed)
        for size in (1, cap)
    )
    return Advice(
        rate=rate,
        deadline_ms=deadline_ms,
        singly=rate_sustained(SINGLY, service, deadline_ms, seed=seed),
        batched=sustained[cap],
        max_batch=cap,
        replicas_singly=single,
        replicas_batched=several,
    )


def _some(caps: Sequence[int]) -> Sequence[int]:
    if not caps:
        raise ConfigError("No batch size is left to choose from; give at least the cap 1.")
    return caps
