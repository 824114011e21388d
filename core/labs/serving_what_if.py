"""What if requests came faster, or waited for fuller batches? Answered from a run's own times.

A few thousand requests are simulated while a slider moves. No torch here: the server asks.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.serving.batch_times import ServiceTimes
from core.serving.queueing import Policy, Simulation, capacity, simulate
from core.training.events import Columns

REQUESTS = 20_000
BINS = 40
_SHOWN = 0.995
"""Share of the requests that the bins hold; the last bin holds the rest too."""

Clock = Literal["wall", "cpu"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The answer for one policy.

    Attributes:
        p50, p95, p99, mean: milliseconds from arrival to answer.
        late: share of the requests that are answered after the deadline.
        utilisation: share of the replicas' time in which they answer.
        capacity: requests a second that full batches of all replicas answer.
        load: requests a second over the capacity.
        stable: whether a backlog is cleared in the end.
        latencies: bin_low and bin_high in ms, simulated (a share of the requests), replayed (None).
        batches: batch, share_simulated (of the passes), share_replayed (None).
        sentence: the verdict, with its numbers.
    """

    p50: float
    p95: float
    p99: float
    mean: float
    late: float
    utilisation: float
    capacity: float
    load: float
    stable: bool
    latencies: Columns
    batches: Columns
    sentence: str


def service_times(samples: Columns, clock: Clock) -> ServiceTimes:
    """Return the times of batches as a run measured them: its table "samples".

    Raises:
        ConfigError: no single request was timed.
    """
    by_batch: dict[int, list[float]] = {}
    for batch, taken in zip(samples.get("batch", []), samples.get(f"{clock}_ms", []), strict=True):
        by_batch.setdefault(int(batch), []).append(float(taken))
    return ServiceTimes.measured(by_batch)


def what_if(
    service: ServiceTimes, policy: Policy, *, rate: float, deadline_ms: float, seed: int = 0
) -> WhatIf:
    """Return what requests meet that come at random, `rate` a second, under `policy`.

    Raises:
        ConfigError: the policy wants larger batches than were timed.
    """
    found = simulate(rate, policy, service, requests=REQUESTS, seed=seed)
    most = capacity(policy, service)
    stable = bool(found.stable)
    late = found.late_share(deadline_ms)
    return WhatIf(
        p50=found.p50,
        p95=found.p95,
        p99=found.p99,
        mean=found.mean,
        late=late,
        utilisation=found.utilisation,
        capacity=most,
        load=rate / most,
        stable=stable,
        latencies=latency_bins(found.latency_ms),
        batches=batch_shares(found),
        sentence=_sentence(found, rate=rate, most=most, late=late, deadline_ms=deadline_ms),
    )


def latency_bins(latency_ms: NDArray[np.float64], bins: int = BINS) -> Columns:
    """Return how the requests spread over time: bin_low, bin_high (ms), simulated, replayed.

    The last bin holds all that took longer, so that a few stragglers do not squeeze the rest.
    """
    low = float(latency_ms.min())
    high = max(float(np.quantile(latency_ms, _SHOWN)), low * 1.001)
    edges = np.linspace(low, high, bins + 1)
    counts, _ = np.histogram(np.minimum(latency_ms, high), edges)
    return {
        "bin_low": edges[:-1].tolist(),
        "bin_high": edges[1:].tolist(),
        "simulated": (counts / len(latency_ms)).tolist(),
        "replayed": [None] * bins,
    }


def batch_shares(found: Simulation) -> Columns:
    """Return of how many requests the passes were: batch, share_simulated, share_replayed."""
    shares: list[float] = found.batch_shares.tolist()
    sizes = [size for size, share in enumerate(shares) if share > 0]
    return {
        "batch": sizes,
        "share_simulated": [shares[size] for size in sizes],
        "share_replayed": [None] * len(sizes),
    }


def _sentence(
    found: Simulation, *, rate: float, most: float, late: float, deadline_ms: float
) -> str:
    replicas = found.policy.replicas
    needed = int(np.floor(rate * replicas / most)) + 1
    if not found.stable:
        return (
            f"**Unstable.** {rate:,.0f} requests a second are {rate / most:.0%} of the "
            f"{most:,.0f} that full batches allow: the queue grows as long as they come. From "
            f"{needed} replica{'s' * (needed > 1)} on it does not."
        )
    verdict = (
        f"99 of 100 requests are answered within {found.p99:.3g} ms, in time for"
        if found.p99 <= deadline_ms
        else f"{late:.1%} of the requests are answered after"
    )
    return (
        f"**Stable.** {rate:,.0f} requests a second are {rate / most:.0%} of the {most:,.0f} that "
        f"full batches allow; {verdict} the deadline of {deadline_ms:g} ms."
    )
