"""How a small change of the state travels through one step of a recurrent layer.

No autograd: every factor is a gate that `core.diagnostics.gates` has already read.

Shapes: T time, B batch, H hidden units, G recurrent weight matrices, S state (2 H for an LSTM,
else H), N tangents.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.diagnostics.gates import LayerGates


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepTerms:
    """A step's Jacobian as diagonals around the recurrent weights, with nothing multiplied out.

    What is carried (c in an LSTM, h elsewhere) obeys, for small changes d,
    `d carried = keep * d carried_before + sum over g of slopes_g * (weights_g @ d h_before)`;
    an LSTM then shows `d h = shown * d c + output_slope * (output_weight @ d h_before)`.
    """

    keep_TBH: Tensor
    slopes_TBGH: Tensor
    weights_GHH: Tensor
    shown_TBH: Tensor | None = None
    output_slope_TBH: Tensor | None = None
    output_weight_HH: Tensor | None = None


def step_terms(layer_gates: LayerGates) -> StepTerms:
    """Return the factors of each step's Jacobian in float64; at padding they are zero."""
    return _TERMS[layer_gates.cell](layer_gates)


def _matrices(layer_gates: LayerGates) -> Tensor:
    units = layer_gates.weight_hh.shape[1]
    return layer_gates.weight_hh.double().view(-1, units, units)


def _lstm_terms(layer_gates: LayerGates) -> StepTerms:
    assert layer_gates.cell_TBH is not None
    assert layer_gates.cell_before_TBH is not None
    into, forget, candidate, out = (gate.double() for gate in layer_gates.gates.values())
    seen = layer_gates.cell_TBH.double().tanh()
    slopes = [
        candidate * into * (1 - into),
        layer_gates.cell_before_TBH.double() * forget * (1 - forget),
        into * (1 - candidate.square()),
    ]
    weights = _matrices(layer_gates)
    return StepTerms(
        keep_TBH=forget,
        slopes_TBGH=torch.stack(slopes, -2),
        weights_GHH=weights[:3],
        shown_TBH=out * (1 - seen.square()),
        output_slope_TBH=seen * out * (1 - out),
        output_weight_HH=weights[3],
    )


def _gru_terms(layer_gates: LayerGates) -> StepTerms:
    reset, update, candidate, recurrent = (g.double() for g in layer_gates.gates.values())
    before = layer_gates.hidden_before_TBH.double()
    into_candidate = (1 - update) * (1 - candidate.square())
    slopes = [
        into_candidate * recurrent * reset * (1 - reset),
        (before - candidate) * update * (1 - update),
        into_candidate * reset,
    ]
    return StepTerms(
        keep_TBH=update,
        slopes_TBGH=torch.stack(slopes, -2),
        weights_GHH=_matrices(layer_gates),
    )


def _rnn_terms(layer_gates: LayerGates) -> StepTerms:
    slope = layer_gates.keep_TBH.double()
    return StepTerms(
        keep_TBH=torch.zeros_like(slope),
        slopes_TBGH=slope[..., None, :],
        weights_GHH=_matrices(layer_gates),
    )


_TERMS: dict[str, Callable[[LayerGates], StepTerms]] = {
    "lstm": _lstm_terms,
    "gru": _gru_terms,
    "rnn": _rnn_terms,
}


@torch.no_grad()
def step_jacobians(layer_gates: LayerGates) -> Tensor:
    """Return d state_t / d state_before_t of every step: (T, B, S, S), S = 2 H as (c, h) or H.

    "Before" is the state that the step started from: position t - 1 forward, t + 1 backward. At
    padding it is the identity, for the state does not move there. Derived by hand from the
    equations in `torch.nn`'s documentation and tested against autograd. Memory grows with
    T B S^2; the products and the exponents are computed without it.
    """
    terms = step_terms(layer_gates)
    units = terms.keep_TBH.shape[-1]
    size = units if terms.shown_TBH is None else 2 * units
    identity_SS = torch.eye(size, dtype=terms.keep_TBH.dtype, device=terms.keep_TBH.device)
    columns = [push_forward(terms, step, identity_SS) for step in range(len(terms.keep_TBH))]
    if not columns:
        return terms.keep_TBH.new_zeros(0, terms.keep_TBH.shape[1], size, size)
    return torch.where(layer_gates.is_text[..., None, None], torch.stack(columns), identity_SS)


def push_forward(terms: StepTerms, step: int, tangents_BSN: Tensor) -> Tensor:
    """Return where one step carries small changes of the state: (B, S, N)."""
    units = terms.keep_TBH.shape[-1]
    carried, hidden = tangents_BSN[..., :units, :], tangents_BSN[..., -units:, :]
    moved = (terms.weights_GHH @ hidden[..., None, :, :]) * terms.slopes_TBGH[step, ..., None]
    carried = terms.keep_TBH[step, ..., None] * carried + moved.sum(-3)
    if terms.shown_TBH is None:
        return carried
    assert terms.output_slope_TBH is not None
    assert terms.output_weight_HH is not None
    shown = terms.shown_TBH[step, ..., None] * carried
    hidden = shown + terms.output_slope_TBH[step, ..., None] * (terms.output_weight_HH @ hidden)
    return torch.cat([carried, hidden], -2)
