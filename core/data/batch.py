"""One batch, time first. Legend: B batch, T time, I input width, O output width."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Batch:
    """`inputs` (T, B, I) float or (T, B) ids; `targets` as the task's loss wants them."""

    inputs: Tensor
    targets: Tensor

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on `device`."""
        if device.type == "cuda":  # a pinned copy does not wait for the updates under way
            return Batch(
                self.inputs.pin_memory().to(device, non_blocking=True),
                self.targets.pin_memory().to(device, non_blocking=True),
            )
        return Batch(self.inputs.to(device), self.targets.to(device))


class SequenceTask(Protocol):
    """What a lab trains on: seeded batches, a loss, and a score against distance."""

    @property
    def input_size(self) -> int:
        """Width of the inputs, or of their embedding."""

    @property
    def output_size(self) -> int:
        """Width of the outputs."""

    @property
    def vocabulary_size(self) -> int | None:
        """Number of ids; None where inputs are numbers."""

    @property
    def score_name(self) -> str:
        """What `scores` are: "R2", "accuracy" or "loss"."""

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """Return `size` fresh sequences on the CPU, drawn from `generator`."""

    def loss(self, outputs_TBO: Tensor, batch: Batch) -> Tensor:
        """Return the training loss, a scalar."""

    def error_at_lag(self, outputs_TBO: Tensor, batch: Batch) -> Tensor | None:
        """Return the error at the full lag, a scalar from 0 (perfect) to about 1 (chance)."""

    def scores(self, model: nn.Module, *, sequences: int, device: torch.device) -> Tensor:
        """Return the score at each lag (position) on sequences that training never sees, (T,)."""

    def probe(self, *, sequences: int, device: torch.device) -> Batch:
        """Return the fixed sequences that diagnostics look at."""
