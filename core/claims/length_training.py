"""Small models of tasks that go on for ever, for the claims; trained once a process.

Legend: B batch, T time, N sequences tested.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from torch import Tensor, nn

from core.data.batch import Batch
from core.data.counting import BoundedWalk, MajoritySoFar, RunningCount, SumModulo
from core.data.length_task import LengthTask, Read, score_lengths
from core.metrics.ranking import AccuracyDifference, Rights, compare_accuracy
from core.models.build import build_model
from core.models.catalogue import find_spec
from core.models.recurrent import RecurrentModel, State

CPU = torch.device("cpu")
TASKS: dict[str, Callable[[int, int], LengthTask]] = {
    "count": RunningCount,
    "bounded-walk": BoundedWalk,
    "majority": MajoritySoFar,
    "modulo": SumModulo,
}
CLIP = 1.0
LONG = 500
"""Steps of the sequences that all models of 100 steps are tested on."""
SEQUENCES = 256
LEAST_DIFFERENCE = 0.02
"""A share of right answers under which a difference is not worth a remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a model learns and how; its learning rate falls to 0 over the `updates`."""

    task: str = "count"
    model: str = "lstm-bias"
    shortest: int = 50
    longest: int = 100
    layers: int = 1
    updates: int = 600
    batch_size: int = 16
    learning_rate: float = 5e-3
    seed: int = 0

    def build_task(self) -> LengthTask:
        """Return the task, with the lengths that are trained on."""
        return TASKS[self.task](self.shortest, self.longest)

    def build(self) -> nn.Module:
        """Return the model as it is before it has learned anything."""
        task = self.build_task()
        return build_model(
            find_spec(self.model),
            input_size=task.input_size,
            output_size=task.output_size,
            vocabulary_size=task.vocabulary_size,
            hidden=64,
            layers=self.layers,
            horizon=self.longest,
            seed=self.seed,
        )


COUNT = Lesson()
MODULO = Lesson(task="modulo", updates=500, learning_rate=1e-2)


def trained(lesson: Lesson) -> nn.Module:
    """Return the model after its lesson; a process keeps the last few.

    It is shared: whoever trains it further takes a copy.
    """
    return _trained(lesson)


def trained_recurrent(lesson: Lesson) -> RecurrentModel:
    """Return the same, of a lesson whose model is recurrent."""
    model = trained(lesson)
    assert isinstance(model, RecurrentModel)
    return model


@lru_cache(maxsize=16)
def _trained(lesson: Lesson) -> nn.Module:
    model = lesson.build()
    learn(model, whole_losses(model, lesson), lesson)
    return model.eval()


def learn(model: nn.Module, losses: Iterator[Tensor], lesson: Lesson) -> None:
    """Update the model on one of `losses` after the other, as often as the lesson says."""
    optimizer = torch.optim.Adam(model.parameters(), lesson.learning_rate, fused=True)
    for done in range(lesson.updates):
        optimizer.param_groups[0]["lr"] = lesson.learning_rate * (1 - done / lesson.updates)
        optimizer.zero_grad()
        next(losses).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()


def whole_losses(model: nn.Module, lesson: Lesson) -> Iterator[Tensor]:
    """Yield the loss of one batch after the other, each read as a whole."""
    task = lesson.build_task()
    generator = torch.Generator().manual_seed(lesson.seed)
    while True:
        batch = task.batch(lesson.batch_size, generator)
        yield task.loss(model(batch.inputs), batch)


def segment_losses(
    model: RecurrentModel, lesson: Lesson, *, segments: int, segment: int, carry: bool = True
) -> Iterator[Tensor]:
    """Yield the loss of each segment of long sequences in turn.

    Truncated backpropagation through time (Williams and Peng 1990, doi:10.1162/neco.1990.2.4.490):
    the state goes on into the next segment, detached; without `carry` each starts afresh.
    """
    task = lesson.build_task()
    generator = torch.Generator().manual_seed(lesson.seed)
    while True:
        batch = task.draw(segments * segment, lesson.batch_size, generator)
        state: State | None = None
        for inputs, targets in zip(
            torch.split(batch.inputs, segment), torch.split(batch.targets, segment), strict=True
        ):
            outputs_TBO, after = model.read_from(inputs, state)
            state = detached(after) if carry else None
            yield task.loss(outputs_TBO, Batch(inputs, targets))


def detached(state: State) -> State:
    """Return the state without the graph that led to it."""
    return (state[0].detach(), state[1].detach()) if isinstance(state, tuple) else state.detach()


def rights(read: Read, lesson: Lesson, length: int, *, sequences: int = SEQUENCES) -> Rights:
    """Return which of the sequences a reading answers rightly after `length` steps, (N,).

    The sequences depend on the lesson's task alone; an answer that is missing is not right.
    """
    scores_1N = score_lengths(lesson.build_task(), read, [length], sequences=sequences, device=CPU)
    right_N: Rights = scores_1N[0] == 1
    return right_N


def compare(ours: Read, theirs: Read, lesson: Lesson, length: int) -> AccuracyDifference:
    """Return by how much our reading is better after `length` steps, on the same sequences."""
    return compare_accuracy(rights(ours, lesson, length), rights(theirs, lesson, length))


def effect(found: AccuracyDifference) -> str:
    """Return "helps", "hurts" or "does not help", told apart by interval and size."""
    difference = found.difference or 0.0
    if found.is_tie or abs(difference) < LEAST_DIFFERENCE:
        return "does not help"
    return "helps" if difference > 0 else "hurts"


def told(found: AccuracyDifference) -> str:
    """Return a difference as people write it: "+0.12 [+0.05, +0.19]"."""
    return f"{found.difference:+.2f} [{found.low:+.2f}, {found.high:+.2f}]"


def another(lesson: Lesson, seed: int) -> Lesson:
    """Return the lesson with another seed."""
    return replace(lesson, seed=seed)
