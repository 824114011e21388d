"""What answers propose against failure on long sequences, by name. No torch here."""

from dataclasses import dataclass
from typing import Literal

from core.errors import ConfigError

RemedyKind = Literal["training", "reading", "architecture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One entry of the catalogue.

    Attributes:
        kind: it trains the failing model further, reads with it otherwise and trains nothing, or
            trains another model from nothing.
        about: what is done, in one sentence.
        model: the catalogue's model that an "architecture" trains.
    """

    name: str
    label: str
    kind: RemedyKind
    about: str
    model: str = ""


def _transformer(positions: str, label: str) -> Remedy:
    name = "transformer" + (f"-{positions}" if positions != "learned" else "")
    return Remedy(
        name=name,
        label=f"Transformer, {label}",
        kind="architecture",
        about=f"A Transformer with {label} learns the task from nothing.",
        model=name,
    )


CONTROL = "more-training"
"""What training and architectures are compared with: as much more of the same."""
VARIABLE_LENGTHS = (50, 100, 200, 300, 400)
SEGMENTS = 4
"""The lengths and the number of segments that the answer proposes to train on."""
ARCHITECTURE_SEEDS = {"updates": 1, "compute": 3}
"""Seeds of an architecture at the most: an update of a Transformer takes many times as long."""

REMEDIES = {
    remedy.name: remedy
    for remedy in (
        Remedy(
            name=CONTROL,
            label="More of the same (control)",
            kind="training",
            about="It is trained further on the same lengths.",
        ),
        Remedy(
            name="variable-lengths",
            label="Variable lengths",
            kind="training",
            about="It is trained further on lengths drawn from 50, 100, 200, 300 and 400.",
        ),
        Remedy(
            name="tbptt",
            label="TBPTT, state carried",
            kind="training",
            about="It is trained further on sequences of 4 segments; the state is carried from one "
            "to the next, the gradient is not.",
        ),
        Remedy(
            name="overlapping",
            label="Overlapping segments, averaged",
            kind="reading",
            about="Segments that overlap are read each from a fresh state, their last outputs "
            "averaged.",
        ),
        Remedy(
            name="chunked-carried",
            label="Chunks, state carried",
            kind="reading",
            about="It is read chunk by chunk; the state goes on from one to the next.",
        ),
        Remedy(
            name="chunked-fresh",
            label="Chunks, fresh state",
            kind="reading",
            about="It is read chunk by chunk, each from a fresh state.",
        ),
        Remedy(
            name="robust-as-written",
            label="RobustLSTM, as written",
            kind="reading",
            about="The answer's class: the last chunk's outputs only, and another kind of result "
            "for short sequences.",
        ),
        Remedy(
            name="robust-mended",
            label="RobustLSTM, mended",
            kind="reading",
            about="The answer's class, returning the outputs of all chunks for every length.",
        ),
        Remedy(
            name="segment-recurrence",
            label="Segment recurrence, cached states",
            kind="architecture",
            about="A Transformer that reads segments and attends to the cached states of the one "
            "before (Transformer-XL) learns the task from nothing.",
            model="transformer-xl",
        ),
        _transformer("learned", "learned positions"),
        _transformer("sinusoidal", "sinusoidal positions"),
        _transformer("rotary", "rotary positions"),
        _transformer("alibi", "ALiBi"),
        _transformer("none", "no positions"),
    )
}


def find_remedy(name: str) -> Remedy:
    """Return the catalogue entry `name`.

    Raises:
        ConfigError: there is no such entry; the message lists those there are.
    """
    if name not in REMEDIES:
        raise ConfigError(f"There is no remedy '{name}'; choose from {', '.join(REMEDIES)}.")
    return REMEDIES[name]
