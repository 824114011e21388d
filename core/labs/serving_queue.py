"""What requests meet that queue for what was measured: simulated, and checked by real passes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from core.labs.served import Served
from core.labs.serving_config import ServingConfig
from core.labs.serving_measure import LEAST_CALLS, Cell, Stopwatch, add_samples
from core.serving.batch_times import ServiceTimes
from core.serving.policies import Advice, advise, best_caps, grid_rates, known_caps, p99_grid
from core.serving.queue_theory import replicas_needed, theory_table
from core.serving.queueing import Policy, Simulation, poisson_arrivals, simulate, simulate_arrivals
from core.serving.replay import replay_in_steps
from core.serving.service_times import ServiceSamples
from core.training.events import Columns, TableEvent

SERVED = (
    *("rate", "max_batch", "max_wait_ms", "replicas", "p50", "p95", "p99", "mean", "utilisation"),
    *("mean_batch", "late", "stable", "is_chosen"),
)
REPLICAS = ("label", "service_ms", "rate", "deadline_ms", "least_stable", "least_in_time")
COMPARED = ("p50", "p95", "p99", "mean", "utilisation")
OTHER_BATCHES = (1, 8, 32, 128)
OTHER_WAITS = (5.0, 20.0)
"""What is tried beside the policy that was chosen: other caps, and waiting for a fuller batch."""
WRITTEN_MS = 50.0
"""A request of the challenge that is often asked, where nobody batches."""
BINS = 40
MOST_REPLAY_SECONDS = 12.0
LEAST_REPLAYED = 100
REPLAY_PARTS = 5
PLANNED_REQUESTS, PLANNED_TIMES = 20_000, 20
"""Requests with which replicas are counted: at least so many times those that are answered at once,
or no queue would be seen."""
MOST_FOR_THEORY, TIMES_FOR_THEORY = 300_000, 15
"""Requests with which the simulator is compared with theory, which is exact for ever."""


class Desk:
    """The queue before what was measured: `ServiceTimes` of a stopwatch, and a run's settings.

    A batch is at most as large as the largest that was timed. `served` are the policies tried, a
    row each, the chosen one first.
    """

    def __init__(self, config: ServingConfig, served: Served, stopwatch: Stopwatch) -> None:
        self.config, self.model, self.stopwatch = config, served, stopwatch
        self.service = stopwatch.service(stopwatch.by_batch.values())
        self.chosen = self._policy(config.max_batch, config.max_wait_ms)
        self.served: list[dict[str, Any]] = []
        self.replicas: list[dict[str, Any]] = []
        self.replay: Columns = {}
        self.advice: Advice | None = None

    def simulate(self) -> Iterator[TableEvent]:
        """Simulate the chosen policy and others beside it; yield the table after each.

        "served": `SERVED`, ms and shares; "late" is the share of requests after the deadline.
        """
        for policy in self._tried():
            done = self._chosen if policy == self.chosen else self._simulated(policy)
            self.served.append(self._row(done))
            columns = {name: [row[name] for row in self.served] for name in SERVED}
            yield TableEvent(name="served", model="", step=0, columns=columns)

    def check(self) -> Iterator[TableEvent | float]:
        """Answer some of the arrivals by real passes; yield the share done, then the tables.

        Passes of each batch size are timed again between them, and these times are what the
        simulation of the same arrivals is told: a machine that others use too is seldom as fast
        as a few seconds ago.

        "latencies": how many of the requests took how long (bin_low to bin_high ms), shares of the
        simulated and the replayed; "batches": of how many requests the batches were;
        "replay": `COMPARED`, with the error of the simulation as a share of what was replayed.
        """
        arrivals_ms = poisson_arrivals(self.config.rate, self._replayed, seed=self.config.seed)
        asked = self.model.request(self.chosen.max_batch, self.model.words)
        clock = time.process_time if self.stopwatch.clock == "cpu" else time.perf_counter
        beside: dict[Cell, ServiceSamples] = {}
        self._time_beside(beside)
        steps = replay_in_steps(
            lambda size: self.model.answer(self.model.part(asked, size)),
            arrivals_ms,
            self.chosen,
            clock=clock,
        )
        parts, of_parts = 0, self._parts
        while True:
            try:
                answered = next(steps)
            except StopIteration as end:
                real: Simulation = end.value
                break
            if answered * of_parts >= (parts + 1) * len(arrivals_ms):
                parts += 1
                self._time_beside(beside)
                yield parts / of_parts
        found = simulate_arrivals(
            arrivals_ms,
            self.chosen,
            self.stopwatch.service(beside.values()),
            rate=self.config.rate,
            seed=self.config.seed,
        )
        self.replay = _replay_columns(found, real)
        for name, columns in (
            ("latencies", _latency_columns(found, real)),
            ("batches", _batch_columns(found, real)),
            ("replay", self.replay),
        ):
            yield TableEvent(name=name, model="", step=0, columns=columns)

    def compare(self) -> Iterator[TableEvent]:
        """Simulate every cap at many rates; yield "grid" and "best".

        See `core.serving.policies.p99_grid` and `best_caps`. Wait and replicas are the chosen ones.
        """
        caps = known_caps(self.service)
        rates = grid_rates(self.service, caps, replicas=self.config.replicas)
        grid = p99_grid(self.service, rates, caps, policy=self.chosen, seed=self.config.seed)
        yield TableEvent(name="grid", model="", step=0, columns=grid)
        yield TableEvent(name="best", model="", step=0, columns=best_caps(grid))

    def plan(self) -> Iterator[TableEvent]:
        """Count the replicas that the rate needs, and compare the simulator with theory.

        "replicas": `REPLICAS`, of this model and of a request of `WRITTEN_MS`; see
        `ReplicasNeeded`. "theory": see `theory_table`.
        """
        config = self.config
        self.advice = advise(self.service, config.rate, config.deadline_ms, seed=config.seed)
        batch, words = self.chosen.max_batch, "This model, one at a time"
        own = [(words, self.service, replace(self.chosen, max_batch=1, max_wait_ms=0.0))]
        if batch > 1:
            own.append((f"This model, up to {batch} at once", self.service, self.chosen))
        written = (f"{WRITTEN_MS:g} ms, one at a time", ServiceTimes.fixed(WRITTEN_MS), Policy())
        for label, service, policy in (*own, written):
            self.replicas.append(self._needed(label, service, policy))
        columns = {name: [row[name] for row in self.replicas] for name in REPLICAS}
        yield TableEvent(name="replicas", model="", step=0, columns=columns)
        requests = min(MOST_FOR_THEORY, TIMES_FOR_THEORY * config.requests)
        theory = theory_table(self._chosen, config.rate, requests=requests, seed=config.seed)
        yield TableEvent(name="theory", model="", step=0, columns=theory)

    @cached_property
    def _chosen(self) -> Simulation:
        return self._simulated(self.chosen)

    def _time_beside(self, beside: dict[Cell, ServiceSamples]) -> None:
        for batch in self._batches:
            cell = (batch, self.model.words)
            add_samples(beside, cell, self.stopwatch.time(cell))

    @property
    def _batches(self) -> list[int]:
        """The batch sizes that were timed, up to the first that the policy never has."""
        return [each for each in self.service.sizes if each < 2 * self.chosen.max_batch]

    @property
    def _parts(self) -> int:
        """How often batches are timed between real passes: less often where that takes long."""
        a_turn = sum(map(self.service.mean_ms, self._batches)) * LEAST_CALLS / 1e3
        return max(1, min(REPLAY_PARTS, int(MOST_REPLAY_SECONDS / max(a_turn, 1e-6))))

    @property
    def _replayed(self) -> int:
        """How many requests are replayed: fewer where each takes long."""
        in_time = int(1e3 * MOST_REPLAY_SECONDS / self.service.mean_ms(1))
        return min(self.config.replayed, max(LEAST_REPLAYED, in_time))

    def _policy(self, max_batch: int, max_wait_ms: float) -> Policy:
        most = min(max_batch, self.service.largest)
        return Policy(max_batch=most, max_wait_ms=max_wait_ms, replicas=self.config.replicas)

    def _tried(self) -> list[Policy]:
        others = [self._policy(batch, 0.0) for batch in OTHER_BATCHES]
        if self.chosen.max_batch > 1:
            others += [self._policy(self.config.max_batch, wait) for wait in OTHER_WAITS]
        return list(dict.fromkeys([self.chosen, *others]))

    def _simulated(self, policy: Policy) -> Simulation:
        return simulate(
            self.config.rate,
            policy,
            self.service,
            requests=self.config.requests,
            seed=self.config.seed,
        )

    def _row(self, done: Simulation) -> dict[str, Any]:
        policy = done.policy
        named = {name: getattr(policy, name) for name in ("max_batch", "max_wait_ms", "replicas")}
        told = ("p50", "p95", "p99", "mean", "utilisation", "mean_batch", "stable")
        return {
            "rate": self.config.rate,
            **named,
            **{name: getattr(done, name) for name in told},
            "late": done.late_share(self.config.deadline_ms),
            "is_chosen": policy == self.chosen,
        }

    def _needed(self, label: str, service: ServiceTimes, policy: Policy) -> dict[str, Any]:
        config = self.config
        at_once = config.rate * service.mean_ms(1) / 1e3
        needed = replicas_needed(
            config.rate,
            service,
            config.deadline_ms,
            policy=policy,
            requests=max(PLANNED_REQUESTS, round(PLANNED_TIMES * at_once)),
            seed=config.seed,
        )
        return {
            "label": label,
            "service_ms": service.mean_ms(policy.max_batch) / policy.max_batch,
            "rate": config.rate,
            "deadline_ms": config.deadline_ms,
            "least_stable": needed.least_stable,
            "least_in_time": needed.least_in_time,
        }


def _latency_columns(found: Simulation, real: Simulation) -> Columns:
    last = max(found.quantile(0.995), real.quantile(0.995))
    edges = np.linspace(0, last, BINS + 1)
    shares = [
        np.histogram(np.minimum(each.latency_ms, last), edges)[0] / len(each.latency_ms)
        for each in (found, real)
    ]
    columns = (edges[:-1], edges[1:], *shares)
    names = ("bin_low", "bin_high", "simulated", "replayed")
    return {name: values.tolist() for name, values in zip(names, columns, strict=True)}


def _batch_columns(found: Simulation, real: Simulation) -> Columns:
    shares = np.stack((found.batch_shares, real.batch_shares))
    sizes = np.flatnonzero(shares.any(0))
    return {
        "batch": sizes.tolist(),
        "share_simulated": shares[0, sizes].tolist(),
        "share_replayed": shares[1, sizes].tolist(),
    }


def _replay_columns(found: Simulation, real: Simulation) -> Columns:
    told = [(getattr(found, name), getattr(real, name)) for name in COMPARED]
    return {
        "quantity": list(COMPARED),
        "simulated": [simulated for simulated, _ in told],
        "replayed": [replayed for _, replayed in told],
        "error": [simulated / replayed - 1 for simulated, replayed in told],
    }
