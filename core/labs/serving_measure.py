"""What one pass takes: by the number of requests answered at once, and by their length."""

import os
import platform
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.device import wait_for
from core.labs.served import Served
from core.labs.serving_config import ServingConfig
from core.training.events import Columns, Event, TableEvent

SERVICE = (
    *("batch", "words", "wall_p50", "wall_p95", "wall_p99", "cpu_p50", "cpu_p95", "cpu_p99"),
    *("throughput", "calls"),
)
MOST_CALLS = 200
QUICK_SECONDS = 0.25
"""A cell whose calls are quick gets more of them than asked for, so that its p99 says something."""
SLOW_SECONDS = 2.0
"""A cell whose calls are slow gets fewer of them, yet `LEAST_CALLS`."""
LEAST_CALLS = 5
WARM_UP = 3
LONG_BATCHES = (1, 32)
"""How many requests at once are timed at each length."""


class Stopwatch:
    """Times the passes of what is served, and keeps every one at the usual length.

    A millisecond of the CPU is one of a core, of all threads together: other work on the machine
    does not count in it. `clock` says which of the two the queue is told with.
    """

    def __init__(self, config: ServingConfig, served: Served, device: torch.device) -> None:
        self.config, self.served, self.device = config, served, device
        self.rows: list[dict[str, Any]] = []
        self.samples: Columns = {"batch": [], "wall_ms": [], "cpu_ms": []}
        self._cpu_clock = time.thread_time if config.threads == 1 else time.process_time

    @property
    def clock(self) -> str:
        """ "cpu" where one thread of the CPU does all the work, else "wall"."""
        return "cpu" if self.device.type == "cpu" and self.config.threads == 1 else "wall"

    @property
    def batches(self) -> tuple[int, ...]:
        """How many requests at once are timed."""
        return self.served.batches

    def measure_batches(self) -> Iterator[Event]:
        """Time a pass of each batch size at the usual length; yield the tables after each."""
        for batch in self.batches:
            wall, cpu = self._cell(batch, self.config.words)
            self.samples["batch"] += [batch] * len(wall)
            self.samples["wall_ms"] += wall
            self.samples["cpu_ms"] += cpu
            yield self._service()
            copied = {name: list(values) for name, values in self.samples.items()}
            yield TableEvent(name="samples", model="", step=len(self.rows), columns=copied)

    def measure_lengths(self) -> Iterator[Event]:
        """Time a pass of each length, of one request and of many; yield the table after each."""
        for words in self.served.lengths:
            for batch in LONG_BATCHES:
                if words != self.config.words and batch in self.batches:
                    self._cell(batch, words)
                    yield self._service()

    @property
    def cells(self) -> int:
        """How many cells there are in all."""
        lengths = sum(words != self.config.words for words in self.served.lengths)
        return len(self.batches) + lengths * sum(each in self.batches for each in LONG_BATCHES)

    def times(self, batch: int) -> list[float]:
        """Return the milliseconds of all passes of a batch size, by `clock`."""
        told = self.samples[f"{self.clock}_ms"]
        return [ms for at, ms in zip(self.samples["batch"], told, strict=True) if at == batch]

    def timed(self, asked: Any) -> tuple[float, float]:
        """Return what one pass over `asked` takes, in ms of the wall and of the CPU."""
        cpu, wall = self._cpu_clock(), time.perf_counter()
        self.served.answer(asked)
        wait_for(self.device)
        return (time.perf_counter() - wall) * 1e3, (self._cpu_clock() - cpu) * 1e3

    def _cell(self, batch: int, words: int) -> tuple[list[float], list[float]]:
        asked = self.served.request(batch, words)
        for _ in range(WARM_UP):
            self.timed(asked)
        taken: list[tuple[float, float]] = []
        spent = 0.0
        while self._goes_on(len(taken), spent):
            taken.append(self.timed(asked))
            spent += taken[-1][0] / 1e3
        wall, cpu = (list(each) for each in zip(*taken, strict=True))
        self.rows.append(_summary(batch, words, wall, cpu))
        return wall, cpu

    def _goes_on(self, calls: int, spent: float) -> bool:
        if calls < self.config.calls:
            return calls < LEAST_CALLS or spent < SLOW_SECONDS
        return calls < MOST_CALLS and spent < QUICK_SECONDS

    def _service(self) -> TableEvent:
        columns = {name: [row[name] for row in self.rows] for name in SERVICE}
        return TableEvent(name="service", model="", step=len(self.rows), columns=columns)


def _summary(batch: int, words: int, wall: Sequence[float], cpu: Sequence[float]) -> dict[str, Any]:
    row: dict[str, Any] = {"batch": batch, "words": words, "calls": len(wall)}
    for name, taken in (("wall", wall), ("cpu", cpu)):
        quantiles = np.quantile(taken, (0.5, 0.95, 0.99))
        row |= {f"{name}_p{q}": float(v) for q, v in zip((50, 95, 99), quantiles, strict=True)}
    return row | {"throughput": 1e3 * batch / row["wall_p50"]}


def machine_columns(config: ServingConfig, device: torch.device, clock: str) -> Columns:
    """Return where it was measured: device, threads, cores, cpu, torch, bf16, clock; one row.

    `bf16` says whether the CPU multiplies in bfloat16, `clock` which time the queue is told with.
    """
    capabilities = torch.cpu.get_capabilities()
    return {
        "device": [torch.cuda.get_device_name(device) if device.type == "cuda" else device.type],
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
