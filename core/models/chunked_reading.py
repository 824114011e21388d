"""Ways to read a long sequence with a recurrent model that learned on short ones.

Each is called like a model, on whole sequences, and gives an answer at every step. None trains
anything. The state of an answer is lost or kept, and that is all in which they differ.

Legend: B batch, T time, I input width, O output width.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.data.length_task import Read
from core.errors import ConfigError
from core.models.recurrent import RecurrentModel


def read_whole(model: nn.Module) -> Read:
    """Return the model itself: one pass over the whole sequence."""
    return model


@dataclass(frozen=True, slots=True, eq=False)
class ChunkedReader:
    """Reads `chunk` steps at a time; `carry` hands the state from one chunk to the next.

    With the state carried the outputs are those of one pass, step for step: a recurrent model is
    such a loop. Only the memory differs. Without it, each chunk is a sequence of its own.
    """

    model: RecurrentModel
    chunk: int
    carry: bool = True

    @torch.no_grad()
    def __call__(self, inputs: Tensor) -> Tensor:
        """Return the outputs at every step, (T, B, O)."""
        return self.answers(inputs, lambda outputs_TBO: outputs_TBO)

    @torch.no_grad()
    def answers(self, inputs: Tensor, keep: Callable[[Tensor], Tensor]) -> Tensor:
        """Return what `keep` makes of the outputs of each chunk, one after the other in time.

        Neither hidden states nor outputs of a chunk outlive it.
        """
        found, done = torch.empty(0), 0
        for outputs_CBO in self.pieces(inputs):
            kept = keep(outputs_CBO)
            if not done:  # one block from the start: joining the parts would take twice as much
                found = kept.new_empty(len(inputs), *kept.shape[1:])
            found[done : done + len(kept)] = kept
            done += len(kept)
        return found

    def pieces(self, inputs: Tensor) -> Iterator[Tensor]:
        """Yield the outputs of one chunk after the other, (C, B, O)."""
        state = None
        for chunk in torch.split(inputs, self.chunk):
            outputs_CBO, after = self.model.read_from(chunk, state)
            state = after if self.carry else None
            yield outputs_CBO


@dataclass(frozen=True, slots=True, eq=False)
class OverlappingReader:
    """Reads segments that share `overlap` steps, each from a fresh state, and averages.

    The answer after t steps is the mean of the last outputs of all segments that those t steps
    are cut into; a step is where the newest segment stands, the others have ended. The next
    segment begins only where the one before did not reach the end, so up to `segment` steps
    this is one pass.

    Raises:
        ConfigError: the segments would not advance.
    """

    model: RecurrentModel
    segment: int
    overlap: int

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.segment:
            raise ConfigError(
                f"overlap is {self.overlap}; it must be from 0 to {self.segment - 1}, less than "
                f"a segment of {self.segment} steps."
            )

    @torch.no_grad()
    def __call__(self, inputs: Tensor) -> Tensor:
        """Return the outputs at every step, (T, B, O)."""
        steps = len(inputs)
        summed_TBO = self.model(inputs[: self.segment])
        missing = max(0, steps - self.segment)
        summed_TBO = torch.cat([summed_TBO, summed_TBO[-1:].expand(missing, -1, -1)])
        segments_T11 = torch.ones(steps, 1, 1, device=inputs.device)
        stride = self.segment - self.overlap
        for start in range(stride, steps - self.overlap, stride):
            outputs_SBO = self.model(inputs[start : start + self.segment])
            counts = start + self.overlap  # from here on the segment before has ended
            end = start + len(outputs_SBO)
            summed_TBO[counts:end] += outputs_SBO[self.overlap :]
            summed_TBO[end:] += outputs_SBO[-1]
            segments_T11[counts:] += 1
        return summed_TBO / segments_T11


class RobustLSTM:
    """The class that an answer offers for production, statement by statement as it stands there.

    `model` must accept a state and return one. A sequence of up to `max_training_len` steps gets
    whatever the model returns; a longer one the outputs of its last chunk only.
    """

    def __init__(self, model: Callable[..., Any], max_training_len: int = 100) -> None:
        self.model = model
        self.max_len = max_training_len

    def predict(self, sequence: Tensor) -> Any:
        """Return what the answer's code returns: not of one kind."""
        if len(sequence) <= self.max_len:
            return self.model(sequence)
        chunk_size = self.max_len
        outputs = []
        hidden = None
        for i in range(0, len(sequence), chunk_size):
            chunk = sequence[i : i + chunk_size]
            out, hidden = self.model(chunk, hidden)
            outputs.append(out)
            hidden = (hidden[0].detach(), hidden[1].detach())
        return outputs[-1]


def robust_as_written(model: RecurrentModel, longest: int = 100) -> Read:
    """Return a reading with `RobustLSTM`; where it returns no answer it is NaN.

    The class hands on two states, so a cell without a second one gets a placeholder for it. A
    short sequence comes back as a pair, of which the outputs are taken.
    """
    is_pair = isinstance(model.recurrent, nn.LSTM)

    def accepting(inputs: Tensor, hidden: Any = None) -> tuple[Tensor, Any]:
        state = hidden if hidden is None or is_pair else hidden[0]
        outputs_TBO, after = model.read_from(inputs, state)
        return outputs_TBO, after if is_pair else (after, after)

    @torch.no_grad()
    def read(inputs: Tensor) -> Tensor:
        returned = RobustLSTM(accepting, longest).predict(inputs)
        outputs_TBO: Tensor = returned[0] if isinstance(returned, tuple) else returned
        absent = outputs_TBO.new_full(
            (len(inputs) - len(outputs_TBO), *outputs_TBO.shape[1:]), torch.nan
        )
        return torch.cat([absent, outputs_TBO])

    return read


def robust_mended(model: RecurrentModel, longest: int = 100) -> ChunkedReader:
    """Return the answer's class mended: the outputs of all chunks, of one kind for every length.

    What remains is chunked reading with the state carried, which is one pass.
    """
    return ChunkedReader(model, longest, carry=True)


READINGS: dict[str, Callable[[RecurrentModel, int, int], Read]] = {
    "none": lambda model, segment, overlap: read_whole(model),
    "overlapping": OverlappingReader,
    "chunked-carried": lambda model, segment, overlap: ChunkedReader(model, segment),
    "chunked-fresh": lambda model, segment, overlap: ChunkedReader(model, segment, carry=False),
    "robust-as-written": lambda model, segment, overlap: robust_as_written(model, segment),
    "robust-mended": lambda model, segment, overlap: robust_mended(model, segment),
}
"""By the name of a remedy: a reading with a model, given the steps of a segment and of overlap."""
