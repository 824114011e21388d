"""What came of an interview: points by card and by topic, time used, what to study next.

The points are honest about how they are found: phrases. A key point that the answer names counts
1, one that is named only after a follow-up 1/2, and a common mistake takes 1 away; a question is
never worth less than nothing. A question that the end cut off before a word was said is left out.
"""

from dataclasses import dataclass

import pandas as pd

from core.practice.card import TOPICS, Mistake, Point
from core.practice.interview import Asked, Interview
from core.practice.schedule import Rating

FOLLOW_UP_WORTH = 0.5
HOW_IT_IS_SCORED = (
    "Points are found by matching phrases, not by understanding: a key point that the answer names "
    "counts 1, one named only after a follow-up ½, and a common mistake takes 1 away, down to 0 a "
    "question. If you said it in other words, trust your own reading of the reference answer."
)
TOPIC_COLUMNS = ("topic", "questions", "points", "of", "percent")
TIME_COLUMNS = ("question", "card", "seconds", "budget_seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardResult:
    """What came of one card: its question, its follow-ups, and all the answers together."""

    number: int
    question: Asked
    follow_ups: tuple[Asked, ...]

    @property
    def answers(self) -> tuple[Asked, ...]:
        """The question and its follow-ups."""
        return (self.question, *self.follow_ups)

    @property
    def card_id(self) -> str:
        """The card's id; the card itself may be gone."""
        return self.question.card_id

    @property
    def recovered(self) -> tuple[Point, ...]:
        """The points that were named only after a follow-up."""
        return tuple(point for asked in self.follow_ups for point in asked.named)

    @property
    def missed(self) -> tuple[Point, ...]:
        """The points that were never named."""
        recovered = {point.name for point in self.recovered}
        return tuple(point for point in self.question.missed if point.name not in recovered)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes of all answers, each once."""
        return tuple(mistake for asked in self.answers for mistake in asked.mistakes)

    @property
    def of(self) -> int:
        """How many points there were to be had."""
        return len(self.question.named) + len(self.question.missed)

    @property
    def points(self) -> float:
        """How many points it is worth, of `of`."""
        gained = len(self.question.named) + FOLLOW_UP_WORTH * len(self.recovered)
        return max(0.0, gained - len(self.mistakes))

    @property
    def share(self) -> float:
        """The points as a share of all there were; 0 where there were none."""
        return self.points / self.of if self.of else 0.0

    @property
    def seconds(self) -> float:
        """What all its answers took."""
        return sum(asked.seconds for asked in self.answers)

    @property
    def budget(self) -> int:
        """What they might have taken."""
        return sum(asked.budget for asked in self.answers)

    @property
    def suggested_rating(self) -> Rating:
        """Which rating the points speak for; the candidate decides."""
        if self.share < 0.35:
            return "again"
        if self.share < 0.65:
            return "hard"
        return "good" if self.share < 0.95 or self.seconds > self.budget else "easy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The whole interview in numbers."""

    points: float
    of: int
    asked: int
    planned: int
    mistakes: int
    seconds: float
    overtime: float

    @property
    def share(self) -> float:
        """The points as a share of all there were; 0 where there were none."""
        return self.points / self.of if self.of else 0.0


def card_results(interview: Interview) -> list[CardResult]:
    """Return what came of each card that was asked, in the order of the interview."""
    done = [asked for asked in interview.asked if asked.taken and not _is_unanswered(asked)]
    mains = [asked for asked in done if not asked.follow_up]
    return [
        CardResult(
            number=number,
            question=main,
            follow_ups=tuple(a for a in done if a.follow_up and a.card_id == main.card_id),
        )
        for number, main in enumerate(mains, start=1)
    ]


def _is_unanswered(asked: Asked) -> bool:
    return asked.how == "cut" and not asked.text.strip()


def summary(interview: Interview) -> Summary:
    """Return the interview in numbers; all are 0 where nothing was answered."""
    results = card_results(interview)
    ended = interview.ended or interview.deadline
    over = (max(0.0, asked.seconds - asked.budget) for each in results for asked in each.answers)
    return Summary(
        points=sum(each.points for each in results),
        of=sum(each.of for each in results),
        asked=len(results),
        planned=len(interview.plan),
        mistakes=sum(len(each.mistakes) for each in results),
        seconds=max(0.0, (ended - interview.started).total_seconds()),
        overtime=sum(over),
    )


def clocked(seconds: float) -> str:
    """Return a time as minutes and seconds, as in 2:05."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def weakest(interview: Interview, most: int = 3) -> list[CardResult]:
    """Return the cards that lost points, the weakest first."""
    lost = [each for each in card_results(interview) if each.of and each.share < 1.0]
    return sorted(lost, key=lambda each: each.share)[:most]


def topic_table(interview: Interview) -> pd.DataFrame:
    """Return one row a topic: questions asked, points, of how many (points), percent of them.

    In the order of the topics; a topic that was not asked has no row.
    """
    results = card_results(interview)
    rows = []
    for topic, name in TOPICS.items():
        own = [each for each in results if each.question.topic == topic]
        if own:
            points, of = sum(each.points for each in own), sum(each.of for each in own)
            rows.append((name, len(own), points, of, 100 * points / of if of else 0.0))
    return pd.DataFrame(rows, columns=list(TOPIC_COLUMNS))


def time_table(interview: Interview) -> pd.DataFrame:
    """Return one row a question or follow-up: its name, card, seconds taken, budget in seconds."""
    rows = [
        (_name(each.number, place), each.card_id, round(asked.seconds, 1), asked.budget)
        for each in card_results(interview)
        for place, asked in enumerate(each.answers)
    ]
    return pd.DataFrame(rows, columns=list(TIME_COLUMNS))


def _name(number: int, place: int) -> str:
    return f"Question {number}" if place == 0 else f"{number}, follow-up {place}"
