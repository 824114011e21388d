"""A small causal Transformer: pre-norm blocks, learned positions.

Legend: B batch, T time, D width, V vocabulary, I input width, O output width.
"""

import torch
from torch import Tensor, nn

from core.models.catalogue import HEADS


class TransformerModel(nn.Module):
    """A causal Transformer with the call of the recurrent models.

    Pre-norm (Xiong et al. 2020, arXiv:2002.04745), learned absolute positions, so `inputs` may
    be at most `longest` steps long.
    """

    def __init__(
        self,
        *,
        input_size: int,
        hidden: int,
        layers: int,
        output_size: int,
        longest: int,
        vocabulary_size: int | None = None,
    ) -> None:
        super().__init__()
        self.embedding: nn.Module
        if vocabulary_size is None:
            self.embedding = nn.Linear(input_size, hidden)
        else:
            self.embedding = nn.Embedding(vocabulary_size, hidden)
        self.positions = nn.Parameter(torch.randn(longest, 1, hidden) * 0.02)
        block = nn.TransformerEncoderLayer(
            hidden, nhead=HEADS, dim_feedforward=4 * hidden, dropout=0.0, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(block, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(hidden)
        self.head = nn.Linear(hidden, output_size)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the outputs at every step, (T, B, O)."""
        steps = inputs.shape[0]
        mask_TT = nn.Transformer.generate_square_subsequent_mask(steps, device=inputs.device)
        hidden_TBD = self.embedding(inputs) + self.positions[:steps]
        hidden_TBD = self.blocks(hidden_TBD, mask=mask_TT, is_causal=True)
        return self.head(self.norm(hidden_TBD))  # type: ignore[no-any-return]
