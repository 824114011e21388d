"""The training loop of translation models: a generator of events. To cancel a run, close it."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import torch

from core.data.pair_batch import PairBatch
from core.data.pair_task import PairTask
from core.device import wait_for
from core.models.translator import Translator
from core.models.translators import TranslatorSpec
from core.training.dials import Dials
from core.training.events import Event, ProgressEvent
from core.training.learner import Learner, Row
from core.training.loop import FLUSH_EVERY, SeriesBuffer
from core.training.scheduled_sampling import sampled_batch, sampling_probability

WARM_UP = 30


@dataclass(slots=True, kw_only=True)
class Pupil:
    """A translation model in training: `updates` is how many it will get in all.

    `done` and `seconds` are the updates so far and what they took: seconds of one core on a CPU,
    so that other work on the machine does not count, else by the clock.
    """

    spec: TranslatorSpec
    model: Translator
    learner: Learner
    updates: int
    sampling: float = 0.0
    done: int = 0
    seconds: float = 0.0
    generator: torch.Generator = field(default_factory=torch.Generator)

    def learning_rate(self, base: float) -> float:
        """Return the rate of the next update: a short warm-up, then a straight line to 0."""
        warm = min(1.0, (self.done + 1) / WARM_UP)
        return base * self.spec.learning_rate * warm * (1 - self.done / self.updates)

    def update(self, task: PairTask, batch: PairBatch, *, base: float, clip: float) -> Row:
        """Do one update; return what it measured."""
        clock = time.thread_time if batch.targets.device.type == "cpu" else time.perf_counter
        started = clock()
        share = sampling_probability(self.spec.sampling, self.done / self.updates, self.sampling)
        batch = sampled_batch(self.model, batch, share, self.generator)
        self.learner.set_learning_rate(self.learning_rate(base))
        self.done += 1
        row = self.learner.update(task, batch, step=self.done, threshold=clip, inject=0.0)
        wait_for(batch.targets.device)
        self.seconds += clock() - started
        return row


def train_pairs(
    pupils: Sequence[Pupil],
    task: PairTask,
    *,
    batch_size: int,
    seed: int,
    device: torch.device,
    dials: Dials,
    first_round: int = 0,
    all_rounds: int = 0,
) -> Iterator[Event]:
    """Train all pupils side by side, so that they end together; yield events after every round.

    In a round a pupil makes one update or none, and on a CPU with several cores those of one
    round run at once, each on one thread. Each pupil reads the same batches in the same order,
    however many it reads, so that no result depends on who else learns beside it. Dials:
    "learning_rate" and "clip" (0: no clipping). `first_round` and `all_rounds` place these rounds
    within a longer run.
    """
    rounds = max(pupil.updates for pupil in pupils)
    total = max(all_rounds, first_round + rounds)
    batches = {p.spec.name: task.batches(batch_size, seed) for p in pupils}
    buffers = {p.spec.name: SeriesBuffer(p.spec.name) for p in pupils}
    workers = min(len(pupils), cores()) if device.type == "cpu" else 1

    def update(pupil: Pupil) -> Row:
        batch = next(batches[pupil.spec.name]).to(device)
        return pupil.update(task, batch, base=dials["learning_rate"], clip=dials["clip"])

    with core_threads(workers) as pool:
        for each in range(1, rounds + 1):
            yield from dials.take(first_round + each - 1)
            due = [
                pupil
                for pupil in pupils
                if pupil.learner.alive and each * pupil.updates // rounds > pupil.done
            ]
            at_once = pool.map if workers > 1 and len(due) > 1 else map
            for pupil, row in zip(due, at_once(update, due), strict=True):
                buffers[pupil.spec.name].add(pupil.done, row)
            if each <= FLUSH_EVERY or each % FLUSH_EVERY == 0 or each == rounds:
                for pupil in pupils:
                    yield from buffers[pupil.spec.name].flush(pupil.learner)
            yield ProgressEvent(step=first_round + each, total=total)
            if not any(pupil.learner.alive for pupil in pupils):
                return


def cores() -> int:
    """Return how many updates can run at once: the cores that this process may use."""
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (free or 1) // torch.get_num_threads())


def core_threads(workers: int) -> ThreadPoolExecutor:
    """Return a pool whose threads use as many cores each as this one: torch does not pass it on."""
    threads = torch.get_num_threads()
    return ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(threads,))
