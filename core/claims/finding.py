"""What an experiment found: the verdict with the number that decided it."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["supported", "refuted", "depends"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An experiment's outcome.

    `measured` is the deciding number with its unit, `threshold` what it was held against, `n`
    the sample size (seeds or updates), `sentence` the verdict in words.
    """

    verdict: Verdict
    measured: str
    threshold: str
    n: int
    sentence: str


def decide(*, supported: int, refuted: int) -> Verdict:
    """Return the verdict that all seeds share, else "depends"."""
    if supported and not refuted:
        return "supported"
    return "refuted" if refuted and not supported else "depends"
