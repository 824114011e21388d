"""A small causal Transformer with a choice of positions.

Legend: B batch, T time, S steps that are attended to, D width, H heads, K head width,
V vocabulary, I input width, O output width.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.catalogue import HEADS, Positions
from core.models.positions import alibi_bias, rotated, sinusoidal_codes


class Block(nn.Module):
    """Causal attention and a feed-forward layer, each after a norm.

    Pre-norm: Xiong et al. 2020 (arXiv:2002.04745). The weights are drawn as torch's own encoder
    layer draws them.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.out = nn.Linear(hidden, hidden)
        self.query_key_value = nn.utils.skip_init(  # type: ignore[no-untyped-call]
            nn.Linear, hidden, 3 * hidden
        )
        nn.init.xavier_uniform_(self.query_key_value.weight)
        nn.init.zeros_(self.query_key_value.bias)
        nn.init.zeros_(self.out.bias)
        self.widen = nn.Linear(hidden, 4 * hidden)
        self.narrow = nn.Linear(4 * hidden, hidden)
        self.attention_norm = nn.LayerNorm(hidden)
        self.feed_forward_norm = nn.LayerNorm(hidden)

    def forward(
        self,
        words_BTD: Tensor,
        cache_BSD: Tensor | None,
        turned_by_S: Tensor | None,
        bias_TS: Tensor | None,
    ) -> Tensor:
        """Return the words after they attended to the cached ones and to those up to themselves.

        `turned_by_S` are the positions that rotate queries and keys, `bias_TS` what is added to
        the attention scores (it must hide what comes later); None: neither.
        """
        read_BSD = words_BTD if cache_BSD is None else torch.cat([cache_BSD, words_BTD], 1)
        joint_BSD = self.query_key_value(self.attention_norm(read_BSD))
        queries, keys, values = (_heads(part) for part in joint_BSD.chunk(3, -1))
        queries = queries[:, :, -words_BTD.shape[1] :]
        if turned_by_S is not None:
            queries = rotated(queries, turned_by_S[-words_BTD.shape[1] :])
            keys = rotated(keys, turned_by_S)
        found_BHTK = F.scaled_dot_product_attention(
            queries, keys, values, attn_mask=bias_TS, is_causal=bias_TS is None
        )
        words_BTD = words_BTD + self.out(found_BHTK.transpose(1, 2).flatten(2))
        return words_BTD + self.narrow(self.widen(self.feed_forward_norm(words_BTD)).relu())  # type: ignore[no-any-return]


def _heads(words_BTD: Tensor) -> Tensor:
    batch, steps, width = words_BTD.shape
    return words_BTD.view(batch, steps, HEADS, width // HEADS).transpose(1, 2)


class TransformerModel(nn.Module):
    """A causal Transformer with the call of the recurrent models.

    `positions` are how it knows where a step stands:

    - "learned": a table of `longest` codes. Past its end there is no answer: the outputs are NaN.
    - "sinusoidal": sines and cosines (Vaswani et al. 2017, 3.5).
    - "rotary": queries and keys turned by their position (Su et al. 2021, arXiv:2104.09864).
    - "alibi": attention that pays for distance (Press et al. 2022, arXiv:2108.12409).
    - "none": the causal mask alone (Haviv et al. 2022, arXiv:2203.16634).
    - "recurrent": segments of `segment` steps, each attends to itself and to the cached states of
      the one before, through which no gradient flows (Transformer-XL; Dai et al. 2019,
      arXiv:1901.02860). Distances are told by rotary positions within the two.

    Attributes:
        longest_input: steps that it can read, None where there is no limit.
    """

    def __init__(
        self,
        positions: Positions,
        *,
        input_size: int,
        hidden: int,
        layers: int,
        output_size: int,
        longest: int,
        segment: int,
        vocabulary_size: int | None = None,
    ) -> None:
        super().__init__()
        self.positions = positions
        self.longest_input = longest if positions == "learned" else None
        self.segment = segment if positions == "recurrent" else None
        self.embedding: nn.Module
        if vocabulary_size is None:
            self.embedding = nn.Linear(input_size, hidden)
        else:
            self.embedding = nn.Embedding(vocabulary_size, hidden)
        self.codes: nn.Parameter | None = None
        if positions == "learned":
            self.codes = nn.Parameter(torch.randn(longest, hidden) * 0.02)
        self.blocks = nn.ModuleList(Block(hidden) for _ in range(layers))
        self.norm = nn.LayerNorm(hidden)
        self.head = nn.Linear(hidden, output_size)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the outputs at every step, (T, B, O); NaN past `longest_input`."""
        known = inputs[: self.longest_input]
        caches: list[Tensor | None] = [None] * len(self.blocks)
        segments = []
        for segment in torch.split(known, self.segment or len(known)):
            words_BTD, caches = self._read(segment, caches)
            segments.append(words_BTD)
        outputs_BTO = self.head(self.norm(torch.cat(segments, 1)))
        unknown = len(inputs) - len(known)
        return F.pad(outputs_BTO.transpose(0, 1), (0, 0, 0, 0, 0, unknown), value=torch.nan)

    def _read(
        self, segment: Tensor, caches: list[Tensor | None]
    ) -> tuple[Tensor, list[Tensor | None]]:
        """Return the words of a segment after all blocks, and what each block read, detached."""
        words_BTD = self.embedding(segment).transpose(0, 1)
        cached = 0 if caches[0] is None else caches[0].shape[1]
        places_S = torch.arange(cached + len(segment), device=segment.device)
        if self.codes is not None:
            words_BTD = words_BTD + self.codes[: len(segment)]
        elif self.positions == "sinusoidal":
            words_BTD = words_BTD + sinusoidal_codes(places_S, words_BTD.shape[-1])
        turned_by_S = places_S if self.positions in ("rotary", "recurrent") else None
        bias_TS = self._bias(places_S, cached)
        read: list[Tensor | None] = []
        for block, cache_BSD in zip(self.blocks, caches, strict=True):
            read.append(words_BTD.detach())
            words_BTD = block(words_BTD, cache_BSD, turned_by_S, bias_TS)
        return words_BTD, read

    def _bias(self, places_S: Tensor, cached: int) -> Tensor | None:
        """Return what is added to the attention scores; None: the causal mask does."""
        later_TS = places_S > places_S[cached:, None]
        if self.positions == "alibi":
            return alibi_bias(places_S, places_S, HEADS).masked_fill(later_TS, -torch.inf)[None]
        if cached:
            return torch.zeros(later_TS.shape, device=places_S.device).masked_fill(
                later_TS, -torch.inf
            )
        return None
