"""The table of variants: each raced against the model that is served, a row a variant."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.labs.serving_config import ServingConfig
from core.metrics.classification import wilson_interval
from core.serving.batch_times import ServiceTimes
from core.serving.policies import rate_sustained
from core.serving.queueing import Policy
from core.serving.service_times import Answer, Clock, race_service
from core.training.events import TableEvent

COMPARED_BATCHES = (1, 8, 32)
COLUMNS = (
    *("name", "label", "kind", "megabytes", "smaller"),
    *(f"{name}_{batch}" for name in ("ms", "speedup", "words") for batch in COMPARED_BATCHES),
    *("sustained", "accuracy", "accuracy_low", "accuracy_high", "flips", "note"),
)
MOST_SECONDS = 3.0
"""Of one variant at one batch size."""
SUSTAINED_REQUESTS = 4_000

Row = dict[str, Any]
Labels = NDArray[np.int64]


class VariantTable:
    """The rows of the table "variants", that of the served model first.

    Sizes are megabytes, "ms" those of a batch by `clock`, "smaller" and the speed-ups factors,
    "words" is faster, slower or the same; "sustained" is how many requests a second one replica
    answers, 99 % of them within the deadline, with the best of these batch sizes as its cap;
    accuracy and flips are shares of the texts tested. What is not known is None: at batch sizes
    that the served model does not take, and all numbers of a variant that could not be made.
    """

    def __init__(self, config: ServingConfig, clock: Clock) -> None:
        self.config, self.clock = config, clock
        self.rows: list[Row] = []

    def begin(self, name: str, label: str, kind: str, note: str) -> Row:
        """Return a row in which nothing is measured yet."""
        return dict.fromkeys(COLUMNS) | {"name": name, "label": label, "kind": kind, "note": note}

    def size(self, megabytes: float) -> Row:
        """Return what a row says of its size."""
        served = self.rows[0]["megabytes"] if self.rows else megabytes
        return {"megabytes": megabytes, "smaller": served / megabytes}

    def race(self, served: Answer, other: Answer, asked: dict[int, Any]) -> Row:
        """Return what a row says of its speed: both answer what is asked, by batch size, in turns.

        The first row is that of the served model itself.
        """
        found: Row = {}
        times_ms: dict[int, list[float]] = {}
        for batch, request in asked.items():
            race = race_service(
                served,
                other,
                request,
                calls=self.config.calls,
                clock=self.clock,
                most_seconds=MOST_SECONDS,
            )
            second = race.second.cpu_ms if self.clock == "cpu" else race.second.wall_ms
            times_ms[batch] = second.tolist()
            found[f"ms_{batch}"] = race.second.quantile(0.5, self.clock)
            found[f"speedup_{batch}"] = race.speedup if self.rows else 1.0
            found[f"words_{batch}"] = race.verdict if self.rows else ""
        return found | {"sustained": self._sustained(ServiceTimes.measured(times_ms))}

    def _sustained(self, service: ServiceTimes) -> float:
        """Return the most requests a second in time, whatever the cap."""
        return max(
            rate_sustained(
                Policy(max_batch=cap),
                service,
                self.config.deadline_ms,
                requests=SUSTAINED_REQUESTS,
                seed=self.config.seed,
            )
            for cap in service.sizes
        )

    def add(self, row: Row, step: int) -> TableEvent:
        """Add a row and return the table."""
        self.rows.append(row)
        columns = {name: [each[name] for each in self.rows] for name in COLUMNS}
        return TableEvent(name="variants", model="", step=step, columns=columns)


def accuracy_columns(share: float, n: int) -> Row:
    """Return what a row says of the share of `n` texts that are answered right."""
    low, high = wilson_interval(share * n, n)
    return {"accuracy": share, "accuracy_low": low, "accuracy_high": high}
