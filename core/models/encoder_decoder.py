"""Recurrent encoder-decoders, with and without attention.

Teacher forcing reads all target words in one call of a fused kernel and attends for all of them
in one product: attention comes after the recurrent layer (Luong et al. 2015, arXiv:1508.04025),
so no step waits for the one before.

Legend: B batch, S source time, T target time, D width, L layers, V target vocabulary,
G segments, W words of a segment.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core.models.alignment import Alignment
from core.models.translator import Decoded, DecoderState, Memory, Translator
from core.models.translators import TranslatorSpec
from core.text.words import PAD

FORGET_BIAS = 1.0

State = tuple[Tensor, ...]  # h of all layers, and c of an LSTM, each (B, L, D)


class EncoderDecoder(Translator):
    """An encoder, a bridge, a decoder, and attention if the spec has it.

    The encoder has `hidden` units in all, half of them in each direction when it is
    bidirectional, and the bridge maps its last state, both directions joined, to the decoder's
    first (Bahdanau et al. 2015, A.2.2, bridge from the backward state alone). Attention reads
    the encoder's states as keys and, beside them, the words themselves as values. Embeddings
    are drawn from N(0, 1): at this size they make attention learn in hundreds of updates.
    """

    has_start_state = True

    def __init__(
        self,
        spec: TranslatorSpec,
        *,
        source_size: int,
        target_size: int,
        hidden: int,
        layers: int = 1,
        segment: int = 10,
    ) -> None:
        super().__init__()
        self.has_attention = spec.attention != "none"
        self.reverse_source = spec.reverse_source
        self.segment = segment if spec.segmented else 0
        self.source_embedding = nn.Embedding(source_size, hidden, padding_idx=PAD)
        self.target_embedding = nn.Embedding(target_size, hidden, padding_idx=PAD)
        self.encoder = _recurrent(spec.cell, hidden, layers, bidirectional=spec.bidirectional)
        self.summary = _recurrent(spec.cell, hidden, layers) if spec.segmented else None
        self.decoder = _recurrent(spec.cell, hidden, layers)
        self.bridges = nn.ModuleList(
            nn.Linear(hidden, hidden) for _ in range(2 if spec.cell == "lstm" else 1)
        )
        self.alignment = (
            Alignment(spec.attention, hidden, 2 * hidden) if self.has_attention else None
        )
        self.head = nn.Linear(hidden, target_size)

    def encode(self, source_BS: Tensor) -> Memory:
        """Read the source; ids that end in EOS, padded at the end with PAD."""
        mask_BS = source_BS != PAD
        lengths_B = mask_BS.sum(1)
        if self.reverse_source:
            source_BS = reversed_source(source_BS, lengths_B)
        words_BSD = self.source_embedding(source_BS)
        if self.summary is not None:
            final = self._read_segments(words_BSD, lengths_B)
            return Memory(mask_BS, _by_name(self._bridged(final)))
        states_BSD, final = read_padded(self.encoder, words_BSD, lengths_B)
        tensors = _by_name(self._bridged(final))
        if self.alignment is not None:
            tensors["keys"] = self.alignment.keys(states_BSD)
            tensors["values"] = torch.cat([states_BSD, words_BSD], 2)
        return Memory(mask_BS, tensors)

    def start(self, memory: Memory) -> DecoderState:
        """Return the decoder's state before its first word: what came over the bridge."""
        tensors = memory.tensors
        return DecoderState(0, tuple(tensors[n] for n in ("start_h", "start_c") if n in tensors))

    def decode(
        self,
        words_BT: Tensor,
        memory: Memory,
        state: DecoderState,
        *,
        bias_BTS: Tensor | None = None,
        want_attention: bool = False,
    ) -> Decoded:
        """Read the words and say what comes after each; see `Translator.decode`."""
        before = tuple(tensor.transpose(0, 1).contiguous() for tensor in state.tensors)
        outputs_BTD, after = self.decoder(
            self.target_embedding(words_BT), before if len(before) > 1 else before[0]
        )
        after = after if isinstance(after, tuple) else (after,)
        attention = None
        if self.alignment is not None:
            outputs_BTD, weights_BTS = self.alignment(
                outputs_BTD, memory, bias_BTS=bias_BTS, override=self.override
            )
            attention = weights_BTS[:, None] if want_attention else None
        stands = DecoderState(
            state.steps + words_BT.shape[1], tuple(tensor.transpose(0, 1) for tensor in after)
        )
        return Decoded(self.head(outputs_BTD), stands, attention)

    def _read_segments(self, words_BSD: Tensor, lengths_B: Tensor) -> State:
        """Read pieces of `segment` words one by one, then their codes: the last state of that."""
        assert self.summary is not None
        batch, steps, width = words_BSD.shape
        padding = -steps % self.segment
        words_BSD = nn.functional.pad(words_BSD, (0, 0, 0, padding))
        groups = words_BSD.shape[1] // self.segment
        first_G = torch.arange(groups, device=words_BSD.device) * self.segment
        lengths_BG = (lengths_B[:, None] - first_G).clamp(0, self.segment)
        is_real = lengths_BG.flatten() > 0
        pieces_NWD = words_BSD.view(batch * groups, self.segment, width)[is_real]
        _, final = read_padded(self.encoder, pieces_NWD, lengths_BG.flatten()[is_real])
        codes = words_BSD.new_zeros(batch * groups, width)
        codes[is_real] = final[0][:, -1]
        _, final = read_padded(
            self.summary, codes.view(batch, groups, width), (lengths_BG > 0).sum(1)
        )
        return final

    def _bridged(self, final: State) -> State:
        """Return the decoder's start: h through tanh, as a cell bounds it; c as it is."""
        hidden, *cell = (bridge(part) for bridge, part in zip(self.bridges, final, strict=True))
        return (torch.tanh(hidden), *cell)


def _by_name(start: State) -> dict[str, Tensor]:
    return dict(zip(("start_h", "start_c"), start, strict=False))


def _recurrent(
    cell: str, hidden: int, layers: int, *, bidirectional: bool = False
) -> nn.LSTM | nn.GRU:
    """Return a fused layer of `hidden` outputs: orthogonal recurrence, forget bias 1."""
    kind = nn.LSTM if cell == "lstm" else nn.GRU
    units = hidden // 2 if bidirectional else hidden
    made = kind(hidden, units, layers, batch_first=True, bidirectional=bidirectional)
    for name, parameter in made.named_parameters():
        if "weight_hh" in name:
            for block in torch.split(parameter.data, units):
                nn.init.orthogonal_(block)
        elif "bias_hh" in name and cell == "lstm":
            parameter.data[units : 2 * units] = FORGET_BIAS
    return made


def read_padded(
    recurrent: nn.LSTM | nn.GRU, words_BSD: Tensor, lengths_B: Tensor
) -> tuple[Tensor, State]:
    """Return all states (B, S, D) and the last real one of each layer, h and c, (B, L, D).

    Directions are joined side by side. What stands behind a sentence's end changes neither.
    """
    longest = words_BSD.shape[1]
    lengths = lengths_B.cpu()
    if bool((lengths == longest).all()):  # nothing to skip: the unpacked kernel is quicker
        states_BSD, final = recurrent(words_BSD)
    else:
        packed = pack_padded_sequence(words_BSD, lengths, batch_first=True, enforce_sorted=False)
        packed_states, final = recurrent(packed)
        states_BSD, _ = pad_packed_sequence(packed_states, batch_first=True, total_length=longest)
    parts = final if isinstance(final, tuple) else (final,)
    directions = 2 if recurrent.bidirectional else 1
    joined = (
        part.unflatten(0, (recurrent.num_layers, directions)).permute(2, 0, 1, 3).flatten(2)
        for part in parts
    )
    return states_BSD, tuple(joined)


def reversed_source(source_BS: Tensor, lengths_B: Tensor) -> Tensor:
    """Return each source with its real part back to front; padding stays at the end."""
    index_BS = lengths_B[:, None] - 1 - torch.arange(source_BS.shape[1], device=source_BS.device)
    turned_BS = source_BS.gather(1, index_BS.clamp(min=0))
    return torch.where(index_BS >= 0, turned_BS, source_BS)
