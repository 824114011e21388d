"""Where a recurrent decoder looks: dot, general and additive attention.

Legend: B batch, T target time, S source time, D width, A width of what is attended to.
"""

import torch
from torch import Tensor, nn

from core.models.translator import AttentionOverride, Memory, overridden
from core.models.translators import Attention

MASKED = -torch.inf


class Alignment(nn.Module):
    """Attention after the recurrent layer, for all target steps in one product.

    "dot" and "general" score as in Luong et al. 2015 (section 3.1), "additive" as in Bahdanau et
    al. 2015 (A.1.2), and all combine context and state as in Luong's equation 5.
    """

    def __init__(self, kind: Attention, hidden: int, attended: int) -> None:
        super().__init__()
        self.kind = kind
        self.query = (
            nn.Identity() if kind == "dot" else nn.Linear(hidden, hidden, bias=kind == "additive")
        )
        self.key = nn.Linear(hidden, hidden, bias=False) if kind == "additive" else nn.Identity()
        self.energy = nn.Linear(hidden, 1, bias=False) if kind == "additive" else nn.Identity()
        self.combine = nn.Linear(hidden + attended, hidden)

    def keys(self, states_BSD: Tensor) -> Tensor:
        """Return what queries are held against, computed once a sentence."""
        return self.key(states_BSD)  # type: ignore[no-any-return]

    def forward(
        self,
        outputs_BTD: Tensor,
        memory: Memory,
        *,
        bias_BTS: Tensor | None = None,
        override: AttentionOverride = "learned",
    ) -> tuple[Tensor, Tensor]:
        """Return the attentional states (B, T, D) and the weights (B, T, S)."""
        mask_B1S = memory.mask_BS[:, None]
        scores_BTS = overridden(
            self._scores(outputs_BTD, memory.tensors["keys"]), mask_B1S, override
        )
        if bias_BTS is not None:
            scores_BTS = scores_BTS + bias_BTS
        weights_BTS = scores_BTS.masked_fill(~mask_B1S, MASKED).softmax(-1)
        context_BTA = weights_BTS @ memory.tensors["values"]
        joined = torch.cat([outputs_BTD, context_BTA], 2)
        return torch.tanh(self.combine(joined)), weights_BTS

    def _scores(self, outputs_BTD: Tensor, keys_BSD: Tensor) -> Tensor:
        query_BTD = self.query(outputs_BTD)
        if self.kind == "additive":
            sum_BTSD = query_BTD[:, :, None] + keys_BSD[:, None]
            return self.energy(torch.tanh(sum_BTSD))[..., 0]  # type: ignore[no-any-return]
        return query_BTD @ keys_BSD.transpose(1, 2)  # type: ignore[no-any-return]
