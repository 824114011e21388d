"""BERT in plain torch, and the MiniLM that arrives as a package.

Legend: B batch, T time (pieces), D width, H heads, K per-head width, M attention maps.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.encoder_files import encoder_files
from core.models.sentence_encoder import PieceInputs, Pieces, SentenceEncoder, inside

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DROPOUT = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class BertSizes:
    """How large a BERT is, by the names of its config.json."""

    vocab_size: int
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int
    intermediate_size: int
    max_position_embeddings: int
    layer_norm_eps: float


class BertBlock(nn.Module):
    """Self-attention and a feed-forward layer, each added to what it read and then normalised.

    Devlin et al. (2019), arXiv:1810.04805. Attention weights are not dropped in training.
    """

    def __init__(self, sizes: BertSizes) -> None:
        super().__init__()
        width = sizes.hidden_size
        self.heads = sizes.num_attention_heads
        self.projections = nn.Linear(width, 3 * width)
        self.context = nn.Linear(width, width)
        self.context_norm = nn.LayerNorm(width, sizes.layer_norm_eps)
        self.inner = nn.Linear(width, sizes.intermediate_size)
        self.outer = nn.Linear(sizes.intermediate_size, width)
        self.outer_norm = nn.LayerNorm(width, sizes.layer_norm_eps)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, states_BTD: Tensor, mask_BT: Tensor) -> Tensor:
        """Return the next states, (B, T, D)."""
        query_BHTK, key_BHTK, value_BHTK = self._projected(states_BTD)
        context_BHTK = F.scaled_dot_product_attention(
            query_BHTK, key_BHTK, value_BHTK, attn_mask=mask_BT[:, None, None]
        )
        context_BTD = self.context(context_BHTK.transpose(1, 2).flatten(2))
        states_BTD = self.context_norm(states_BTD + self.dropout(context_BTD))
        outer_BTD = self.outer(F.gelu(self.inner(states_BTD)))
        return self.outer_norm(states_BTD + self.dropout(outer_BTD))  # type: ignore[no-any-return]

    def attention(self, states_BTD: Tensor, mask_BT: Tensor) -> Tensor:
        """Return how much each piece looks at each, (B, H, T, T)."""
        query_BHTK, key_BHTK, _ = self._projected(states_BTD)
        scores_BHTT = query_BHTK @ key_BHTK.transpose(2, 3) / math.sqrt(key_BHTK.shape[-1])
        return scores_BHTT.masked_fill(~mask_BT[:, None, None], -math.inf).softmax(-1)

    def _projected(self, states_BTD: Tensor) -> Sequence[Tensor]:
        projected_BTHK = self.projections(states_BTD).unflatten(-1, (3 * self.heads, -1))
        return projected_BTHK.transpose(1, 2).chunk(3, dim=1)  # type: ignore[no-any-return]


class BertEncoder(SentenceEncoder):
    """BERT without its pooler; one text at a time, so of the two types of segment the first."""

    def __init__(
        self, sizes: BertSizes, tokenizer: "Tokenizer", *, title: str, most_pieces: int
    ) -> None:
        super().__init__(most_pieces=most_pieces, longest=sizes.max_position_embeddings)
        self.title = title
        self.width = sizes.hidden_size
        self.padding = 0
        self.maps = [
            f"layer {layer + 1}, head {head + 1}"
            for layer in range(sizes.num_hidden_layers)
            for head in range(sizes.num_attention_heads)
        ]
        self.tokenizer = tokenizer
        tokenizer.enable_truncation(self.most_pieces + 1)
        self.words = nn.Embedding(sizes.vocab_size, self.width)
        self.positions = nn.Embedding(sizes.max_position_embeddings, self.width)
        self.segments = nn.Embedding(2, self.width)
        self.norm = nn.LayerNorm(self.width, sizes.layer_norm_eps)
        self.dropout = nn.Dropout(DROPOUT)
        self.layers = nn.ModuleList(BertBlock(sizes) for _ in range(sizes.num_hidden_layers))
        self.requires_grad_(False).eval()

    def forward(self, inputs: PieceInputs) -> Tensor:
        """Return the state of every piece, (B, T, D); those of padding mean nothing."""
        return self.run(self.embed(inputs), inputs.lengths_B)

    def embed(self, inputs: PieceInputs) -> Tensor:
        """Return what the lowest layer reads, (B, T, D)."""
        positions_TD = self.positions.weight[: inputs.pieces_BT.shape[1]]
        features_BTD = self.words(inputs.pieces_BT) + positions_TD + self.segments.weight[0]
        return self.dropout(self.norm(features_BTD))  # type: ignore[no-any-return]

    def run(
        self, states_BTD: Tensor, lengths_B: Tensor, *, first: int = 0, last: int | None = None
    ) -> Tensor:
        """Return the states above the layers from `first` to before `last`, (B, T, D)."""
        mask_BT = inside(lengths_B, states_BTD.shape[1])
        for layer in self.layers[first:last]:
            states_BTD = layer(states_BTD, mask_BT)
        return states_BTD

    def attention(self, inputs: PieceInputs) -> Tensor:
        """Return how much each piece looks at each, (B, M, T, T): a row sums to 1."""
        states_BTD = self.embed(inputs)
        mask_BT = inside(inputs.lengths_B, states_BTD.shape[1])
        maps = []
        for layer in self.layers:
            assert isinstance(layer, BertBlock)
            maps.append(layer.attention(states_BTD, mask_BT))
            states_BTD = layer(states_BTD, mask_BT)
        return torch.cat(maps, dim=1)

    def blocks(self) -> Sequence[nn.Module]:
        """Return the layers from the lowest to the highest."""
        return list(self.layers)

    @property
    def table(self) -> nn.Embedding:
        """The vectors of the pieces."""
        return self.words

    def names(self, pieces: Pieces) -> list[str]:
        """Return the piece of text behind each id."""
        return [str(self.tokenizer.id_to_token(piece)) for piece in pieces]

    def _ids(self, texts: list[str]) -> list[Pieces]:
        return [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]


def load_minilm(*, most_pieces: int) -> BertEncoder:
    """Return all-MiniLM-L6-v2: 6 layers of 12 heads, 384 wide, 22.6 million weights.

    Raises:
        DataMissingError: its package is not installed, or a file is not the one that was checked.
    """
    files = encoder_files()
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    config = json.loads(files.config.read_text(encoding="utf-8"))
    sizes = BertSizes(**{name: config[name] for name in BertSizes.__dataclass_fields__})
    tokenizer = Tokenizer.from_file(str(files.tokenizer))
    tokenizer.no_padding()
    encoder = BertEncoder(sizes, tokenizer, title="MiniLM", most_pieces=most_pieces)
    encoder.load_state_dict(renamed(load_file(files.weights), layers=sizes.num_hidden_layers))
    return encoder


_UNDER_THE_LAYERS = {
    "words.weight": "word_embeddings.weight",
    "positions.weight": "position_embeddings.weight",
    "segments.weight": "token_type_embeddings.weight",
    "norm.weight": "LayerNorm.weight",
    "norm.bias": "LayerNorm.bias",
}
_IN_A_LAYER = {
    "context": "attention.output.dense",
    "context_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "outer_norm": "output.LayerNorm",
}


def renamed(stored: dict[str, Tensor], *, layers: int) -> dict[str, Tensor]:
    """Return the weights of a stored BERT by the names they have here."""
    weights = {ours: stored[f"embeddings.{theirs}"] for ours, theirs in _UNDER_THE_LAYERS.items()}
    for here, there in ((f"layers.{i}", f"encoder.layer.{i}") for i in range(layers)):
        for kind in ("weight", "bias"):
            projections = [
                stored[f"{there}.attention.self.{part}.{kind}"]
                for part in ("query", "key", "value")
            ]
            weights[f"{here}.projections.{kind}"] = torch.cat(projections)
            for ours, theirs in _IN_A_LAYER.items():
                weights[f"{here}.{ours}.{kind}"] = stored[f"{there}.{theirs}.{kind}"]
    return weights
