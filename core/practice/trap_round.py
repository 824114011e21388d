"""True or trap? A round of statements, each decided by an experiment that runs when one has said.

A claim of the usual answers is mostly a trap, so each is shown as it is said or by its contrary,
at random: who always says "trap" is right half of the time.
"""

import random
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from core.claims.durations import runs_live
from core.errors import PracticeError
from core.practice.card import TOPICS, Card
from core.practice.deck import deck, trap_of_claim
from core.practice.store import TrapAnswer

Said = Literal["true", "trap"]
Shown = Literal["claim", "counter"]
COUNTS = (5, 10)

_NAME = re.compile(r"(?P<seed>[0-9a-f]{12})\.(?P<count>\d{1,2})(\.(?P<topics>[0-7]{1,8}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrapQuestion:
    """A claim, and which of its two statements is shown."""

    claim: int
    shown: Shown

    @property
    def card(self) -> Card:
        """The card of the claim."""
        card = trap_of_claim(self.claim)
        assert card is not None
        return card

    @property
    def statement(self) -> str:
        """What is said to be true."""
        return self.card.question if self.shown == "claim" else self.card.counter


@dataclass(frozen=True, slots=True, kw_only=True)
class TrapRound:
    """A round: its name, which is all that a link needs, and its questions in their order."""

    name: str
    questions: tuple[TrapQuestion, ...]

    def answer_id(self, place: int) -> str:
        """Return the id under which the answer to question `place` (from 0) is kept."""
        return f"{self.name.partition('.')[0]}-{place}"

    def answers(self, kept: Iterable[TrapAnswer]) -> dict[int, TrapAnswer]:
        """Return those of the answers that are kept which are of this round, by place."""
        places = {self.answer_id(place): place for place in range(len(self.questions))}
        return {places[answer.id]: answer for answer in kept if answer.id in places}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many were right of those that were decided; `depends` counts for neither side."""

    right: int
    decided: int
    depends: int


def name_round(seed: str, count: int, topics: Collection[str] = ()) -> str:
    """Return the name of a round; `seed` is 12 hexadecimal digits, no topics mean all."""
    places = "".join(str(at) for at, topic in enumerate(TOPICS) if topic in topics)
    return f"{seed}.{count}" + (f".{places}" if places else "")


def open_round(name: str) -> TrapRound:
    """Return the round of that name: the same questions whenever it is opened.

    Raises:
        PracticeError: it is no name of a round, or there is no claim to ask about.
    """
    match = _NAME.fullmatch(name)
    if match is None or not 1 <= int(match["count"]) <= max(COUNTS):
        raise PracticeError("This link is no link to a round, or it was cut off. Begin a new one.")
    names = list(TOPICS)
    topics = {names[int(place)] for place in match["topics"] or ""}
    draw = random.Random(match["seed"])
    claims = [card.claim for card in traps(topics) if card.claim is not None]
    if not claims:
        raise PracticeError("No claim of these topics runs within ten seconds; choose others.")
    draw.shuffle(claims)
    chosen = claims[: int(match["count"])]
    shown: list[Shown] = ["claim", "counter"]
    return TrapRound(
        name=name,
        questions=tuple(TrapQuestion(claim=claim, shown=draw.choice(shown)) for claim in chosen),
    )


def traps(topics: Collection[str] = ()) -> list[Card]:
    """Return the cards of the claims that can be decided while one waits, of the topics."""
    return [
        card
        for card in deck().values()
        if card.claim is not None and runs_live(card.claim) and (not topics or card.topic in topics)
    ]


def outcome(shown: Shown, verdict: str) -> Said | None:
    """Return what the statement was, by the verdict on its claim; None where it depends."""
    if verdict == "depends":
        return None
    return "true" if (verdict == "supported") == (shown == "claim") else "trap"


def is_right(said: Said, shown: Shown, verdict: str) -> bool | None:
    """Return whether what was said is right; None where the verdict is that it depends."""
    was = outcome(shown, verdict)
    return None if was is None else said == was


def score(answers: Iterable[TrapAnswer]) -> Score:
    """Return how well the answers went."""
    found = [answer.is_right for answer in answers]
    return Score(
        right=sum(each is True for each in found),
        decided=sum(each is not None for each in found),
        depends=sum(each is None for each in found),
    )
