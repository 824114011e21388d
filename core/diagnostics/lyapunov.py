"""Lyapunov exponents: the mean rate at which small changes of the state grow or die.

Shapes: T time, B batch, S state (2 H for an LSTM, else H), N exponents.
"""

import torch
from torch import Tensor

from core.diagnostics.gates import LayerGates
from core.diagnostics.jacobians import push_forward, step_terms


@torch.no_grad()
def lyapunov_exponents(layer_gates: LayerGates, *, count: int = 8) -> Tensor:
    """Return the `count` largest exponents of each sequence, in nats per step: (B, N), N <= S.

    A frame of N tangents is carried forward and made orthogonal again by QR at each step; an
    exponent is the mean logarithm of its diagonal entry of R. Above 0 the state separates
    (chaos), below 0 it forgets; -1/exponent is a memory in steps. These are rates over this
    text and this many steps: the frame starts in a fixed random direction and needs some tens
    of steps to turn into the leading ones. -inf is an exact zero (dead relus); NaN is a
    sequence without a step.

    Sources: Benettin et al. 1980, https://doi.org/10.1007/BF02128236; for recurrent networks
    Engelken, Wolf and Abbott 2023, https://doi.org/10.1103/PhysRevResearch.5.043044.
    """
    terms = step_terms(layer_gates)
    steps, batch, units = terms.keep_TBH.shape
    size = units if terms.shown_TBH is None else 2 * units
    frame_BSN = _first_frame(size, min(count, size), like=terms.keep_TBH).expand(batch, -1, -1)
    logs_BN = frame_BSN.new_zeros(batch, frame_BSN.shape[-1])
    order = range(steps) if layer_gates.direction == "forward" else reversed(range(steps))
    for step in order:
        turned_BSN, upper_BNN = torch.linalg.qr(push_forward(terms, step, frame_BSN))
        is_text_B1 = layer_gates.is_text[step, :, None]
        frame_BSN = torch.where(is_text_B1[..., None], turned_BSN, frame_BSN)
        growth_BN = upper_BNN.diagonal(dim1=1, dim2=2).abs().log()
        logs_BN = logs_BN + torch.where(is_text_B1, growth_BN, 0.0)
    return logs_BN / layer_gates.lengths_B[:, None]


def _first_frame(size: int, count: int, like: Tensor) -> Tensor:
    random = torch.Generator().manual_seed(0)  # its own: the caller's random state is left alone
    tangents = torch.randn(size, count, generator=random, dtype=torch.float64)
    frame_SN: Tensor = torch.linalg.qr(tangents)[0]
    return frame_SN.to(like)
