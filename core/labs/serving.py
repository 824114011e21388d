"""The serving lab: what a request costs, how it is queued, and how the model shrinks.

"A thousand requests a second, 50 ms each: what do you do first?"
"""

import time
from collections.abc import Iterator
from itertools import chain
from typing import Any

import torch

from core.device import choose_device
from core.labs.served import Served, open_served
from core.labs.serving_config import ServingConfig
from core.labs.serving_measure import Stopwatch, machine_columns
from core.labs.serving_own import INT8, OwnShrinker
from core.labs.serving_queue import Desk
from core.labs.serving_rows import COMPARED_BATCHES
from core.labs.serving_shrink import Shrinker
from core.labs.serving_words import Findings, describe_serving
from core.labs.signature import signature
from core.serving.service_times import Clock
from core.training.dials import Dials
from core.training.events import Event, ProgressEvent, ResultEvent, TableEvent, WordsEvent

QUEUE_ROUNDS = 30
"""That simulating and replaying count as, so that progress goes on meanwhile."""
POLICY = ("rate", "max_batch", "max_wait_ms", "replicas", "p50", "p99", "utilisation", "stable")


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
    shrinker = _shrinker(config, served, stopwatch.clock)
    queued = stopwatch.rounds + QUEUE_ROUNDS
    total = queued + (shrinker.rounds if shrinker else 0)
    for timed in stopwatch.measure():
        yield timed
        yield ProgressEvent(step=timed.step, total=total)
    yield _words(config, stopwatch)
    desk = Desk(config, served, stopwatch)
    done = stopwatch.rounds
    for told in chain(desk.simulate(), desk.check(), desk.compare(), desk.plan()):
        if isinstance(told, float):
            done = stopwatch.rounds + round(told * QUEUE_ROUNDS)
        else:
            yield told
        yield ProgressEvent(step=done, total=total)
    yield _words(config, stopwatch, desk)
    yield ProgressEvent(step=queued, total=total)
    for event in shrinker.run(queued, total) if shrinker else ():
        yield event
        if event.kind == "table" and event.name == "variants":
            yield _words(config, stopwatch, desk, shrinker)
    yield ResultEvent(
        signature=signature("serving", config, device=device, source=served.citation),
        device=device.type,
        seconds=time.perf_counter() - started,
        results=[_result(stopwatch, desk, shrinker)],
    )


def _shrinker(config: ServingConfig, served: Served, clock: Clock) -> Shrinker | OwnShrinker | None:
    """Return what tries the variants of the model: none where only its answers are at hand."""
    if served.own is not None:
        return OwnShrinker(config, served, clock) if INT8 in config.variants else None
    if served.predictor is None or not config.variants:
        return None
    return Shrinker(config, served, clock)


def _words(
    config: ServingConfig,
    stopwatch: Stopwatch,
    desk: Desk | None = None,
    shrinker: Shrinker | OwnShrinker | None = None,
) -> WordsEvent:
    """Return in sentences what is known by now."""
    clock = stopwatch.clock
    pass_ms = {
        batch: (each.quantile(0.5, clock), each.quantile(0.99, clock))
        for batch, each in stopwatch.by_batch.items()
    }
    found = Findings(
        label=stopwatch.served.label,
        where="ms of one core" if clock == "cpu" else "ms",
        pass_ms=pass_ms,
        advice=desk.advice if desk else None,
        served=desk.served if desk else (),
        replicas=desk.replicas if desk else (),
        replay=desk.replay if desk else None,
        variants=shrinker.table.rows if shrinker else (),
        waited=stopwatch.waited,
        notes=stopwatch.served.notes,
    )
    return WordsEvent(step=0, sentences=describe_serving(config, found))


def _result(
    stopwatch: Stopwatch, desk: Desk, shrinker: Shrinker | OwnShrinker | None
) -> dict[str, Any]:
    """Return what the command line tells, in one row."""
    clock = stopwatch.clock
    return {
        "model": stopwatch.served.label,
        "clock": clock,
        "service_ms": {
            str(batch): [each.quantile(0.5, clock), each.quantile(0.95, clock)]
            for batch, each in stopwatch.by_batch.items()
        },
        "policies": [{name: row[name] for name in POLICY} for row in desk.served],
        "replicas": desk.replicas,
        "replay": desk.replay,
        "variants": [_variant(row) for row in (shrinker.table.rows if shrinker else ())],
    }


def _variant(row: dict[str, Any]) -> dict[str, Any]:
    told = ("name", "megabytes", "sustained", "accuracy", "flips", "note")
    speedup = {str(batch): row[f"speedup_{batch}"] for batch in COMPARED_BATCHES}
    return {name: row[name] for name in told} | {"speedup": speedup}
