"""The simulator checked by real passes: the same queue on a clock that only the passes move."""

import time
from collections import deque
from collections.abc import Callable, Generator

import numpy as np
from numpy.typing import NDArray

from core.serving.queueing import Batches, Policy, Simulation, serve_in_steps, summarise


def replay(
    answer: Callable[[int], object],
    arrivals_ms: NDArray[np.float64],
    policy: Policy,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> Simulation:
    """Return what these requests meet when `answer` is really called for each batch.

    See `replay_in_steps`.
    """

    def whole() -> Generator[int, None, None]:
        found.append((yield from replay_in_steps(answer, arrivals_ms, policy, clock=clock)))

    found: list[Simulation] = []
    deque(whole(), maxlen=0)
    return found[0]


def replay_in_steps(
    answer: Callable[[int], object],
    arrivals_ms: NDArray[np.float64],
    policy: Policy,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> Generator[int, None, Simulation]:
    """Yield after each batch how many requests are answered; return what they met.

    `answer` answers as many requests as it is told, and the seconds that this takes by `clock`
    are the service time of that batch: with `time.process_time` what other work the machine does
    is left out. Nobody sleeps until the next request comes, and replicas are called in turn, as
    if each had a core of its own. The load is not known, so neither is whether it is stable.

    Raises:
        ConfigError: there are fewer than 2 arrivals, or they are not in order from 0 on.
    """
    batches = Batches([], [], [])
    steps = serve_in_steps(arrivals_ms, policy, batches)
    size, answered = next(steps), 0
    while size:
        started = clock()
        answer(size)
        taken_ms = 1e3 * (clock() - started)
        answered += size
        size = steps.send(taken_ms)
        yield answered
    return summarise(arrivals_ms, batches, policy, load=None)
