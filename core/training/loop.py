"""The training loop: a generator of events. To cancel a run, close it."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from core.data.batch import SequenceTask
from core.training.dials import Dials
from core.training.events import Event, MarkEvent, ProgressEvent, SeriesEvent
from core.training.learner import EARLY_UPDATES, Learner

FLUSH_EVERY = 10
SOLVED_ERROR = 0.1
SMOOTHING = 0.95


class SeriesBuffer:
    """Rows of one learner, kept on the device until a flush reads them all at once."""

    def __init__(self, model: str) -> None:
        self.model = model
        self._steps: list[int] = []
        self._rows: list[dict[str, Tensor]] = []
        self._names: dict[str, None] = {}
        self._error = 1.0
        self._solved = False
        self.planted: set[int] = set()

    def add(self, step: int, row: dict[str, Tensor]) -> None:
        """Keep the row of update `step`."""
        self._steps.append(step)
        self._rows.append(row)

    def flush(self, learner: Learner) -> Iterator[Event]:
        """Yield the rows since the last flush as one event, and a mark for each new finding.

        The first loss or norm that is not finite ends the learner's series, with a mark, unless
        the learner skips such updates.
        """
        if not self._rows:
            return
        steps, columns = self._steps, self._read()
        self._steps, self._rows = [], []
        bad = [_worst(*pair) for pair in zip(columns["loss"], columns["norm_before"], strict=True)]
        last = len(steps)
        marks: list[MarkEvent] = []
        for index, (step, value) in enumerate(zip(steps, bad, strict=True)):
            if math.isfinite(value):
                continue
            marks.append(self._nonfinite_mark(step, value, learner))
            if learner.nonfinite == "propagate":
                learner.alive = False
                last = index + 1
                break
        kept = {name: values[:last] for name, values in columns.items()}
        yield SeriesEvent(model=self.model, columns={"step": steps[:last], **kept})
        yield from marks
        yield from self._solved_mark(steps, kept.get("error_at_lag", []))

    def _read(self) -> dict[str, list[float]]:
        """Read all rows in one transfer; a value that a row lacks is None."""
        self._names |= dict.fromkeys(name for row in self._rows for name in row)
        present = [(i, name) for i, row in enumerate(self._rows) for name in row]
        flat = torch.stack([self._rows[i][name].float() for i, name in present]).tolist()
        columns: dict[str, list[float]] = {name: [None] * len(self._rows) for name in self._names}  # type: ignore[list-item]
        for (i, name), value in zip(present, flat, strict=True):
            columns[name][i] = value
        return columns

    def _nonfinite_mark(self, step: int, value: float, learner: Learner) -> MarkEvent:
        what = "NaN" if math.isnan(value) else "infinite"
        if step in self.planted:
            what = f"{what}, as it was planted,"
        if learner.nonfinite == "skip":
            text = f"the gradient was {what} at update {step}; the update was skipped"
            return MarkEvent(model=self.model, step=step, what="skipped", text=text)
        text = f"loss or gradient became {what} at update {step}; training it further is futile"
        return MarkEvent(model=self.model, step=step, what="diverged", text=text)

    def _solved_mark(self, steps: list[int], errors: list[float]) -> Iterator[MarkEvent]:
        for step, error in zip(steps, errors, strict=False):
            self._error = SMOOTHING * self._error + (1 - SMOOTHING) * error
            if self._error < SOLVED_ERROR and not self._solved:
                self._solved = True
                text = f"solved at update {step}: running error at the lag under {SOLVED_ERROR:g}"
                yield MarkEvent(model=self.model, step=step, what="solved", text=text)


def _worst(loss: float, norm: float) -> float:
    """Return whichever of the two is not finite, else the loss."""
    return loss if not math.isfinite(loss) else (norm if not math.isfinite(norm) else loss)


def train(
    learners: Sequence[Learner],
    task: SequenceTask,
    *,
    updates: int,
    batch_size: int,
    seed: int,
    device: torch.device,
    dials: Dials,
    thresholds: dict[str, str] | None = None,
    inject_at: tuple[int, float] = (0, 0.0),
) -> Iterator[Event]:
    """Train all `learners` side by side on the same batches; yield events after every round.

    `thresholds` names, for each learner, the dial that holds its clip threshold (none: 0, no
    clipping). Dials: "learning_rate", those thresholds, and "inject" where there is one.
    `inject_at` is (step, kind): kind 1 plants an infinite gradient, 2 a NaN.
    """
    generator = torch.Generator().manual_seed(seed)
    buffers = {learner.name: SeriesBuffer(learner.name) for learner in learners}
    thresholds = thresholds or {}
    for step in range(1, updates + 1):
        inject = inject_at[1] if step == inject_at[0] else 0.0
        for event in dials.take(step - 1):
            if event.name == "inject":
                inject = event.value
            elif event.name == "learning_rate":
                for learner in learners:
                    learner.set_learning_rate(event.value)
            yield event
        if inject:
            yield _injected(step, inject)
            for buffer in buffers.values():
                buffer.planted.add(step)
        batch = task.batch(batch_size, generator).to(device)
        for learner in learners:
            if learner.alive:
                dial = thresholds.get(learner.name)
                limit = dials[dial] if dial else 0.0
                row = learner.update(task, batch, step=step, threshold=limit, inject=inject)
                buffers[learner.name].add(step, row)
        if step <= EARLY_UPDATES or step % FLUSH_EVERY == 0 or step == updates:
            for learner in learners:
                yield from buffers[learner.name].flush(learner)
        yield ProgressEvent(step=step, total=updates)
        if not any(learner.alive for learner in learners):
            return


def _injected(step: int, inject: float) -> MarkEvent:
    what = "an infinite" if inject == 1 else "a NaN"
    text = f"{what} gradient was planted at update {step}"
    return MarkEvent(model="", step=step, what="injected", text=text)
