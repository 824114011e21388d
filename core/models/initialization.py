"""How recurrent weights start: the choice that decides whether a gradient survives.

Legend: H hidden width.
"""

import torch
from torch import Tensor, nn

from core.models.catalogue import ModelSpec


def initialize_recurrent(
    recurrent: nn.RNNBase, spec: ModelSpec, *, forget_bias: float, horizon: int
) -> None:
    """Overwrite the weights of `recurrent`, drawn from torch's global generator, as `spec` says.

    - "default": torch's, uniform in +-1/sqrt(H) for everything.
    - "orthogonal": W_hh orthogonal, biases 0 (Saxe et al. 2014, arXiv:1312.6120).
    - "identity": W_hh = I, biases 0; with relu the IRNN (Le et al. 2015, arXiv:1504.00941).
    - "forget-bias": the forget gate's bias is `forget_bias` in all (Jozefowicz et al. 2015).
      PyTorch has two biases, b_ih and b_hh: one is set, the other is 0, so that the sum is right.
    - "chrono": b_f = log U(1, horizon - 1), b_i = -b_f (Tallec & Ollivier 2018, arXiv:1804.11188).
    """
    with torch.no_grad():
        for name, parameter in recurrent.named_parameters():
            if spec.initialization == "orthogonal" and name.startswith("weight_hh"):
                nn.init.orthogonal_(parameter)
            elif spec.initialization == "identity" and name.startswith("weight_hh"):
                nn.init.eye_(parameter)
            elif spec.initialization in ("orthogonal", "identity") and name.startswith("bias"):
                parameter.zero_()
            elif spec.initialization == "forget-bias" and name.startswith("bias"):
                value = forget_bias if name.startswith("bias_ih") else 0.0
                _forget_part(parameter).fill_(value)
        if spec.initialization == "chrono":
            _initialize_chrono(recurrent, horizon)


def _forget_part(bias: Tensor) -> Tensor:
    """Return the forget gate's view of an LSTM bias; torch orders gates i, f, g, o."""
    return bias.chunk(4)[1]


def _initialize_chrono(recurrent: nn.RNNBase, horizon: int) -> None:
    for name, bias in recurrent.named_parameters():
        if not name.startswith("bias"):
            continue
        input_part, forget_part = bias.chunk(4)[:2]
        if name.startswith("bias_ih"):
            spread = torch.rand_like(forget_part) * max(horizon - 2, 1) + 1
            forget_part.copy_(spread.log())
            input_part.copy_(-spread.log())
        else:
            forget_part.zero_()
            input_part.zero_()
