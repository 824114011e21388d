"""What theory says about queues of single requests, and how many replicas a load needs.

Rates are requests a second, times milliseconds. Kleinrock 1975 is "Queueing Systems", volume 1.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.errors import ConfigError
from core.serving.batch_times import ServiceTimes
from core.serving.queueing import (
    ROUNDING_MS,
    Policy,
    Simulation,
    capacity,
    is_stable,
    simulate,
)
from core.training.events import Columns

SINGLY = Policy()
"""One request at a time by one replica."""
SERVERS = 4
"""Of the M/M/c queue that the table compares."""
THEORY_COLUMNS = ("law", "quantity", "theory", "simulated", "error")


def md1_wait_ms(rate: float, service_ms: float) -> float:
    """Return the mean wait before one server that always takes the same time; inf if unstable.

    Pollaczek 1930 and Khinchine 1932; Kleinrock 1975, section 5.6.
    """
    load = rate * service_ms / 1e3
    return load * service_ms / (2 * (1 - load)) if is_stable(load) else np.inf


def erlang_c(offered: float, servers: int) -> float:
    """Return the share of requests that wait in an M/M/c queue; 1 if it is unstable.

    `offered` is the mean number of servers that would be busy if nobody waited. By the recursion
    of Erlang's B formula. Erlang 1917; Kleinrock 1975, section 3.5.
    """
    if not is_stable(offered / servers):
        return 1.0
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = offered * blocked / (server + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def mmc_wait_ms(rate: float, service_ms: float, servers: int = 1) -> float:
    """Return the mean wait before servers whose times are exponential; inf if unstable.

    Kleinrock 1975, sections 3.2 (one server) and 3.5.
    """
    offered = rate * service_ms / 1e3
    if not is_stable(offered / servers):
        return np.inf
    return erlang_c(offered, servers) * service_ms / (servers - offered)


def mmc_wait_quantile_ms(level: float, rate: float, service_ms: float, servers: int = 1) -> float:
    """Return the milliseconds that the share `level` of requests waits at most; inf if unstable.

    Those who wait at all wait for an exponential time. Kleinrock 1975, section 3.5.
    """
    offered = rate * service_ms / 1e3
    if not is_stable(offered / servers):
        return np.inf
    waiting = erlang_c(offered, servers)
    if waiting <= 1 - level:
        return 0.0
    return float(np.log(waiting / (1 - level))) * service_ms / (servers - offered)


def in_system(rate: float, latency_ms: float) -> float:
    """Return how many requests are inside on average: Little's law, whatever the queue.

    Little 1961, "A proof for the queuing formula L = lambda W", Operations Research 9(3).
    """
    return rate * latency_ms / 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicasNeeded:
    """The least number of replicas for a load.

    Attributes:
        least_stable: with one less the backlog grows for ever.
        least_in_time: with these, 99 % of the requests are answered within the deadline; None:
            no number does it, because an answer takes too long even where nobody waits.
    """

    least_stable: int
    least_in_time: int | None


def replicas_needed(
    rate: float,
    service: ServiceTimes,
    deadline_ms: float,
    *,
    policy: Policy = SINGLY,
    requests: int = 20_000,
    seed: int = 0,
) -> ReplicasNeeded:
    """Return how many replicas `rate` requests a second need; the policy's own are not read.

    Whether they answer in time is simulated, with the same arrivals for each number.

    Raises:
        ConfigError: the rate or the deadline is not positive, or as `simulate`.
    """
    for name, value in (("rate", rate), ("deadline_ms", deadline_ms)):
        if not 0 < value < np.inf:
            raise ConfigError(f"{name} is {value:g}; it must be more than 0.")
    each = capacity(replace(policy, replicas=1), service)
    least = max(1, round(rate / each))
    if not is_stable(rate / each / least):
        least += 1

    def in_time(replicas: int) -> bool:
        many = replace(policy, replicas=replicas)
        served = simulate(rate, many, service, requests=requests, seed=seed)
        return served.p99 <= deadline_ms + ROUNDING_MS

    return ReplicasNeeded(least_stable=least, least_in_time=_least(in_time, least, requests))


def _least(in_time: Callable[[int], bool], least: int, most: int) -> int | None:
    """Return the least number from `least` on that is in time; None if not even `most` is."""
    if in_time(least):
        return least
    if least >= most or not in_time(most):
        return None
    late, step = least, 1
    while late + step < most and not in_time(late + step):
        late, step = late + step, 2 * step
    enough = min(late + step, most)
    while enough - late > 1:
        middle = (late + enough) // 2
        late, enough = (late, middle) if in_time(middle) else (middle, enough)
    return enough


def theory_table(
    chosen: Simulation, rate: float, *, requests: int = 600_000, seed: int = 0
) -> Columns:
    """Compare the simulator with what is known: columns `THEORY_COLUMNS`, one law a row.

    Little's law for the queue that was chosen, with `rate` requests a second; the mean wait in
    M/D/1 and M/M/c queues of 1 ms a request, in milliseconds. `error` is a share of the theory.
    """
    rows: list[tuple[str, str, float, float]] = [
        ("Little's law", "requests in the system", in_system(rate, chosen.mean), chosen.in_system)
    ]
    for load in (0.5, 0.8):
        fixed = ServiceTimes.fixed(1.0)
        waited = simulate(1e3 * load, Policy(), fixed, requests=requests, seed=seed).wait_ms
        law = f"M/D/1 at {load:.0%} load"
        rows.append((law, "mean wait, ms", md1_wait_ms(1e3 * load, 1.0), float(waited.mean())))
    for servers in (1, SERVERS):
        at, policy = 800.0 * servers, Policy(replicas=servers)
        times = ServiceTimes.exponential(1.0)
        waited = simulate(at, policy, times, requests=requests, seed=seed).wait_ms
        law = f"M/M/{servers} at 80% load"
        rows.append((law, "mean wait, ms", mmc_wait_ms(at, 1.0, servers), float(waited.mean())))
    told = [(*row, abs(row[3] / row[2] - 1)) for row in rows]
    return {
        name: list(of) for name, of in zip(THEORY_COLUMNS, zip(*told, strict=True), strict=True)
    }
