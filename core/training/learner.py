"""One model with its optimizer and its clipping: what the loop updates."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from core.training.choices import NonFinitePolicy, Optimizer
from core.training.clipping import Clipper, ClipReport

EARLY_UPDATES = 10
SAMPLE_EVERY = 10


Row = dict[str, Tensor]
"""What one update measured, by name, as 0-d tensors on the device."""


class Readable(Protocol):
    """A batch: `inputs` is what the model is called with."""

    @property
    def inputs(self) -> Any:
        """What the model is called with."""


class Judge(Protocol):
    """What tells a model how wrong it is: the part of a task that an update needs."""

    def loss(self, outputs: Tensor, batch: Any) -> Tensor:
        """Return the training loss, a scalar."""

    def error_at_lag(self, outputs: Tensor, batch: Any) -> Tensor | None:
        """Return the error at the full lag, None where there is no lag."""


@dataclass(slots=True, kw_only=True)
class Learner:
    """A model in training.

    `norms` also records each parameter's gradient norm; `compare` measures, at a sample of the
    updates, the cosine between the raw and the clipped gradient and the size of the update.
    """

    name: str
    model: nn.Module
    optimizer: torch.optim.Optimizer
    clipper: Clipper
    nonfinite: NonFinitePolicy = "propagate"
    norms: bool = False
    compare: bool = False
    alive: bool = True
    parameters: list[nn.Parameter] = field(init=False)
    names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.parameters = list(self.model.parameters())
        self.names = [name for name, _ in self.model.named_parameters()]

    def update(
        self, task: Judge, batch: Readable, *, step: int, threshold: float, inject: float
    ) -> Row:
        """Do one update and return what it measured."""
        self.optimizer.zero_grad(set_to_none=True)
        outputs_TBO = self.model(batch.inputs)
        loss = task.loss(outputs_TBO, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        if inject:
            _plant(self.parameters, inject)
        sampled = self.compare and (step <= EARLY_UPDATES or step % SAMPLE_EVERY == 0)
        raw = [p.grad.clone() for p in self.parameters if p.grad is not None] if sampled else []
        report = self.clipper.clip(self.parameters, threshold)
        row = {
            "loss": loss.detach(),
            "norm_before": report.norm_before,
            "norm_after": report.norm_after,
            "coefficient": report.coefficient,
            "threshold": report.threshold,
        }
        if not self.norms:
            error = task.error_at_lag(outputs_TBO.detach(), batch)
            if error is not None:
                row["error_at_lag"] = error
        else:
            row |= {f"norm:{n}": v for n, v in zip(self.names, report.norms, strict=True)}
        if self.nonfinite == "skip" and not bool(torch.isfinite(report.norm_before)):
            return row
        return row | self._step(raw, report)

    def _step(self, raw: list[Tensor], report: ClipReport) -> dict[str, Tensor]:
        """Step the optimizer; with the raw gradient given, compare it and measure the update."""
        if not raw:
            self.optimizer.step()
            return {}
        before = [p.detach().clone() for p in self.parameters]
        dot = sum(
            (g * p.grad).sum()
            for g, p in zip(raw, self.parameters, strict=True)
            if p.grad is not None
        )
        self.optimizer.step()
        moved = torch._foreach_sub([p.detach() for p in self.parameters], before)
        size = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(moved)))
        cosine = torch.as_tensor(dot) / (report.norm_before * report.norm_after)
        return {"cosine": cosine, "update_size": size}

    def set_learning_rate(self, learning_rate: float) -> None:
        """Set the learning rate from the next update on."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate


def _plant(parameters: list[nn.Parameter], inject: float) -> None:
    """Put an infinite (1) or NaN (2) element into the first parameter's gradient."""
    gradient = parameters[0].grad
    assert gradient is not None
    gradient.view(-1)[0] = torch.inf if inject == 1 else torch.nan


def build_optimizer(
    name: Optimizer, model: nn.Module, learning_rate: float, *, fused: bool = False
) -> torch.optim.Optimizer:
    """Return plain SGD, SGD with momentum 0.9, or Adam with torch's defaults.

    A `fused` Adam updates in one kernel: several times as fast on a large table of words.
    """
    if name == "adam":
        return torch.optim.Adam(model.parameters(), learning_rate, fused=fused or None)
    momentum = 0.9 if name == "momentum" else 0.0
    return torch.optim.SGD(model.parameters(), learning_rate, momentum=momentum)
