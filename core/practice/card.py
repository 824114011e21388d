"""What a card is: a question, what a good answer names, and the experiment that proves it."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from core.claims.catalogue import find_claim
from core.errors import ConfigError
from core.labs.checks import check_choice
from core.labs.config import PRESETS, Config, find_lab
from core.labs.config_json import config_from_json, config_to_json

Topic = Literal[
    "gradient-flow",
    "gates",
    "clipping",
    "padding-and-batching",
    "attention-and-seq2seq",
    "length",
    "architecture-choice",
    "serving",
]
Level = Literal["junior", "mid", "senior"]
Kind = Literal["question", "trap"]

TOPICS: dict[str, str] = {
    "gradient-flow": "Gradient flow",
    "gates": "Gates",
    "clipping": "Clipping",
    "padding-and-batching": "Padding and batching",
    "attention-and-seq2seq": "Attention and seq2seq",
    "length": "Length",
    "architecture-choice": "Architecture choice",
    "serving": "Serving",
}
LEVELS: dict[str, str] = {"junior": "Junior", "mid": "Mid", "senior": "Senior"}
LEAST_POINTS = 3
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Something that a good answer names.

    `name` is its short name within the card, `says` one sentence, `phrases` the wordings that
    count as naming it (see `core.practice.grading`).
    """

    name: str
    says: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Something that is often said and is wrong: what, why, and the wordings that give it away."""

    says: str
    why: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What an interviewer asks next; `point` is the key point whose absence calls for it."""

    question: str
    answer: str
    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What proves a card: claims that can be run, or a lab with settings, or both.

    `settings` stand over the lab's quick preset; `look` says what to look at and what it shows.
    """

    lab: str
    look: str
    settings: tuple[tuple[str, object], ...] = ()
    claims: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        find_lab(self.lab)
        for number in self.claims:
            if find_claim(number).lab != self.lab:
                raise ConfigError(f"Claim {number} is not one of the lab '{self.lab}'.")
        _ = self.config

    @property
    def config(self) -> Config:
        """The lab's config with the settings over its quick preset."""
        quick = config_to_json(PRESETS[self.lab]["Quick"])
        return config_from_json(self.lab, quick | dict(self.settings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One question of an interview.

    `id` never changes: progress is kept under it. Of a card of the kind "trap", `claim` is the
    claim that is put to the test, `question` its statement, and `counter` the contrary statement:
    what holds just if the experiment refutes the claim. `experiment` is None only where
    `no_experiment` says why.
    """

    id: str
    topic: Topic
    kind: Kind
    level: Level
    question: str
    answer: str
    points: tuple[Point, ...]
    mistakes: tuple[Mistake, ...]
    follow_ups: tuple[FollowUp, ...]
    sources: tuple[str, ...]
    experiment: Experiment | None = None
    no_experiment: str = ""
    claim: int | None = None
    counter: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.id):
            raise ConfigError(f"'{self.id}' is no id of a card; it must be like-this-1.")
        check_choice("topic", self.topic, get_args(Topic))
        check_choice("kind", self.kind, get_args(Kind))
        check_choice("level", self.level, get_args(Level))
        self._check_contents()
        if (self.experiment is None) == (not self.no_experiment):
            raise ConfigError("a card has an experiment, or says in no_experiment why not.")
        if (self.kind == "trap") != (self.claim is not None and bool(self.counter)):
            raise ConfigError("a trap, and only a trap, has a claim and a counter.")

    def _check_contents(self) -> None:
        if not (self.question.strip() and self.answer.strip() and self.sources):
            raise ConfigError("a card needs a question, an answer and at least one source.")
        if len(self.points) < LEAST_POINTS:
            raise ConfigError(f"a card needs at least {LEAST_POINTS} points.")
        if not self.mistakes:
            raise ConfigError("a card needs at least one common mistake.")
        names = [point.name for point in self.points]
        if len(names) != len(set(names)):
            raise ConfigError("two points have one name.")
        for follow_up in self.follow_ups:
            check_choice("point of a follow-up", follow_up.point, names)
        told: tuple[Point | Mistake, ...] = (*self.points, *self.mistakes)
        for each in told:
            if not each.phrases or not all(phrase.strip() for phrase in each.phrases):
                raise ConfigError(f"'{each.says}' has no phrases, or an empty one.")

    @property
    def label(self) -> str:
        """The question as one line; a trap's is its claim."""
        return " ".join(self.question.split())
