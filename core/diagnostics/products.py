"""How large the gradient still is k steps back, exactly and as textbooks have it.

Shapes: T time, B batch, H hidden units, G recurrent weight matrices, K distances (T + 1),
S two units of state for each of H.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.diagnostics.gates import LayerGates
from core.diagnostics.jacobians import StepTerms, step_terms


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GradientProducts:
    """How large the gradient still is k steps back, for k = 0 to T; each (K, B), log10, float64.

    A size is a Frobenius norm over sqrt(H), so that the identity (k = 0) has 0. -inf is an exact
    zero (every relu dead); NaN is a distance beyond the start of a shorter sequence.

    Attributes:
        textbook_log10_KB: the product that textbooks give, see `gradient_products`.
        cell_log10_KB: d c_T / d c_{T-k} of an LSTM, through every path; else None.
        hidden_log10_KB: d h_T / d h_{T-k}, where an LSTM's c_{T-k} is held still.
    """

    textbook_log10_KB: Tensor
    cell_log10_KB: Tensor | None
    hidden_log10_KB: Tensor


@torch.no_grad()
def gradient_products(layer_gates: LayerGates) -> GradientProducts:
    """Return the true size of the gradient from the last step back, beside the textbook's.

    The layer's own step Jacobians, multiplied from the last step that it reads backward. This is
    exact in a stack too: nothing feeds back from an upper layer into a lower one, and the inputs
    from below do not depend on this layer's state. Each step is rescaled and its logarithm kept,
    so nothing underflows at any distance.

    The textbook's formula leaves paths out:
    lstm: the product of the forget gates (the path through h is missing, which understates);
    gru: the product of the update gates; rnn: k log10(norm of W_hh x mean slope), reading the
    usual "(slope x W)^T" as the power of one number, with the spectral norm and the mean slope
    of the activation over the sequence. It bounds nothing: it is what the formula says.

    Sources: Pascanu, Mikolov and Bengio 2013, https://arxiv.org/abs/1211.5063, section 2;
    Hochreiter and Schmidhuber 1997 for the path along the cell.
    """
    terms = _by_distance(step_terms(layer_gates), layer_gates)
    cell_log10_TB, hidden_log10_TB = (
        (None, _hidden_products(terms)) if terms.shown_TBH is None else _cell_products(terms)
    )
    return GradientProducts(
        textbook_log10_KB=_from_zero(_TEXTBOOKS[layer_gates.cell](layer_gates), layer_gates),
        cell_log10_KB=None if cell_log10_TB is None else _from_zero(cell_log10_TB, layer_gates),
        hidden_log10_KB=_from_zero(hidden_log10_TB, layer_gates),
    )


def _last_step_first(tensor_TBX: Tensor, layer_gates: LayerGates) -> Tensor:
    """Order by distance from the last step that was read; beyond a sequence's start, anything."""
    steps, batch = tensor_TBX.shape[:2]
    step_T1 = torch.arange(steps, device=tensor_TBX.device)[:, None]
    index_TB = step_T1.expand(steps, batch)
    if layer_gates.direction == "forward":
        index_TB = (layer_gates.lengths_B - 1 - step_T1).clamp(min=0)
    return tensor_TBX[index_TB, torch.arange(batch, device=tensor_TBX.device)]


def _by_distance(terms: StepTerms, layer_gates: LayerGates) -> StepTerms:
    def ordered(tensor: Tensor | None) -> Tensor | None:
        return None if tensor is None else _last_step_first(tensor, layer_gates)

    return replace(
        terms,
        keep_TBH=_last_step_first(terms.keep_TBH, layer_gates),
        slopes_TBGH=_last_step_first(terms.slopes_TBGH, layer_gates),
        shown_TBH=ordered(terms.shown_TBH),
        output_slope_TBH=ordered(terms.output_slope_TBH),
    )


def _from_zero(log10_TB: Tensor, layer_gates: LayerGates) -> Tensor:
    """Put distance 0 in front, and NaN where a shorter sequence has already begun."""
    known_TB = torch.where(layer_gates.is_text, log10_TB, torch.nan)
    return torch.cat([torch.zeros_like(known_TB.new_zeros(1, known_TB.shape[1])), known_TB])


def _weigh(slopes_BGH1: Tensor, weights_GHH: Tensor, out_BHH: Tensor) -> None:
    """Write the sum over g of diag(slopes_g) weights_g: small enough to stay in the cache."""
    slopes = slopes_BGH1.unbind(1)
    torch.mul(slopes[0], weights_GHH[0], out=out_BHH)
    for slope_BH1, weight_HH in zip(slopes[1:], weights_GHH[1:], strict=True):
        out_BHH.addcmul_(slope_BH1, weight_HH)


def _hidden_products(terms: StepTerms) -> Tensor:
    """Multiply P <- P diag(keep) + P A, with A the weighed matrices; return (T, B)."""
    steps, batch, units = terms.keep_TBH.shape
    keep_TB1H, slopes_TBGH1 = terms.keep_TBH[:, :, None], terms.slopes_TBGH[..., None]
    product = torch.eye(units, dtype=keep_TB1H.dtype, device=keep_TB1H.device).expand(batch, -1, -1)
    product = product / math.sqrt(units)
    weighed = torch.empty_like(product)
    norms_TB = product.new_empty(steps, batch)
    for step, (keep, slopes) in enumerate(zip(keep_TB1H, slopes_TBGH1, strict=True)):
        _weigh(slopes, terms.weights_GHH, weighed)
        product = torch.baddbmm(product * keep, product, weighed)
        torch.linalg.vector_norm(product, dim=(1, 2), out=norms_TB[step])
        product /= _unless_zero(norms_TB[step])[:, None, None]
    return norms_TB.log10().cumsum(0)


def _cell_products(terms: StepTerms) -> tuple[Tensor, Tensor]:
    """Multiply the gradients of (c_T, h_T) by each step's Jacobian; return dc / dc and dh / dh.

    `by_cell` and `by_hidden` are d (c_T, h_T) / d c and / d h, so that a step is
    `q = by_cell + by_hidden D; by_cell <- q f; by_hidden <- q A + by_hidden E U_o`
    with the diagonals D of `shown`, f of `keep` and E of `output_slope`: one product instead of
    the whole 2 H x 2 H. The rows of c_T and of h_T are rescaled apart.
    """
    assert terms.shown_TBH is not None
    assert terms.output_slope_TBH is not None
    assert terms.output_weight_HH is not None
    steps, batch, units = terms.keep_TBH.shape
    start = torch.eye(2 * units, dtype=terms.keep_TBH.dtype, device=terms.keep_TBH.device)
    left = (start / math.sqrt(units)).repeat(batch, 1, 1)
    by_cell, by_hidden = left[..., :units].contiguous(), left[..., units:].contiguous()
    right = terms.output_weight_HH.repeat(batch, 2, 1)  # A above, written at each step, and U_o
    left_q, left_shown, right_a = left[..., :units], left[..., units:], right[:, :units]
    blocks = [by.view(batch, 2, units, units) for by in (by_cell, by_hidden)]  # rows of c_T, h_T
    norms_TB22 = start.new_empty(steps, batch, 2, 2)  # rows of c_T and h_T by columns of c and h
    diagonals = (terms.shown_TBH, terms.output_slope_TBH, terms.keep_TBH)
    rows_TB1H = (tensor_TBH[:, :, None] for tensor_TBH in diagonals)
    for norms_B22, slopes_BGH1, shown, output_slope, keep in zip(
        norms_TB22, terms.slopes_TBGH[..., None], *rows_TB1H, strict=True
    ):
        _weigh(slopes_BGH1, terms.weights_GHH, right_a)
        torch.addcmul(by_cell, by_hidden, shown, out=left_q)
        torch.mul(by_hidden, output_slope, out=left_shown)
        torch.mul(left_q, keep, out=by_cell)
        torch.bmm(left, right, out=by_hidden)
        for block, norm_B2 in zip(blocks, norms_B22.unbind(-1), strict=True):
            torch.linalg.vector_norm(block, dim=(2, 3), out=norm_B2)
        scale_B211 = _unless_zero(torch.linalg.vector_norm(norms_B22, dim=2))[..., None, None]
        for block in blocks:
            block.div_(scale_B211)
    scales_TB2 = torch.linalg.vector_norm(norms_TB22, dim=3).log10().cumsum(0)
    before_TB2 = torch.cat([torch.zeros_like(scales_TB2[:1]), scales_TB2[:-1]])
    log10_TB2 = before_TB2 + norms_TB22.diagonal(dim1=2, dim2=3).log10()
    return log10_TB2[..., 0], log10_TB2[..., 1]


def _unless_zero(norm: Tensor) -> Tensor:
    """A product that is exactly zero stays zero: its logarithm is -inf from there on."""
    return norm.clamp_min(torch.finfo(norm.dtype).tiny)


def _gate_products(layer_gates: LayerGates) -> Tensor:
    """Return log10 of the norm of diag(product of the gates), summed as logarithms: (T, B)."""
    assert layer_gates.log_forget_TBH is not None
    log_TBH = _last_step_first(layer_gates.log_forget_TBH.double(), layer_gates).cumsum(0)
    mean_square_TB = torch.logsumexp(2 * log_TBH, -1) - math.log(log_TBH.shape[-1])
    return mean_square_TB / (2 * math.log(10))


def _norm_powers(layer_gates: LayerGates) -> Tensor:
    """Return k log10(spectral norm of W_hh x mean slope of the sequence): (T, B)."""
    steps, _, units = layer_gates.keep_TBH.shape
    slope_B = layer_gates.keep_TBH.double().sum((0, 2)) / (layer_gates.lengths_B * units)
    weight = layer_gates.weight_hh.double()
    norm = weight.new_tensor(torch.nan)  # what a diverged model gets: the SVD would raise
    if weight.isfinite().all():
        norm = torch.linalg.matrix_norm(weight.cpu(), 2).to(weight.device)
    distance_T1 = torch.arange(1, steps + 1, device=weight.device)[:, None]
    return distance_T1 * (norm * slope_B).log10()


_TEXTBOOKS: dict[str, Callable[[LayerGates], Tensor]] = {
    "lstm": _gate_products,
    "gru": _gate_products,
    "rnn": _norm_powers,
}
