"""Gradient clipping: four rules, and what each did, without waiting for the device.

All numbers stay on the device as 0-d tensors; the loop reads them once a flush.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.training.choices import ClipRule

EPSILON = 1e-6
CAPPED_UPDATES = 20
HUGE = 1e30


@dataclass(frozen=True, slots=True)
class ClipReport:
    """What clipping did to one gradient.

    `norm_before` and `norm_after` are global 2-norms (0-d), `coefficient` their ratio,
    `threshold` what was applied, `norms` the norm of each parameter's gradient before.
    """

    norm_before: Tensor
    norm_after: Tensor
    coefficient: Tensor
    threshold: Tensor
    norms: Tensor


def gradient_norms(parameters: Sequence[nn.Parameter]) -> Tensor:
    """Return the 2-norm of each parameter's gradient, (P,); every gradient must be there."""
    return torch.stack(torch._foreach_norm([_gradient(p) for p in parameters]))


class Clipper:
    """Clips gradients in place by one rule; keeps the norms so far for the percentile rule.

    - "norm": scale all by min(1, threshold / norm), as `clip_grad_norm_` (Pascanu et al. 2013,
      arXiv:1211.5063). The direction of the gradient is kept.
    - "value": clamp each element to +-threshold. The direction is not kept.
    - "agc": scale each unit's gradient to at most threshold times its weights' norm, all but the
      last matrix and bias (Brock et al. 2021, arXiv:2102.06171, section 4).
    - "percentile": the threshold is the `percentile`-th of all norms so far (AutoClip, Seetharaman
      et al. 2020, arXiv:2007.14469); the first 20 updates are also capped at `threshold`, since a
      diverging run's own norms are no guide.
    """

    def __init__(self, rule: ClipRule, *, percentile: float = 10.0, updates: int = 1) -> None:
        self.rule = rule
        self.percentile = percentile
        self._history = torch.zeros(updates if rule == "percentile" else 0)
        self._seen = 0

    def clip(self, parameters: Sequence[nn.Parameter], threshold: float) -> ClipReport:
        """Clip the gradients of `parameters` in place; a threshold of 0 clips nothing."""
        norms = gradient_norms(parameters)
        before = torch.linalg.vector_norm(norms)
        limit = torch.as_tensor(threshold, dtype=before.dtype, device=before.device)
        if self.rule == "none" or threshold <= 0:
            return ClipReport(before, before, torch.ones_like(before), limit, norms)
        if self.rule == "percentile":
            limit = self._percentile_limit(before, limit)
        if self.rule in ("norm", "percentile"):
            coefficient = (limit / (before + EPSILON)).clamp(max=1.0)
            torch._foreach_mul_([_gradient(p) for p in parameters], coefficient)
            return ClipReport(before, before * coefficient, coefficient, limit, norms)
        if self.rule == "value":
            nn.utils.clip_grad_value_(parameters, threshold)
        else:
            _clip_adaptively(parameters[:-2], threshold)
        after = torch.linalg.vector_norm(gradient_norms(parameters))
        kept = torch.where(before == 0, torch.ones_like(before), after / before)
        return ClipReport(before, after, kept, limit, norms)

    def _percentile_limit(self, norm: Tensor, cap: Tensor) -> Tensor:
        self._history = self._history.to(norm.device)
        self._history[self._seen] = norm.nan_to_num(HUGE, posinf=HUGE).clamp(max=HUGE)
        self._seen += 1
        limit = self._history[: self._seen].quantile(self.percentile / 100)
        return torch.minimum(limit, cap) if self._seen <= CAPPED_UPDATES else limit


def _gradient(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad


def _clip_adaptively(parameters: Sequence[nn.Parameter], ratio: float) -> None:
    """Scale each row's gradient (a vector's as a whole) to `ratio` times its weights' norm."""
    for parameter in parameters:
        gradient = _gradient(parameter)
        rows = list(range(1, parameter.ndim)) or None
        weight_norm = torch.linalg.vector_norm(parameter.detach(), dim=rows, keepdim=True)
        norm = torch.linalg.vector_norm(gradient, dim=rows, keepdim=True)
        limit = ratio * weight_norm.clamp(min=1e-3)
        gradient.mul_((limit / norm.clamp(min=EPSILON)).clamp(max=1.0))
