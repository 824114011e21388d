"""The serving lab: what a request costs, how it is queued, and how the model shrinks.

"A thousand requests a second, 50 ms each: what do you do first?"
"""

import time
from collections.abc import Iterator
from typing import Any

import torch

from core.device import choose_device
from core.labs.served import open_served
from core.labs.serving_config import ServingConfig
from core.labs.serving_measure import Stopwatch, machine_columns
from core.labs.signature import signature
from core.training.dials import Dials
from core.training.events import Event, ProgressEvent, ResultEvent, TableEvent


def run(
    config: ServingConfig, *, dials: Dials | None = None, text: str | None = None
) -> Iterator[Event]:
    """Run the lab; yield its events, the last a ResultEvent.

    Tables, all of no model: "machine" (see `machine_columns`); "service", a row a batch size and
    length, and "samples", a row a pass at the usual length (see `Stopwatch`).

    Raises:
        ConfigError, RunError, DataMissingError: what is to be served cannot be, or is not there.
    """
    device = choose_device(config.device)
    started = time.perf_counter()
    torch.set_num_threads(config.threads)
    served = open_served(config, text, device)
    stopwatch = Stopwatch(config, served, device)
    machine = machine_columns(config, device, stopwatch.clock)
    yield TableEvent(name="machine", model="", step=0, columns=machine)
    for event in stopwatch.measure():
        yield event
        yield ProgressEvent(step=event.step, total=stopwatch.cells)
    yield ResultEvent(
        signature=signature("serving", config, device=device, source=served.citation),
        device=device.type,
        seconds=time.perf_counter() - started,
        results=[_result(stopwatch)],
    )


def _result(stopwatch: Stopwatch) -> dict[str, Any]:
    """Return what the command line tells, in one row."""
    clock = stopwatch.clock
    return {
        "model": stopwatch.served.label,
        "clock": clock,
        "service_ms": {
            str(batch): [each.quantile(0.5, clock), each.quantile(0.95, clock)]
            for batch, each in stopwatch.by_batch.items()
        },
        "policies": [],
        "variants": [],
    }
