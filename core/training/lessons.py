"""What a model of the length lab reads, batch after batch, without end.

Legend: B batch, T time.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from core.data.batch import Batch
from core.data.length_task import LengthTask
from core.models.recurrent import RecurrentModel, State


def endless_batches(task: LengthTask, size: int, generator: torch.Generator) -> Iterator[Batch]:
    """Yield batches of the task's own lengths."""
    while True:
        yield task.batch(size, generator)


def chosen_lengths(
    task: LengthTask, size: int, generator: torch.Generator, *, lengths: Sequence[int]
) -> Iterator[Batch]:
    """Yield batches each of one of `lengths`, all as likely."""
    while True:
        at = int(torch.randint(len(lengths), (1,), generator=generator))
        yield task.draw(lengths[at], size, generator)


class StateCarrier(nn.Module):
    """A recurrent model that begins where it ended the call before; no gradient goes there."""

    def __init__(self, model: RecurrentModel) -> None:
        super().__init__()
        self.model = model
        self._state: State | None = None

    def forget(self) -> None:
        """Begin the next call with zeros."""
        self._state = None

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the outputs at every step, (T, B, O)."""
        outputs_TBO, state = self.model.read_from(inputs, self._state)
        if isinstance(state, tuple):
            self._state = (state[0].detach(), state[1].detach())
        else:
            self._state = state.detach()
        return outputs_TBO


def carried_segments(
    task: LengthTask,
    size: int,
    generator: torch.Generator,
    *,
    carrier: StateCarrier,
    segments: int,
    steps: int,
) -> Iterator[Batch]:
    """Yield sequences in `segments` parts of `steps` steps; `carrier` forgets between sequences.

    That is truncated backpropagation through time (Williams and Peng 1990): an update a part.
    """
    while True:
        carrier.forget()
        whole = task.draw(segments * steps, size, generator)
        parts = (torch.split(each, steps) for each in (whole.inputs, whole.targets))
        yield from map(Batch, *parts)
