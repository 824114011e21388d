"""The translation models by name: what a person chooses. No torch here: the server lists them."""

from dataclasses import dataclass
from typing import Literal

from core.errors import ConfigError

Attention = Literal["none", "dot", "general", "additive"]
Positions = Literal["sinusoidal", "rotary", "alibi", "learned", "none"]
Sampling = Literal["none", "linear", "inverse-sigmoid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatorSpec:
    """One entry of the catalogue.

    Attributes:
        family: "recurrent" or "transformer".
        reverse_source: the encoder reads the source backwards (Sutskever et al. 2014).
        sampling: scheduled sampling (Bengio et al. 2015) and how its probability rises.
        segmented: the encoder reads pieces, a second one their codes (the usual answer's idea).
        pieces_of: decode in pieces with the weights of that model; it is not trained itself.
        positions: of a Transformer.
        width: hidden units, times the config's.
        learning_rate: times the config's.
        updates: times the config's, where each model trains as long as it needs.
    """

    name: str
    label: str
    family: Literal["recurrent", "transformer"] = "recurrent"
    cell: Literal["lstm", "gru"] = "lstm"
    reverse_source: bool = False
    bidirectional: bool = False
    attention: Attention = "none"
    sampling: Sampling = "none"
    segmented: bool = False
    pieces_of: str = ""
    positions: Positions = "sinusoidal"
    width: float = 1.0
    learning_rate: float = 1.0
    updates: float = 1.0

    @property
    def has_attention(self) -> bool:
        """Whether the decoder looks back at the source."""
        return self.family == "transformer" or self.attention != "none"


_PLAIN_UPDATES = 3.0
_TRANSFORMER_RATE = 1 / 3

_POSITIONS: tuple[tuple[Positions, str], ...] = (
    ("sinusoidal", "sinusoidal"),
    ("rotary", "rotary"),
    ("alibi", "ALiBi"),
    ("learned", "learned"),
    ("none", "no positions"),
)


_WIDTHS = ((0.25, "quarter"), (0.5, "half"), (2.0, "double"))


def _plain_of_width(width: float, label: str) -> TranslatorSpec:
    return TranslatorSpec(
        name=f"plain-{label}",
        label=f"Plain, {label} width",
        reverse_source=True,
        width=width,
        updates=_PLAIN_UPDATES,
    )


def _transformer(positions: Positions, label: str) -> TranslatorSpec:
    return TranslatorSpec(
        name=f"transformer-{positions}",
        label=f"Transformer {label}",
        family="transformer",
        positions=positions,
        learning_rate=_TRANSFORMER_RATE,
    )


TRANSLATORS = {
    spec.name: spec
    for spec in (
        TranslatorSpec(name="plain", label="Plain", reverse_source=True, updates=_PLAIN_UPDATES),
        *(_plain_of_width(width, label) for width, label in _WIDTHS),
        TranslatorSpec(name="plain-forward", label="Plain, forward", updates=_PLAIN_UPDATES),
        TranslatorSpec(
            name="plain-gru",
            label="Plain GRU",
            cell="gru",
            reverse_source=True,
            updates=_PLAIN_UPDATES,
        ),
        TranslatorSpec(
            name="bidirectional",
            label="Bidirectional",
            bidirectional=True,
            updates=_PLAIN_UPDATES,
        ),
        TranslatorSpec(
            name="sampling-linear",
            label="Scheduled sampling",
            reverse_source=True,
            sampling="linear",
            updates=_PLAIN_UPDATES,
        ),
        TranslatorSpec(
            name="sampling-sigmoid",
            label="Scheduled sampling, sigmoid",
            reverse_source=True,
            sampling="inverse-sigmoid",
            updates=_PLAIN_UPDATES,
        ),
        TranslatorSpec(
            name="hierarchical", label="Hierarchical", segmented=True, updates=_PLAIN_UPDATES
        ),
        TranslatorSpec(name="plain-pieces", label="Plain, in pieces", pieces_of="plain"),
        TranslatorSpec(
            name="attention", label="Attention", bidirectional=True, attention="general"
        ),
        TranslatorSpec(
            name="attention-dot", label="Attention, dot", bidirectional=True, attention="dot"
        ),
        TranslatorSpec(
            name="attention-additive",
            label="Attention, additive",
            bidirectional=True,
            attention="additive",
        ),
        TranslatorSpec(
            name="attention-gru",
            label="Attention GRU",
            cell="gru",
            bidirectional=True,
            attention="general",
        ),
        TranslatorSpec(
            name="attention-sampling",
            label="Attention, sampling",
            bidirectional=True,
            attention="general",
            sampling="inverse-sigmoid",
        ),
        *(_transformer(positions, label) for positions, label in _POSITIONS),
    )
}


def find_translator(name: str) -> TranslatorSpec:
    """Return the catalogue entry `name`.

    Raises:
        ConfigError: there is no such entry; the message lists those there are.
    """
    if name not in TRANSLATORS:
        raise ConfigError(f"There is no model '{name}'; choose from {', '.join(TRANSLATORS)}.")
    return TRANSLATORS[name]
