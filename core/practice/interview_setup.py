"""What is chosen before a mock interview, and the time that a question has."""

from dataclasses import dataclass
from typing import get_args

from core.errors import ConfigError
from core.labs.checks import check_choice
from core.practice.card import TOPICS, Level

MINUTES = (15, 30, 45)
QUESTION_SECONDS: dict[str, int] = {"junior": 120, "mid": 150, "senior": 180}
FOLLOW_UP_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewSetup:
    """What is chosen before: how long, which topics, which level; the seed draws the cards."""

    minutes: int
    topics: tuple[str, ...]
    level: Level
    seed: int = 0

    def __post_init__(self) -> None:
        if self.minutes not in MINUTES:
            raise ConfigError(f"An interview takes 15, 30 or 45 minutes, not {self.minutes}.")
        if not self.topics:
            raise ConfigError("No topic is chosen; choose at least one.")
        for topic in self.topics:
            check_choice("topic", topic, list(TOPICS))
        check_choice("level", self.level, get_args(Level))

    @property
    def question_seconds(self) -> int:
        """The time for one question of this level."""
        return QUESTION_SECONDS[self.level]
