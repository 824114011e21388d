"""What one pass takes: by the number of requests answered at once, and by their length."""

import math
import os
import platform
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from core.labs.served import MOST_AT_LENGTHS, Served
from core.labs.serving_config import ServingConfig
from core.serving.batch_times import ServiceTimes
from core.serving.service_times import Clock, ServiceSamples, measure_service
from core.training.events import Columns, TableEvent

SERVICE = (
    *("batch", "words", "wall_p50", "wall_p95", "wall_p99", "cpu_p50", "cpu_p95", "cpu_p99"),
    *("throughput", "calls"),
)
TURNS = 3
"""Passes of one batch size are not all timed at once: what else the machine does comes and goes."""
MORE_CALLS = 6
QUICK_SECONDS = 0.25
"""A cell whose calls are quick gets so many times those asked for: then its p99 says something."""
SLOW_SECONDS = 2.0
LEAST_CALLS = 6
"""A cell whose calls are slow gets fewer of them."""
MOST_PASS_SECONDS = 2.0
"""Where a pass takes longer, larger ones are not timed."""
LONG_BATCHES = (1, MOST_AT_LENGTHS)
"""How many requests at once are timed at each length."""

Cell = tuple[int, int]  # batch, words


class Stopwatch:
    """Times the passes of what is served, by batch size and by length.

    `clock` says by which of the two times the queue is told: with several threads their times on
    the CPU are no time that anybody waits.
    """

    def __init__(self, config: ServingConfig, served: Served, device: torch.device) -> None:
        self.config, self.served = config, served
        is_one_thread = device.type == "cpu" and config.threads == 1
        self.clock: Clock = "cpu" if is_one_thread else "wall"
        self._found: dict[Cell, ServiceSamples] = {}
        usual = [(batch, served.words) for batch in served.batches]
        lengths = [
            (batch, words)
            for words in served.lengths
            for batch in LONG_BATCHES
            if words != served.words and batch in served.batches
        ]
        self._turns = [*usual * (TURNS - 1), *lengths, *usual]
        self._lengths = set(lengths)

    @property
    def rounds(self) -> int:
        """How often passes are timed."""
        return len(self._turns)

    @property
    def by_batch(self) -> dict[int, ServiceSamples]:
        """The passes over requests of the usual length, by batch size."""
        found = self._found.items()
        return {batch: each for (batch, words), each in found if words == self.served.words}

    @property
    def waited(self) -> float:
        """How many times as long a pass took on the wall as by `clock`: other work, above 1."""
        found = self.by_batch.values()
        return float(np.median([e.quantile(0.5) / e.quantile(0.5, self.clock) for e in found]))

    def measure(self) -> Iterator[TableEvent]:
        """Time each cell in its turns; yield the tables that it changes after each turn.

        "service": `SERVICE`, ms of the wall and of the CPU and requests a second, a row a cell.
        "samples": batch, wall_ms, cpu_ms, a row a pass over requests of the usual length.
        """
        for step, cell in enumerate(self._turns, start=1):
            if self._is_too_slow(cell):
                continue
            add_samples(self._found, cell, self.time(cell))
            rows = [each.row() for each in self._found.values()]
            service: Columns = {name: [row[name] for row in rows] for name in SERVICE}
            if cell not in self._lengths:
                yield TableEvent(name="samples", model="", step=step, columns=self._samples())
            yield TableEvent(name="service", model="", step=step, columns=service)

    def service(self, found: Iterable[ServiceSamples]) -> ServiceTimes:
        """Return the times of batches as the queue is told them, by `clock`."""
        is_cpu = self.clock == "cpu"
        return ServiceTimes.measured(
            {each.batch: (each.cpu_ms if is_cpu else each.wall_ms).tolist() for each in found}
        )

    def _is_too_slow(self, cell: Cell) -> bool:
        """Whether less than this took long already: then nobody waits for it."""
        return any(
            each.quantile(0.5) > 1e3 * MOST_PASS_SECONDS
            and each.batch <= cell[0]
            and each.words <= cell[1]
            and (each.batch, each.words) != cell
            for each in self._found.values()
        )

    def time(self, cell: Cell) -> ServiceSamples:
        """Time the passes of one turn of a cell."""
        asked, answer = self.served.request(*cell), self.served.answer
        turns = 1 if cell in self._lengths else TURNS
        first = measure_service(answer, asked, calls=1, warm_up=1)
        a_pass = max(first.quantile(0.5) / 1e3, 1e-6)
        wanted = max(self.config.calls, min(QUICK_SECONDS / a_pass, MORE_CALLS * self.config.calls))
        affordable = max(LEAST_CALLS, SLOW_SECONDS / a_pass)
        calls = math.ceil(min(wanted, affordable) / turns)
        return measure_service(answer, asked, calls=calls, warm_up=min(2, calls))

    def _samples(self) -> Columns:
        columns: Columns = {"batch": [], "wall_ms": [], "cpu_ms": []}
        for batch, each in self.by_batch.items():
            columns["batch"] += [batch] * each.calls
            columns["wall_ms"] += each.wall_ms.tolist()
            columns["cpu_ms"] += each.cpu_ms.tolist()
        return columns


def add_samples(found: dict[Cell, ServiceSamples], cell: Cell, more: ServiceSamples) -> None:
    """Add the calls `more` to those of the same batches that are found already."""
    known = found.get(cell)
    if known is not None:
        more = replace(
            more,
            wall_ms=np.concatenate((known.wall_ms, more.wall_ms)),
            cpu_ms=np.concatenate((known.cpu_ms, more.cpu_ms)),
        )
    found[cell] = more


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
