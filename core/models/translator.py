"""What every translation model can do, whichever it is: encode, then decode on.

Legend: B batch, T target time, S source time, D width, V target vocabulary, M attention maps
(layers x heads; one for a recurrent decoder).
"""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn

from core.data.pair_batch import PairInputs
from core.models.catalogue import HEADS

AttentionOverride = Literal["learned", "uniform", "last"]


@dataclass(frozen=True, slots=True)
class Memory:
    """What the encoder found.

    Attributes:
        mask_BS: True where attention may look: a real position (a segment, if it reads segments).
        tensors: by name, each with the batch first: keys, values, the decoder's start.
    """

    mask_BS: Tensor
    tensors: dict[str, Tensor]

    def select(self, index_N: Tensor) -> "Memory":
        """Return the memory of the sentences `index_N`, which may repeat."""
        return Memory(self.mask_BS[index_N], {k: v[index_N] for k, v in self.tensors.items()})


@dataclass(frozen=True, slots=True)
class DecoderState:
    """Where the decoder stands: `tensors`, each with the batch first, after `steps` words."""

    steps: int
    tensors: tuple[Tensor, ...]

    def select(self, index_N: Tensor) -> "DecoderState":
        """Return the state of the sentences `index_N`, which may repeat."""
        return replace(self, tensors=tuple(tensor[index_N] for tensor in self.tensors))


@dataclass(frozen=True, slots=True)
class Decoded:
    """`logits_BTV`, the state after the last word, and `attention_BMTS` where it was asked for."""

    logits_BTV: Tensor
    state: DecoderState
    attention_BMTS: Tensor | None


class Translator(nn.Module):
    """A translation model; `override` replaces what its attention learned, for an experiment.

    Attributes:
        has_attention: whether `decode` can return attention.
        has_start_state: whether all or part of the source reaches the decoder through the state
            that `start` returns (a Transformer's does not).
    """

    has_attention: bool
    has_start_state: bool
    override: AttentionOverride = "learned"

    def encode(self, source_BS: Tensor) -> Memory:
        """Read the source; ids that end in EOS, padded at the end with PAD."""
        raise NotImplementedError

    def start(self, memory: Memory) -> DecoderState:
        """Return the decoder's state before its first word."""
        raise NotImplementedError

    def decode(
        self,
        words_BT: Tensor,
        memory: Memory,
        state: DecoderState,
        *,
        bias_BTS: Tensor | None = None,
        want_attention: bool = False,
    ) -> Decoded:
        """Read the words and say what comes after each.

        Args:
            words_BT: ids, BOS first when `state` is that of `start`.
            memory: of `encode`.
            state: of `start`, or of the call before; T words at once or one by one is the same.
            bias_BTS: added to the attention scores of every map before the softmax: -inf blocks
                a position, -inf everywhere else forces it.
            want_attention: whether the weights are returned; rows sum to 1, padding gets 0.
        """
        raise NotImplementedError

    def forward(self, inputs: PairInputs) -> Tensor:
        """Return the logits under teacher forcing, (B, T, V)."""
        memory = self.encode(inputs.source_BS)
        return self.decode(inputs.target_BT, memory, self.start(memory)).logits_BTV


def overridden(scores: Tensor, mask: Tensor, override: AttentionOverride) -> Tensor:
    """Return `scores` (..., S) as the experiment wants them: all equal, or only the last position.

    `mask` (broadcastable, True: real) says which is the last.
    """
    if override == "learned":
        return scores
    if override == "uniform":
        return torch.zeros_like(scores)
    is_last = mask & ~nn.functional.pad(mask, (0, 1))[..., 1:]
    return torch.zeros_like(scores).masked_fill(~is_last, -torch.inf)


def map_names(maps: int) -> list[str]:
    """Return how the attention maps of a model are called, layer by layer."""
    if maps == 1:
        return ["attention"]
    return [f"layer {each // HEADS + 1} head {each % HEADS + 1}" for each in range(maps)]
