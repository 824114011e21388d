"""Dropout that does not depend on what else is trained at the same time."""

import torch
from torch import Tensor, nn


class SteadyDropout(nn.Module):
    """Dropout (Srivastava et al. 2014) that draws from a generator of its own.

    Models of one run learn in threads beside each other: from torch's global generator each would
    take what the others leave. The seed is drawn from it once, when the model is built.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self._seed = int(torch.randint(2**31, (1,)))
        self._generator = torch.Generator().manual_seed(self._seed)

    def forward(self, values: Tensor) -> Tensor:
        """Return the values, in training with a `share` of them set to 0 and the others raised."""
        if not self.training or not self.share:
            return values
        if self._generator.device != values.device:
            self._generator = torch.Generator(values.device).manual_seed(self._seed)
        kept = torch.empty_like(values).bernoulli_(1 - self.share, generator=self._generator)
        return values * kept / (1 - self.share)
