"""The training loop of text classifiers: a generator of events. To cancel a run, close it."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.data.text_batch import TextBatch
from core.data.text_task import TextTask
from core.device import wait_for
from core.training.dials import Dials
from core.training.events import Event, ProgressEvent
from core.training.learner import Learner, Row
from core.training.loop import FLUSH_EVERY, SeriesBuffer
from core.training.pair_loop import core_threads, cores

DEV_BATCH = 256
LEAST_UPDATES = 40
"""Between two looks at the texts that stop the training: few texts are passed several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """What one epoch came to; losses in nats, `seconds` of this model so far.

    An epoch is a pass over the texts, or as many passes as make `LEAST_UPDATES` updates.
    """

    epoch: int
    update: int
    train_loss: float
    dev_loss: float
    dev_accuracy: float
    seconds: float


@dataclass(slots=True, kw_only=True)
class TextPupil:
    """A classifier in training, which stops itself: `patience` epochs after its best one.

    The best one is that of the highest accuracy on `dev`; when it has finished, the model has
    those weights again. `rate` times the run's learning rate is its own. `seconds` are of one core
    on a CPU, so that other work on the machine does not count, else by the clock.
    """

    learner: Learner
    task: TextTask
    dev: TextTask
    batch_size: int
    seed: int
    epochs: int
    patience: int
    rate: float = 1.0
    done: int = 0
    seconds: float = 0.0
    history: list[Epoch] = field(default_factory=list)
    is_finished: bool = False
    _batches: Iterator[TextBatch] = field(init=False)
    _steps: int = field(init=False)
    _losses: list[Tensor] = field(default_factory=list)
    _best: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._batches = self.task.batches(self.batch_size, self.seed)
        self._steps = epoch_updates(len(self.task.rows), self.batch_size)

    @property
    def name(self) -> str:
        """The catalogue's name of the model."""
        return self.learner.name

    @property
    def rounds(self) -> int:
        """How many updates it makes at the most."""
        return self._steps * self.epochs

    @property
    def best(self) -> Epoch | None:
        """Its best epoch so far, None before the first has ended."""
        return max(self.history, key=lambda each: each.dev_accuracy, default=None)

    def update(self, *, base: float, clip: float, device: torch.device) -> Row:
        """Do one update, and what ends an epoch where it was the last of one."""
        clock = time.thread_time if device.type == "cpu" else time.perf_counter
        started = clock()
        self.learner.set_learning_rate(self.rate * base)
        self.done += 1
        batch = next(self._batches).to(device)
        row = self.learner.update(self.task, batch, step=self.done, threshold=clip, inject=0.0)
        self._losses.append(row["loss"])
        if self.done % self._steps == 0:
            self._end_epoch(device, lambda: self.seconds + clock() - started)
        wait_for(device)
        self.seconds += clock() - started
        return row

    def finish(self) -> None:
        """Take the weights of the best epoch; there is no further one."""
        self.is_finished = True
        if self._best:
            self.learner.model.load_state_dict(self._best)

    def _end_epoch(self, device: torch.device, seconds: Callable[[], float]) -> None:
        loss, accuracy = self._examined(device)
        before = self.best
        self.history.append(
            Epoch(
                epoch=len(self.history) + 1,
                update=self.done,
                train_loss=float(torch.stack(self._losses).mean()),
                dev_loss=loss,
                dev_accuracy=accuracy,
                seconds=seconds(),
            )
        )
        self._losses.clear()
        if before is None or accuracy > before.dev_accuracy:
            state = self.learner.model.state_dict()
            self._best = {name: tensor.detach().clone() for name, tensor in state.items()}
        elif len(self.history) - before.epoch >= self.patience:
            self.finish()
        if len(self.history) == self.epochs:
            self.finish()

    @torch.no_grad()
    def _examined(self, device: torch.device) -> tuple[float, float]:
        """Return the loss and the accuracy on the texts that stop the training."""
        model = self.learner.model.eval()
        loss, right, count = 0.0, 0, 0
        for batch in self.dev.in_order(DEV_BATCH):
            labelled = batch.to(device)
            logits_BC = model(labelled.inputs)
            loss += float(self.dev.loss(logits_BC, labelled)) * len(labelled.labels_B)
            right += int((logits_BC.argmax(1) == labelled.labels_B).sum())
            count += len(labelled.labels_B)
        model.train()
        return loss / count, right / count


def epoch_updates(texts: int, batch_size: int) -> int:
    """Return how many updates an epoch of so many texts has."""
    of_a_pass = -(-texts // batch_size)
    return of_a_pass * -(-LEAST_UPDATES // of_a_pass)


def train_texts(
    pupils: Sequence[TextPupil],
    *,
    device: torch.device,
    dials: Dials,
    is_shown: bool = True,
    first_round: int = 0,
    all_rounds: int = 0,
) -> Iterator[Event]:
    """Train all pupils side by side until each has finished; yield events after every round.

    In a round each pupil makes one update, and on a CPU with several cores as many of them at
    once, each on one thread. A pupil's batches and dropout come from generators of its own, so
    that no result depends on who learns beside it. Dials: "learning_rate" and "clip" (0: none).
    Series are told where `is_shown`; `first_round` and `all_rounds` place these rounds within a
    longer run.
    """
    rounds = max(pupil.rounds for pupil in pupils)
    total = max(all_rounds, first_round + rounds)
    buffers = {pupil.name: SeriesBuffer(pupil.name) for pupil in pupils}
    workers = min(len(pupils), cores()) if device.type == "cpu" else 1

    def update(pupil: TextPupil) -> Row:
        return pupil.update(base=dials["learning_rate"], clip=dials["clip"], device=device)

    with core_threads(workers) as pool:
        for each in range(1, rounds + 1):
            yield from dials.take(first_round + each - 1)
            due = _slowest_first(pupils)
            at_once = pool.map if workers > 1 and len(due) > 1 else map
            names = [pupil.name for pupil in due]
            rows = dict(zip(names, at_once(update, due), strict=True))
            for pupil in pupils:
                if pupil.name not in rows:
                    continue
                buffers[pupil.name].add(pupil.done, rows[pupil.name])
                if each <= FLUSH_EVERY or each % FLUSH_EVERY == 0 or pupil.is_finished:
                    told = list(buffers[pupil.name].flush(pupil.learner))
                    yield from (event for event in told if is_shown or event.kind != "series")
                if not pupil.learner.alive and not pupil.is_finished:
                    pupil.finish()
            yield ProgressEvent(step=first_round + each, total=total)
            if all(pupil.is_finished for pupil in pupils):
                return


def _slowest_first(pupils: Sequence[TextPupil]) -> list[TextPupil]:
    """Return who still learns; beginning with the slowest, the cores end a round together."""
    due = [pupil for pupil in pupils if not pupil.is_finished]
    return sorted(due, key=lambda pupil: -pupil.seconds / max(1, pupil.done))
