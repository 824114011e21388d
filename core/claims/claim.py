"""What a claim is. No torch here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of an interview answer.

    `statement` is what is said; `catch` is what to look at, in one sentence; `source` is where
    the matter is settled in the literature.
    """

    number: int
    lab: str
    statement: str
    catch: str
    source: str
