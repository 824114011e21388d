"""An encoder-decoder Transformer that decodes with a cache of keys and values.

Legend: B batch, S source time, T target time, D width, H heads, K head width.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from core.models.catalogue import HEADS
from core.models.positions import alibi_bias, rotated, sinusoidal_codes
from core.models.translator import Decoded, DecoderState, Memory, Translator, overridden
from core.models.translators import Positions
from core.text.words import PAD


class Attend(nn.Module):
    """Multi-head attention (Vaswani et al. 2017, 3.2.2), its parts apart: a cache comes between."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.query = nn.Linear(hidden, hidden)
        self.key_value = nn.Linear(hidden, 2 * hidden)
        self.out = nn.Linear(hidden, hidden)

    def queries(self, words_BTD: Tensor) -> Tensor:
        """Return (B, H, T, K)."""
        return _heads(self.query(words_BTD))

    def keys_values(self, words_BSD: Tensor) -> tuple[Tensor, Tensor]:
        """Return two tensors (B, H, S, K)."""
        keys, values = self.key_value(words_BSD).chunk(2, -1)
        return _heads(keys), _heads(values)

    def joined(self, found_BHTK: Tensor) -> Tensor:
        """Return what the heads found as (B, T, D)."""
        return self.out(found_BHTK.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


def _heads(words_BTD: Tensor) -> Tensor:
    batch, steps, width = words_BTD.shape
    return words_BTD.view(batch, steps, HEADS, width // HEADS).transpose(1, 2)


def _feed_forward(hidden: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(hidden, 2 * hidden), nn.ReLU(), nn.Linear(2 * hidden, hidden))


class EncoderBlock(nn.Module):
    """Attention to the source and a feed-forward layer, each after a norm."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.attend, self.think = Attend(hidden), _feed_forward(hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(2))


class DecoderBlock(nn.Module):
    """Attention to the words so far, then to the source, and a feed-forward layer."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.attend, self.look, self.think = Attend(hidden), Attend(hidden), _feed_forward(hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(3))


class TransformerTranslator(Translator):
    """Pre-norm blocks (Xiong et al. 2020), a choice of positions, no dropout.

    Learned positions end at `longest`; what stands beyond has the last one's code.
    """

    has_attention = True
    has_start_state = False

    def __init__(
        self,
        positions: Positions,
        *,
        source_size: int,
        target_size: int,
        hidden: int,
        layers: int,
        longest: int,
    ) -> None:
        super().__init__()
        self.positions, self.width = positions, hidden
        self.source_embedding = nn.Embedding(source_size, hidden, padding_idx=PAD)
        self.target_embedding = nn.Embedding(target_size, hidden, padding_idx=PAD)
        for embedding in (self.source_embedding, self.target_embedding):
            nn.init.normal_(embedding.weight, std=hidden**-0.5)
            embedding.weight.data[PAD] = 0
        learned = torch.randn(longest + 1, hidden) * 0.1
        self.codes = nn.Parameter(learned) if positions == "learned" else None
        self.encoder = nn.ModuleList(EncoderBlock(hidden) for _ in range(layers))
        self.decoder = nn.ModuleList(DecoderBlock(hidden) for _ in range(layers))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.head = nn.Linear(hidden, target_size)

    def encode(self, source_BS: Tensor) -> Memory:
        """Read the source; ids that end in EOS, padded at the end with PAD."""
        mask_BS = source_BS != PAD
        places_S = torch.arange(source_BS.shape[1], device=source_BS.device)
        words = self._embedded(self.source_embedding, source_BS, places_S)
        bias = self._distance_bias(places_S, places_S)
        bias = bias.masked_fill(~mask_BS[:, None, None], -torch.inf)
        for block in self.encoder:
            assert isinstance(block, EncoderBlock)
            normed = block.norms[0](words)
            queries = self._turned(block.attend.queries(normed), places_S)
            keys, values = block.attend.keys_values(normed)
            found = _attended(queries, self._turned(keys, places_S), values, bias)
            words = words + block.attend.joined(found)
            words = words + block.think(block.norms[1](words))
        words = self.encoder_norm(words)
        tensors: dict[str, Tensor] = {}
        for index, block in enumerate(self.decoder):
            assert isinstance(block, DecoderBlock)
            keys, values = block.look.keys_values(words)
            tensors[f"keys_{index}"] = keys.contiguous()  # every word that is decoded reads them
            tensors[f"values_{index}"] = values.contiguous()
        return Memory(mask_BS, tensors)

    def start(self, memory: Memory) -> DecoderState:
        """Return the empty caches: the source is reached through attention alone."""
        keys = memory.tensors["keys_0"]
        empty = keys.new_zeros(keys.shape[0], HEADS, 0, keys.shape[-1])
        return DecoderState(0, (empty,) * (2 * len(self.decoder)))

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
        steps = words_BT.shape[1]
        all_T = torch.arange(state.steps + steps, device=words_BT.device)
        new_T = all_T[state.steps :]
        causal = self._distance_bias(new_T, all_T)
        causal = causal.masked_fill(all_T[None] > new_T[:, None], -torch.inf)
        words = self._embedded(self.target_embedding, words_BT, new_T)
        caches: list[Tensor] = []
        maps: list[Tensor] = []
        for index, block in enumerate(self.decoder):
            assert isinstance(block, DecoderBlock)
            normed = block.norms[0](words)
            keys, values = block.attend.keys_values(normed)
            keys = torch.cat([state.tensors[2 * index], self._turned(keys, new_T)], 2)
            values = torch.cat([state.tensors[2 * index + 1], values], 2)
            caches += [keys, values]
            queries = self._turned(block.attend.queries(normed), new_T)
            words = words + block.attend.joined(_attended(queries, keys, values, causal))
            found, weights = self._look(
                block.look.queries(block.norms[1](words)), memory, index, bias_BTS, want_attention
            )
            words = words + block.look.joined(found)
            words = words + block.think(block.norms[2](words))
            maps += [weights] if weights is not None else []
        logits_BTV = self.head(self.decoder_norm(words))
        stands = DecoderState(state.steps + steps, tuple(caches))
        return Decoded(logits_BTV, stands, torch.cat(maps, 1) if want_attention else None)

    def _look(
        self,
        queries: Tensor,
        memory: Memory,
        index: int,
        bias_BTS: Tensor | None,
        want_attention: bool,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend to the source; the weights (B, H, T, S) cost more, so only where wanted."""
        keys, values = memory.tensors[f"keys_{index}"], memory.tensors[f"values_{index}"]
        mask = memory.mask_BS[:, None, None]
        if not want_attention and self.override == "learned":
            allowed = torch.zeros_like(mask, dtype=keys.dtype)
            allowed = allowed if bias_BTS is None else allowed + bias_BTS[:, None]
            allowed = allowed.masked_fill(~mask, -torch.inf)
            return scaled_dot_product_attention(queries, keys, values, attn_mask=allowed), None
        scores = queries @ keys.transpose(-1, -2) / math.sqrt(queries.shape[-1])
        scores = overridden(scores, mask, self.override)
        if bias_BTS is not None:
            scores = scores + bias_BTS[:, None]
        weights = scores.masked_fill(~mask, -torch.inf).softmax(-1)
        return weights @ values, weights

    def _embedded(self, embedding: nn.Embedding, ids_BT: Tensor, places_T: Tensor) -> Tensor:
        words_BTD: Tensor = embedding(ids_BT) * math.sqrt(self.width)
        if self.positions == "sinusoidal":
            return words_BTD + sinusoidal_codes(places_T, self.width)
        if self.codes is not None:
            return words_BTD + self.codes[places_T.clamp(max=len(self.codes) - 1)]
        return words_BTD

    def _turned(self, heads_BHTK: Tensor, places_T: Tensor) -> Tensor:
        return rotated(heads_BHTK, places_T) if self.positions == "rotary" else heads_BHTK

    def _distance_bias(self, queries_T: Tensor, keys_T: Tensor) -> Tensor:
        """Return what is added to all scores of words that may be seen, (1, H or 1, T, T)."""
        if self.positions == "alibi":
            return alibi_bias(queries_T, keys_T, HEADS)[None]
        return torch.zeros(1, 1, len(queries_T), len(keys_T), device=queries_T.device)


def _attended(queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    return scaled_dot_product_attention(queries, keys, values, attn_mask=bias)
