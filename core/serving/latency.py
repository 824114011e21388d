"""How long an answer takes: measured on this machine, after a warm-up, by the clock on the wall."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

WARM_UP = 3
LEAST_CALLS = 5
MOST_CALLS = 100
MOST_SECONDS = 0.4
"""Of a batch size, warm-up not counted; slow models are called `LEAST_CALLS` times all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds that a batch took: half of the calls were quicker than `p50`, 95 % than `p95`.

    With `calls` below 20 the `p95` lies between the two slowest calls.
    """

    batch: int
    p50: float
    p95: float
    calls: int


def measure_latency(
    answer: Callable[[Sequence[str]], object],
    texts: Sequence[str],
    batch: int,
    *,
    most_seconds: float = MOST_SECONDS,
) -> Latency:
    """Return how long `answer` takes for `batch` texts at once, drawn in turn from `texts`.

    From the text itself to the answer, cutting it into words included. Another load on the
    machine counts, as it would for a user.
    """
    lots = [
        [texts[(start + i) % len(texts)] for i in range(batch)]
        for start in range(0, batch * MOST_CALLS, batch)
    ]
    for lot in lots[:WARM_UP]:
        answer(lot)
    taken: list[float] = []
    while len(taken) < MOST_CALLS and (sum(taken) < most_seconds or len(taken) < LEAST_CALLS):
        started = time.perf_counter()
        answer(lots[len(taken)])
        taken.append(time.perf_counter() - started)
    p50, p95 = np.quantile(taken, (0.5, 0.95)) * 1e3
    return Latency(batch=batch, p50=float(p50), p95=float(p95), calls=len(taken))
