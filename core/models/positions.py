"""How a Transformer knows where a word stands. Legend: B batch, T time, H heads, K head width."""

import math

import torch
from torch import Tensor

BASE = 10_000.0


def sinusoidal_codes(positions_T: Tensor, width: int) -> Tensor:
    """Return sines and cosines of falling frequency, (T, width) (Vaswani et al. 2017, 3.5)."""
    angles_TF = _angles(positions_T, width)
    return torch.stack([angles_TF.sin(), angles_TF.cos()], -1).flatten(1)


def rotated(heads_BHTK: Tensor, positions_T: Tensor) -> Tensor:
    """Return queries or keys turned by their position (RoPE; Su et al. 2021, arXiv:2104.09864)."""
    angles_TF = _angles(positions_T, heads_BHTK.shape[-1])
    sine, cosine = angles_TF.sin(), angles_TF.cos()
    even, odd = heads_BHTK[..., ::2], heads_BHTK[..., 1::2]
    return torch.stack([even * cosine - odd * sine, even * sine + odd * cosine], -1).flatten(-2)


def alibi_bias(queries_T: Tensor, keys_T: Tensor, heads: int) -> Tensor:
    """Return what distance costs each head, (H, T queries, T keys).

    Press et al. 2022 (arXiv:2108.12409, section 3); an encoder pays for either direction.
    """
    slopes_H = 2.0 ** (-8.0 / heads * torch.arange(1, heads + 1, device=queries_T.device))
    distance = (queries_T[:, None] - keys_T[None]).abs()
    return -slopes_H[:, None, None] * distance


def _angles(positions_T: Tensor, width: int) -> Tensor:
    exponents = torch.arange(0, width, 2, device=positions_T.device) / width
    return positions_T[:, None] * torch.exp(-math.log(BASE) * exponents)
