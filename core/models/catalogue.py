"""The recurrent models by name: what a person chooses, and what the builder needs to know.

No torch here: the server lists models without importing it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.errors import ConfigError

Cell = Literal["rnn", "lstm", "gru", "transformer"]
Initialization = Literal["default", "orthogonal", "identity", "forget-bias", "chrono"]
Positions = Literal["learned", "sinusoidal", "rotary", "alibi", "none", "recurrent"]
"""How a Transformer knows where a step stands; "recurrent" caches the segment before."""

HEADS = 4
"""Attention heads of the Transformer: its hidden width is a multiple of this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """One entry of the catalogue; `positions` are a Transformer's."""

    name: str
    label: str
    cell: Cell
    positions: Positions = "learned"
    initialization: Initialization = "default"
    nonlinearity: Literal["tanh", "relu"] = "tanh"


CATALOGUE = {
    spec.name: spec
    for spec in (
        ModelSpec(name="rnn", label="RNN", cell="rnn"),
        ModelSpec(name="rnn-relu", label="RNN relu", cell="rnn", nonlinearity="relu"),
        ModelSpec(
            name="rnn-orthogonal", label="RNN orthogonal", cell="rnn", initialization="orthogonal"
        ),
        ModelSpec(name="rnn-identity", label="RNN identity", cell="rnn", initialization="identity"),
        ModelSpec(
            name="rnn-relu-orthogonal",
            label="RNN relu orthogonal",
            cell="rnn",
            nonlinearity="relu",
            initialization="orthogonal",
        ),
        ModelSpec(
            name="irnn",
            label="IRNN (relu, identity)",
            cell="rnn",
            nonlinearity="relu",
            initialization="identity",
        ),
        ModelSpec(name="lstm", label="LSTM default", cell="lstm"),
        ModelSpec(
            name="lstm-bias", label="LSTM forget bias", cell="lstm", initialization="forget-bias"
        ),
        ModelSpec(name="lstm-chrono", label="LSTM chrono", cell="lstm", initialization="chrono"),
        ModelSpec(name="gru", label="GRU", cell="gru"),
        ModelSpec(name="transformer", label="Transformer", cell="transformer"),
        ModelSpec(
            name="transformer-sinusoidal",
            label="Transformer sinusoidal",
            cell="transformer",
            positions="sinusoidal",
        ),
        ModelSpec(
            name="transformer-rotary",
            label="Transformer rotary",
            cell="transformer",
            positions="rotary",
        ),
        ModelSpec(
            name="transformer-alibi",
            label="Transformer ALiBi",
            cell="transformer",
            positions="alibi",
        ),
        ModelSpec(
            name="transformer-none",
            label="Transformer, no positions",
            cell="transformer",
            positions="none",
        ),
        ModelSpec(
            name="transformer-xl",
            label="Transformer, cached segments",
            cell="transformer",
            positions="recurrent",
        ),
    )
}


def find_spec(name: str) -> ModelSpec:
    """Return the catalogue entry `name`.

    Raises:
        ConfigError: there is no such entry; the message lists those there are.
    """
    if name not in CATALOGUE:
        raise ConfigError(f"There is no model '{name}'; choose from {', '.join(CATALOGUE)}.")
    return CATALOGUE[name]


def gates_first(names: Iterable[str]) -> list[str]:
    """Return the names of models with gates before those without, else in their order."""
    return sorted(names, key=lambda name: find_spec(name).cell == "rnn")
