"""A serving run as the lab writes it, made by hand: a page's test measures and trains nothing."""

import time

from core.labs.serving_config import BATCHES, LENGTHS, SERVING_EXAMPLE, ServingConfig
from core.runs.journal import EventWriter
from core.serving.variants_catalogue import VARIANTS
from core.training.events import ProgressEvent, ResultEvent, TableEvent, WordsEvent
from pages.components.cache import EXAMPLE

CONFIG = ServingConfig()
MEDIANS = dict(zip(BATCHES, (0.43, 0.62, 0.74, 1.17, 2.27, 4.8, 8.9, 17.3), strict=True))
RATES = (250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)
CALLS = 12


def columns_of(rows):
    return {name: [row[name] for row in rows] for name in rows[0]}


def service_row(batch, words, median):
    return {
        "batch": batch,
        "words": words,
        "wall_p50": median,
        "wall_p95": 1.1 * median,
        "wall_p99": 1.4 * median,
        "cpu_p50": 0.98 * median,
        "cpu_p95": 1.05 * median,
        "cpu_p99": 1.2 * median,
        "throughput": 1000 * batch / median,
        "calls": CALLS,
    }


def service_columns(batches=BATCHES, words=CONFIG.words):
    rows = [service_row(batch, words, MEDIANS[batch]) for batch in batches]
    rows += [
        service_row(batch, length, 0.05 + MEDIANS[batch] * length / words)
        for batch in (1, 32)
        for length in LENGTHS
        if batch in batches and length != words
    ]
    return columns_of(rows)


def samples_columns(batches=BATCHES):
    rows = [
        {"batch": batch, "wall_ms": MEDIANS[batch] * (1 + 0.03 * i), "cpu_ms": MEDIANS[batch]}
        for batch in batches
        for i in range(CALLS)
    ]
    return columns_of(rows)


def served_row(rate, max_batch, max_wait_ms, p99, *, stable=True, is_chosen=False):
    return {
        "rate": rate,
        "max_batch": max_batch,
        "max_wait_ms": max_wait_ms,
        "replicas": 1,
        "p50": 0.6 * p99,
        "p95": 0.9 * p99,
        "p99": p99,
        "mean": 0.65 * p99,
        "utilisation": 0.62 if stable else 1.0,
        "mean_batch": 1.6,
        "late": 0.0 if stable else 0.93,
        "stable": stable,
        "is_chosen": is_chosen,
    }


SERVED = columns_of(
    [
        served_row(1000.0, 32, 0.0, 1.31, is_chosen=True),
        served_row(1000.0, 1, 0.0, 1.72),
        served_row(1000.0, 8, 0.0, 1.33),
        served_row(1000.0, 32, 10.0, 12.4),
        served_row(4000.0, 1, 0.0, 5210.0, stable=False),
        served_row(4000.0, 32, 0.0, 7.9),
    ]
)
LATENCIES = columns_of(
    [
        {
            "bin_low": 0.4 + 0.1 * i,
            "bin_high": 0.5 + 0.1 * i,
            "simulated": share,
            "replayed": share + (0.02 if i % 2 else -0.02),
        }
        for i, share in enumerate((0.3, 0.2, 0.15, 0.12, 0.08, 0.06, 0.04, 0.03, 0.02))
    ]
)
SIZES = columns_of(
    [
        {"batch": batch, "share_simulated": share, "share_replayed": share * 0.97}
        for batch, share in ((1, 0.62), (2, 0.27), (3, 0.08), (4, 0.02), (5, 0.01))
    ]
)
REPLAY = columns_of(
    [
        {"quantity": name, "simulated": sim, "replayed": real, "error": sim / real - 1}
        for name, sim, real in (
            ("p50", 0.81, 0.84),
            ("p95", 1.18, 1.25),
            ("p99", 1.31, 1.62),
            ("mean", 0.84, 0.87),
            ("utilisation", 0.62, 0.6),
        )
    ]
)
GRID = columns_of(
    [
        {
            "rate": rate,
            "max_batch": batch,
            "p99": 1.2 * MEDIANS[batch] + rate / 900 + (900.0 if rate > 1500 * batch else 0.0),
            "stable": rate <= min(1500 * batch, 7000),
        }
        for rate in RATES
        for batch in BATCHES
    ]
)
BEST = columns_of(
    [
        {"rate": rate, "max_batch": batch, "p99": 1.2 * MEDIANS[batch] + rate / 900}
        for rate, batch in zip(RATES[:5], (1, 1, 1, 2, 4), strict=True)
    ]
)
THEORY = columns_of(
    [
        {
            "law": law,
            "quantity": what,
            "theory": known,
            "simulated": found,
            "error": found / known - 1,
        }
        for law, what, known, found in (
            ("Little's law", "requests in the system", 0.842, 0.842),
            ("M/D/1 at 0.5", "mean wait (ms)", 0.215, 0.2146),
            ("M/D/1 at 0.8", "mean wait (ms)", 0.86, 0.868),
            ("M/M/4 at 0.8", "mean wait (ms)", 0.321, 0.318),
        )
    ]
)
REPLICAS = columns_of(
    [
        {
            "service_ms": service,
            "rate": 1000.0,
            "deadline_ms": 50.0,
            "least_stable": stable,
            "least_in_time": in_time,
            "label": label,
        }
        for service, stable, in_time, label in (
            (0.43, 1, 1, "This model, one at a time"),
            (0.15, 1, 1, "This model, up to 32 at once"),
            (50.0, 51, 67, "50 ms, one at a time"),
        )
    ]
)
SPEEDUPS = {
    "ort-fp32": (1.35, 0.94, 0.82),
    "ort-int8": (3.0, 1.9, 1.5),
    "torch-int8": (0.48, 0.61, 0.76),
    "bf16": (1.41, 1.61, 1.68),
    "distilled": (2.6, 3.9, 5.2),
    "scratch": (2.6, 3.9, 5.2),
    "half-lstm": (1.7, 2.4, 2.8),
    "cnn": (1.2, 0.71, 0.71),
    "transformer": (0.9, 0.6, 0.4),
}
MEGABYTES = {"ort-int8": 1.12, "distilled": 0.58, "scratch": 0.58, "half-lstm": 2.1, "bf16": 2.24}
NOTES = {"transformer": "It was not built: <script>alert(1)</script>"}


def variant_row(name, *, is_made=True):
    speeds = SPEEDUPS.get(name, (1.0, 1.0, 1.0)) if is_made else (None, None, None)
    size = MEGABYTES.get(name, 4.47) if is_made else None
    accuracy = 0.762 - 0.004 * len(name) / 10 if is_made else None
    entry = VARIANTS.get(name)
    row = {
        "name": name,
        "label": entry.label if entry else "Served as it is",
        "kind": entry.kind if entry else "served",
        "megabytes": size,
        "smaller": 4.47 / size if size else None,
    }
    for batch, speed in zip((1, 8, 32), speeds, strict=True):
        row[f"ms_{batch}"] = MEDIANS[batch] / speed if speed else None
        row[f"speedup_{batch}"] = speed
        row[f"words_{batch}"] = said_of(speed)
    return row | {
        "accuracy": accuracy,
        "accuracy_low": accuracy - 0.02 if accuracy else None,
        "accuracy_high": accuracy + 0.02 if accuracy else None,
        "flips": (0.0 if name in ("served", "ort-fp32", "bf16") else 0.012 * len(name) / 4)
        if is_made
        else None,
        "note": "" if is_made else NOTES["transformer"],
    }


def said_of(speed):
    if speed is None:
        return ""
    return "the same" if abs(speed - 1) < 0.05 else "faster" if speed > 1 else "slower"


def variant_columns(names=tuple(VARIANTS), *, missing=()):
    rows = [variant_row("served")] + [variant_row(n, is_made=n not in missing) for n in names]
    return columns_of(rows)


DISTILLATION = columns_of(
    [
        {
            "seed": seed,
            "scratch": a,
            "distilled": b,
            "difference": b - a,
            "mean": 0.005,
            "low": -0.039,
            "high": 0.048,
        }
        for seed, a, b in ((0, 0.772, 0.761), (1, 0.766, 0.769), (2, 0.744, 0.767))
    ]
)
MACHINE = {
    "device": ["cpu"],
    "threads": [1],
    "cores": [2],
    "cpu": ["A processor of 2.0 GHz"],
    "torch": ["2.13.0"],
    "bf16": [True],
    "clock": ["cpu"],
}
TABLES = {
    "machine": MACHINE,
    "service": service_columns(),
    "samples": samples_columns(),
    "served": SERVED,
    "latencies": LATENCIES,
    "batches": SIZES,
    "replay": REPLAY,
    "grid": GRID,
    "best": BEST,
    "theory": THEORY,
    "replicas": REPLICAS,
    "variants": variant_columns(),
    "distillation": DISTILLATION,
}
MEASURED = ("machine", "service", "samples")


def lab_events(tables=TABLES, *, only=tuple(TABLES), is_whole=True):
    """Yield the events of a run; without `is_whole` it ended after the tables `only`."""
    for name in only:
        yield TableEvent(name=name, model="", step=1, columns=tables[name])
    yield ProgressEvent(step=20, total=20)
    if is_whole:
        yield WordsEvent(step=20, sentences=["1,000 requests a second need one replica here."])
        results = [{"service_ms": {"1": [0.43, 0.47]}, "policies": [], "variants": []}]
        yield ResultEvent(signature="made by hand", device="cpu", seconds=60.0, results=results)


def stored_run(store, config=CONFIG, *, visitor="me", label="", events=None, state="done"):
    """Write a run into `store` as a worker would have; return its id."""
    run_id = store.create("serving", config, visitor=visitor, label=label)
    writer = EventWriter(store.folder(run_id))
    writer.state("running")
    for event in lab_events() if events is None else events:
        if event.kind == "progress":
            writer.progress = event
        else:
            writer.add(event)
    time.sleep(0.001)
    writer.state(state)
    writer.close()
    return run_id


def stored_example(store):
    """Write the lab's example, so that a page does not measure one."""
    return stored_run(store, SERVING_EXAMPLE, visitor=EXAMPLE, label=EXAMPLE)
