"""Small random layers of every kind, and the batches that they read."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.diagnostics.fused_runs import Recurrent

KINDS: dict[str, Callable[..., Recurrent]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "tanh": nn.RNN,
    "relu": lambda *sizes, **options: nn.RNN(*sizes, nonlinearity="relu", **options),
}

BuildLayers = Callable[..., tuple[Recurrent, Tensor]]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def build_layers() -> BuildLayers:
    def build(kind: str, *, seed: int = 0, steps: int = 7, **options: Any) -> Any:
        torch.manual_seed(seed)
        options = {"dtype": torch.float64, **options}
        recurrent = KINDS[kind](4, options.pop("units", 5), **options)
        with torch.no_grad():
            for parameter in recurrent.parameters():
                parameter.mul_(1.5)
        return recurrent, torch.randn(steps, 3, 4, dtype=options["dtype"])

    return build


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)
