"""What every pretrained encoder can do: read texts as pieces, and give each piece a state.

Legend: B batch, T time (pieces of a text), D width, M attention maps.
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

READ_AT_ONCE = 32

Pieces = Sequence[int]
"""A text as ids of the encoder's own pieces, from its start mark to its end mark."""


class PieceInputs(NamedTuple):
    """Texts as ids (B, T), padded at the end, and how many of each row are the text (B,)."""

    pieces_BT: Tensor
    lengths_B: Tensor


class SentenceEncoder(nn.Module, ABC):
    """A pretrained encoder. Its weights take no gradient; `tunable` gives a copy whose do.

    Attributes:
        title: its name on the screen.
        width: of a state.
        most_pieces: after so many pieces a text is cut, or after the most it can read.
        maps: a name for each attention map, layer by layer.
        padding: the id that fills rows up.
    """

    title: str
    width: int
    padding: int
    maps: list[str]
    tokenizer: Any

    def __init__(self, *, most_pieces: int, longest: int) -> None:
        super().__init__()
        assert most_pieces > 2  # of which two are marks
        self.most_pieces = min(most_pieces, longest)

    @abstractmethod
    def forward(self, inputs: PieceInputs) -> Tensor:
        """Return the state of every piece, (B, T, D); those of padding mean nothing."""

    @abstractmethod
    def attention(self, inputs: PieceInputs) -> Tensor:
        """Return how much each piece looks at each, (B, M, T, T): a row sums to 1."""

    @abstractmethod
    def blocks(self) -> Sequence[nn.Module]:
        """Return the layers from the lowest to the highest.

        Raises:
            ConfigError: this architecture has none that could learn alone.
        """

    @property
    @abstractmethod
    def table(self) -> nn.Embedding:
        """The vectors of the pieces."""

    @abstractmethod
    def names(self, pieces: Pieces) -> list[str]:
        """Return the piece of text behind each id."""

    @abstractmethod
    def _ids(self, texts: list[str]) -> list[Pieces]:
        """Return the texts as ids with their marks; of too long ones, one more than is read."""

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return self.table.weight.device

    def encode(self, texts: Sequence[str]) -> list[Pieces]:
        """Return the texts as pieces; too long ones are cut, and keep their end mark."""
        most = self.most_pieces
        return [
            pieces if len(pieces) <= most else [*pieces[: most - 1], pieces[-1]]
            for pieces in self._measured(texts)
        ]

    def pieces(self, text: str) -> list[str]:
        """Return the pieces of a text as they are read, its marks among them."""
        return self.names(self.encode([text])[0])

    def count_cut(self, texts: Sequence[str]) -> int:
        """Return how many of the texts are longer than what is read of them."""
        return sum(len(pieces) > self.most_pieces for pieces in self._measured(texts))

    def _measured(self, texts: Sequence[str]) -> list[Pieces]:
        # half a character, as JSON can hold one, is none to a tokenizer
        return self._ids([text.encode("utf-8", "replace").decode() for text in texts])

    def inputs(self, rows: Sequence[Pieces]) -> PieceInputs:
        """Return texts as one batch on the encoder's device."""
        padded = pad_sequence(
            [torch.tensor(row) for row in rows], batch_first=True, padding_value=self.padding
        )
        lengths = torch.tensor([len(row) for row in rows])
        return PieceInputs(padded.to(self.device), lengths.to(self.device))

    def tunable(self, modules: Iterable[nn.Module]) -> Self:
        """Return a copy in which these modules can learn; all other weights are shared with it.

        Args:
            modules: of this encoder.
        """
        learning = {id(weight) for module in modules for weight in module.parameters()}
        kept = [weight for weight in self.parameters() if id(weight) not in learning]
        shared = {id(thing): thing for thing in (self.tokenizer, *kept)}
        twin = copy.deepcopy(self, dict(shared))
        for weight in twin.parameters():
            weight.requires_grad_(id(weight) not in shared)
        return twin


def inside(lengths_B: Tensor, steps: int) -> Tensor:
    """Return which places of a batch are of a text, (B, T), true or false."""
    return torch.arange(steps, device=lengths_B.device) < lengths_B[:, None]


def mean_state(states_BTD: Tensor, lengths_B: Tensor) -> Tensor:
    """Return the mean of each text's states, (B, D), without those of padding."""
    outside_BT1 = ~inside(lengths_B, states_BTD.shape[1])[..., None]
    return states_BTD.masked_fill(outside_BT1, 0.0).sum(1) / lengths_B[:, None]
