"""The queue simulator: how long a million requests take, and against a loop over every event."""

import heapq
import time
from collections import deque
from collections.abc import Iterator
from statistics import median

import numpy as np

from benchmarks.measure import Row, ratio_of_calls
from core.serving.batch_times import ServiceTimes
from core.serving.queueing import Policy, poisson_arrivals, simulate, simulate_arrivals

REQUESTS = 1_000_000
CLOCK = time.process_time  # no bench here waits: what other work the machine does is left out
TIMES = ServiceTimes.measured({1: [0.43, 0.44, 0.5], 8: [1.17, 1.2, 1.3], 32: [4.8, 5.0, 5.4]})
CASES = {
    "one by one": (1500.0, Policy()),
    "in batches": (1000.0, Policy(max_batch=32)),
    "in batches, 4 replicas": (3000.0, Policy(max_batch=32, replicas=4)),
}


def rows() -> Iterator[Row]:
    """Measure a million requests under three policies, and the naive loop on fewer."""
    for name, (rate, policy) in CASES.items():
        yield million_row(name, rate, policy, calls=3)
    yield naive_row(requests=100_000, pairs=5)


def million_row(name: str, rate: float, policy: Policy, calls: int) -> Row:
    """Seconds that a million requests take, from their arrivals to the summary."""
    taken = []
    for _ in range(calls):
        started = CLOCK()
        simulate(rate, policy, TIMES, requests=REQUESTS)
        taken.append(CLOCK() - started)
    return Row(
        name=f"a million requests {name}",
        kind="value",
        measured=median(taken),
        unit="s",
        sense="at most",
        limit=3,
    )


def naive_row(requests: int, pairs: int) -> Row:
    """The same queue by arrivals and ends on one heap, as one writes it by the book."""
    rate, policy = CASES["in batches, 4 replicas"]
    arrivals_ms = poisson_arrivals(rate, requests, seed=0)
    means = [TIMES.mean_ms(size) for size in range(1, policy.max_batch + 1)]
    fixed = ServiceTimes(tuple(range(1, policy.max_batch + 1)), np.array(means)[:, None])
    ours = simulate_arrivals(arrivals_ms, policy, fixed)
    naive = event_loop(arrivals_ms.tolist(), policy, means)
    if not np.allclose(naive[-len(ours.latency_ms) :], ours.latency_ms):
        raise AssertionError("the two queues are not the same")
    return Row(
        name="queue by every event / simulator",
        kind="ratio",
        measured=ratio_of_calls(
            lambda: event_loop(arrivals_ms.tolist(), policy, means),
            lambda: simulate_arrivals(arrivals_ms, policy, fixed),
            pairs=pairs,
            clock=CLOCK,
        ),
        unit="x time",
        sense="at least",
        limit=None,
    )


def event_loop(arrivals: list[float], policy: Policy, times: list[float]) -> list[float]:
    """Return the latency of each request where a free replica takes what is queued."""
    events: list[tuple[float, int]] = [(at, index) for index, at in enumerate(arrivals)]
    heapq.heapify(events)
    waiting: deque[int] = deque()
    latencies, free = [0.0] * len(arrivals), policy.replicas
    while events:
        now, index = heapq.heappop(events)
        if index >= 0:
            waiting.append(index)
        else:
            free += 1
        if free and waiting:
            taken = [waiting.popleft() for _ in range(min(policy.max_batch, len(waiting)))]
            end = now + times[len(taken) - 1]
            for request in taken:
                latencies[request] = end - arrivals[request]
            heapq.heappush(events, (end, -1))
            free -= 1
    return latencies
