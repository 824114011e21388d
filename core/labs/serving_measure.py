"""What one pass takes: by the number of requests answered at once, and by their length."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import torch

from core.labs.served import Served
from core.labs.serving_config import ServingConfig
from core.serving.service_times import Clock, ServiceSamples, measure_service
from core.training.events import Columns, TableEvent

SERVICE = (
    *("batch", "words", "wall_p50", "wall_p95", "wall_p99", "cpu_p50", "cpu_p95", "cpu_p99"),
    *("throughput", "calls"),
)
MOST_CALLS = 200
QUICK_SECONDS = 0.25
"""A cell whose calls are quick gets more of them than asked for, so that its p99 says something."""
SLOW_SECONDS = 2.0
"""A cell whose calls are slow gets fewer of them."""
LONG_BATCHES = (1, 32)
"""How many requests at once are timed at each length."""


class Stopwatch:
    """Times the passes of what is served: each batch size, then each length.

    `by_batch` are the passes over requests of the usual length. `clock` says by which of the two
    times the queue is told.
    """

    def __init__(self, config: ServingConfig, served: Served, device: torch.device) -> None:
        self.config, self.served = config, served
        self.clock: Clock = (
            "cpu" if device.type == "cpu" and config.threads == 1 else "wall"
        )  # with several threads their times on the CPU are no time that anybody waits
        self.by_batch: dict[int, ServiceSamples] = {}
        self._found: list[ServiceSamples] = []
        self._lengths = [
            (batch, words)
            for words in served.lengths
            for batch in LONG_BATCHES
            if words != config.words and batch in served.batches
        ]

    @property
    def cells(self) -> int:
        """How many batch sizes and lengths are timed."""
        return len(self.served.batches) + len(self._lengths)

    def measure(self) -> Iterator[TableEvent]:
        """Time every cell; yield the tables that it changes after each.

        "service": `SERVICE`, ms of the wall and of the CPU and requests a second, a row a cell.
        "samples": batch, wall_ms, cpu_ms, a row a pass over requests of the usual length.
        """
        for batch in self.served.batches:
            self.by_batch[batch] = self._timed(batch, self.config.words)
            yield from self._told()
            yield TableEvent(name="samples", model="", step=self._step, columns=self._samples())
        for batch, words in self._lengths:
            self._timed(batch, words)
            yield from self._told()

    def times_ms(self) -> dict[int, list[float]]:
        """Return the milliseconds of every pass by batch size, by `clock`."""
        return {
            batch: (each.cpu_ms if self.clock == "cpu" else each.wall_ms).tolist()
            for batch, each in self.by_batch.items()
        }

    @property
    def _step(self) -> int:
        return len(self._found)

    def _timed(self, batch: int, words: int) -> ServiceSamples:
        asked = self.served.request(batch, words)
        first = measure_service(self.served.answer, asked, calls=1)
        quick = int(1e3 * QUICK_SECONDS / max(first.quantile(0.5), 1e-6))
        found = measure_service(
            self.served.answer,
            asked,
            calls=max(self.config.calls, min(quick, MOST_CALLS)),
            most_seconds=SLOW_SECONDS,
        )
        self._found.append(found)
        return found

    def _told(self) -> Iterator[TableEvent]:
        rows = [each.row() for each in self._found]
        columns: Columns = {name: [row[name] for row in rows] for name in SERVICE}
        yield TableEvent(name="service", model="", step=self._step, columns=columns)

    def _samples(self) -> Columns:
        columns: Columns = {"batch": [], "wall_ms": [], "cpu_ms": []}
        for batch, each in self.by_batch.items():
            columns["batch"] += [batch] * each.calls
            columns["wall_ms"] += each.wall_ms.tolist()
            columns["cpu_ms"] += each.cpu_ms.tolist()
        return columns


def machine_columns(config: ServingConfig, device: torch.device, clock: Clock) -> Columns:
    """Return where it was measured: device, threads, cores, cpu, torch, bf16, clock; one row.

    `bf16` says whether the CPU multiplies in bfloat16, `clock` by which time the queue is told.
    """
    is_cuda = device.type == "cuda"
    capabilities = torch.cpu.get_capabilities()
    return {
        "device": [torch.cuda.get_device_name(device) if is_cuda else device.type],
        "threads": [config.threads],
        "cores": [_cores()],
        "cpu": [_cpu_name()],
        "torch": [torch.__version__],
        "bf16": [bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))],
        "clock": [clock],
    }


def _cores() -> int:
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return free or 1


def _cpu_name() -> str:
    """Return the processor's own name where the system tells it, else its architecture."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
