"""The one builder: from a name of the catalogue to a model."""

from typing import Any

import torch
from torch import nn

from core.models.catalogue import ModelSpec
from core.models.initialization import initialize_recurrent
from core.models.recurrent import Recurrent, RecurrentModel
from core.models.transformer import TransformerModel

SEGMENTS = 4


def build_recurrent(
    spec: ModelSpec,
    *,
    input_size: int,
    hidden: int,
    layers: int = 1,
    bidirectional: bool = False,
    forget_bias: float = 1.0,
    horizon: int = 100,
) -> Recurrent:
    """Return the fused recurrent module of `spec`, drawn from torch's global generator."""
    sizes: dict[str, Any] = {
        "input_size": input_size,
        "hidden_size": hidden,
        "num_layers": layers,
        "bidirectional": bidirectional,
    }
    recurrent: Recurrent
    if spec.cell == "lstm":
        recurrent = nn.LSTM(**sizes)
    elif spec.cell == "gru":
        recurrent = nn.GRU(**sizes)
    else:
        recurrent = nn.RNN(**sizes, nonlinearity=spec.nonlinearity)
    initialize_recurrent(recurrent, spec, forget_bias=forget_bias, horizon=horizon)
    return recurrent


def build_model(
    spec: ModelSpec,
    *,
    input_size: int,
    output_size: int,
    vocabulary_size: int | None,
    hidden: int,
    layers: int,
    bidirectional: bool = False,
    forget_bias: float = 1.0,
    horizon: int,
    seed: int,
) -> nn.Module:
    """Return the model of `spec` on the CPU; equal arguments give equal weights.

    The global generator is left as it was, so that one model's weights do not depend on which
    others are built. `horizon` (steps) is what chrono initialization and position tables expect;
    a model that caches segments reads that many in `SEGMENTS` of them: it must learn to use them.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if spec.cell == "transformer":
            return TransformerModel(
                spec.positions,
                input_size=input_size,
                hidden=hidden,
                layers=layers,
                output_size=output_size,
                longest=2 * horizon + 1,
                segment=max(horizon // SEGMENTS, 1),
                vocabulary_size=vocabulary_size,
            )
        recurrent = build_recurrent(
            spec,
            input_size=input_size,
            hidden=hidden,
            layers=layers,
            bidirectional=bidirectional,
            forget_bias=forget_bias,
            horizon=horizon,
        )
        return RecurrentModel(recurrent, output_size=output_size, vocabulary_size=vocabulary_size)
