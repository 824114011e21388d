"""The training loop of the length lab: a generator of events. To cancel a run, close it."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from core.data.batch import Batch
from core.device import wait_for
from core.training.dials import Dials
from core.training.events import Event, ProgressEvent
from core.training.learner import Judge, Learner, Row
from core.training.loop import SeriesBuffer
from core.training.pair_loop import core_threads, cores

UPDATES_A_ROUND = 4
"""Out of the run's rounds, between two events: enough that threads hardly wait for each other."""


@dataclass(slots=True, kw_only=True)
class LengthPupil:
    """A model in training on one of the two budgets: so many updates, or so many seconds.

    `rate` times the run's learning rate is its own, and falls in a straight line to 0 as the
    budget is used up. `seconds` are what it took so far: of one core on a CPU, so that other work
    on the machine does not count, else by the clock. `is_shown` says whether its losses are told.
    """

    learner: Learner
    judge: Judge
    batches: Iterator[Batch]
    updates: int | None = None
    allowed_seconds: float = math.inf
    rate: float = 1.0
    is_shown: bool = False
    done: int = 0
    seconds: float = 0.0

    @property
    def share(self) -> float:
        """How much of its budget is used up, 0 to 1; all of it where it diverged."""
        if not self.learner.alive:
            return 1.0
        of_updates = self.done / self.updates if self.updates else 0.0
        return min(1.0, max(of_updates, self.seconds / self.allowed_seconds))

    def update(self, *, base: float, clip: float, device: torch.device) -> Row:
        """Do one update; return what it measured."""
        clock = time.thread_time if device.type == "cpu" else time.perf_counter
        started = clock()
        self.learner.set_learning_rate(base * self.rate * (1 - self.share))
        self.done += 1
        batch = next(self.batches).to(device)
        row = self.learner.update(self.judge, batch, step=self.done, threshold=clip, inject=0.0)
        wait_for(device)
        self.seconds += clock() - started
        return row


def train_lengths(
    pupils: Sequence[LengthPupil],
    *,
    rounds: int,
    device: torch.device,
    dials: Dials,
    first_round: int = 0,
    all_rounds: int = 0,
) -> Iterator[Event]:
    """Train all pupils side by side until each has used up its budget; yield events on the way.

    Between two events each pupil uses up the same share of its budget, so that all end together,
    on a CPU as many at once as there are cores. Its weights and batches are its own, so that no
    result depends on who learns beside it; a budget of seconds depends on the machine. Dials:
    "learning_rate" and "clip" (0: none). Progress goes from `first_round` up by `rounds` as the
    slowest pupil's budget is used up, out of `all_rounds`.
    """
    buffers = [SeriesBuffer(pupil.learner.name) for pupil in pupils]
    workers = min(len(pupils), cores()) if device.type == "cpu" else 1

    def learn(pupil: LengthPupil) -> list[tuple[int, Row]]:
        rows: list[tuple[int, Row]] = []
        while pupil.share < min(1.0, goal):
            row = pupil.update(base=dials["learning_rate"], clip=dials["clip"], device=device)
            rows.append((pupil.done, row))
        return rows

    step, done, goal = first_round, 0, 0.0
    with core_threads(workers) as pool:
        while any(pupil.share < 1 for pupil in pupils):
            yield from dials.take(step)
            done += UPDATES_A_ROUND
            goal = done / rounds
            found = (pool.map if workers > 1 else map)(learn, pupils)
            for pupil, buffer, rows in zip(pupils, buffers, found, strict=True):
                for at, row in rows:
                    buffer.add(at, row)
                told = buffer.flush(pupil.learner)
                yield from [event for event in told if pupil.is_shown]
            step = first_round + round(rounds * min(pupil.share for pupil in pupils))
            yield ProgressEvent(step=step, total=max(all_rounds, first_round + rounds))
