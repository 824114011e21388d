"""A mock interview as a state machine: what was asked when, what was answered, what comes next.

Nothing here reads a clock or keeps anything: the time is an argument, and each step returns a new
interview. A question's time is a budget, as in a real interview: when it is up the candidate may
finish the sentence, for `GRACE_SECONDS`, and then the interviewer moves on. The interview as a
whole ends on the minute. A question's time starts when it is asked, and a question is asked when
somebody is there to see it: who was away misses time, not questions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from core.errors import ConfigError
from core.practice.card import Card, FollowUp, Mistake, Point
from core.practice.grading import grade
from core.practice.interview_setup import FOLLOW_UP_SECONDS, InterviewSetup
from core.practice.schedule import Rating

How = Literal["answered", "unknown", "time", "cut"]
"""How an answer ended: given; not known; taken because its time was up; cut by the end."""

GRACE_SECONDS = 30
LEAST_SECONDS = 30
"""With less than this left no new question is asked."""
MOST_FOLLOW_UPS = 2
MOST_CHARACTERS = 6000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question as it was asked, and what became of it.

    `follow_up` names the missed point that called for a follow-up; it is empty for the card's own
    question. `text` is the draft until `taken` says when the answer was taken. The points and
    mistakes are those of the card on the day, without their phrases, so that an interview can be
    read when its card is gone; a follow-up counts only what was not said before.
    """

    card_id: str
    topic: str
    question: str
    budget: int
    started: datetime
    follow_up: str = ""
    text: str = ""
    taken: datetime | None = None
    how: How | None = None
    named: tuple[Point, ...] = ()
    missed: tuple[Point, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    @property
    def deadline(self) -> datetime:
        """When its time is up."""
        return self.started + timedelta(seconds=self.budget)

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it is open."""
        return max(0.0, (self.taken - self.started).total_seconds()) if self.taken else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """An interview: what was planned and what has happened, in the order in which it did.

    `plan` are ids of cards. `ratings` says how the candidate rated which card afterwards.
    """

    id: str
    setup: InterviewSetup
    started: datetime
    plan: tuple[str, ...]
    asked: tuple[Asked, ...] = ()
    ended: datetime | None = None
    ratings: Mapping[str, Rating] = field(default_factory=dict)

    @property
    def deadline(self) -> datetime:
        """When it ends, whatever is being asked."""
        return self.started + timedelta(minutes=self.setup.minutes)

    @property
    def number(self) -> int:
        """The number of the question that is open, counted from 1 with follow-ups; 0 if none."""
        return len(self.asked) if self.ended is None else 0

    @property
    def current(self) -> Asked | None:
        """The question that is open."""
        return self.asked[-1] if self.asked and self.ended is None else None

    @property
    def last_moment(self) -> datetime:
        """When the open question's answer is taken as it stands."""
        if self.current is None:
            return self.deadline
        return min(self.current.deadline + timedelta(seconds=GRACE_SECONDS), self.deadline)

    @property
    def main_questions(self) -> int:
        """How many cards have been asked."""
        return sum(not asked.follow_up for asked in self.asked)

    def is_over(self, at: datetime) -> bool:
        """Return whether it has ended by `at`, also if nobody was there to see it."""
        return self.ended is not None or at >= self.deadline


def begin(
    setup: InterviewSetup,
    plan: tuple[str, ...],
    *,
    interview_id: str,
    at: datetime,
    cards: Mapping[str, Card],
) -> Interview:
    """Return an interview that has just asked its first question.

    Raises:
        ConfigError: no card of the plan is there to be asked.
    """
    known = tuple(card_id for card_id in plan if card_id in cards)
    if not known:
        raise ConfigError("There is no card to ask about; choose other topics.")
    interview = Interview(id=interview_id, setup=setup, started=at, plan=known)
    return _asks(interview, cards[known[0]], at)


def keep_draft(interview: Interview, number: int, text: str) -> Interview:
    """Return the interview with `text` as what is written so far on question `number`."""
    current = interview.current
    if current is None or number != interview.number:
        return interview
    return _with_last(interview, replace(current, text=text[:MOST_CHARACTERS]))


def take_answer(
    interview: Interview,
    number: int,
    text: str,
    *,
    at: datetime,
    cards: Mapping[str, Card],
    unknown: bool = False,
) -> Interview:
    """Take the answer to question `number`, and ask the next one or end.

    An answer to another question than the open one (a second tab, a second click) changes
    nothing. One that comes after the last moment is taken as of then. An empty one, or one that
    says so, is not known.
    """
    if interview.current is None or number != interview.number:
        return interview
    if at >= interview.last_moment:
        return catch_up(keep_draft(interview, number, text), at=at, cards=cards)
    how: How = "unknown" if unknown or not text.strip() else "answered"
    return _moved_on(_closed(interview, text, at, how, cards), at, cards)


def catch_up(interview: Interview, *, at: datetime, cards: Mapping[str, Card]) -> Interview:
    """Return the interview as it is at `at`: an answer whose time is up is taken as it stands.

    The next question is asked at `at`, whenever the time of the last one was up.
    """
    current = interview.current
    if current is None or at < interview.last_moment:
        return interview
    how: How = "cut" if interview.last_moment == interview.deadline else "time"
    closed = _closed(interview, current.text, interview.last_moment, how, cards)
    return _moved_on(closed, at, cards)


def end(
    interview: Interview, number: int, text: str, *, at: datetime, cards: Mapping[str, Card]
) -> Interview:
    """End the interview at the candidate's wish; what is written so far is taken."""
    if interview.current is None or number != interview.number:
        return interview
    drafted = keep_draft(interview, number, text)
    if at >= drafted.last_moment:
        drafted = catch_up(drafted, at=at, cards=cards)
        if drafted.ended:
            return drafted
    closed = _closed(drafted, drafted.asked[-1].text, at, "cut", cards)
    return replace(closed, ended=min(at, closed.deadline))


def rate_card(interview: Interview, card_id: str, rating: Rating) -> Interview:
    """Return the interview with the candidate's own rating of one of its cards."""
    return replace(interview, ratings={**interview.ratings, card_id: rating})


def _closed(
    interview: Interview, text: str, at: datetime, how: How, cards: Mapping[str, Card]
) -> Interview:
    """Grade the open question's answer; `at` is when it was taken."""
    asked = interview.asked[-1]
    kept = text[:MOST_CHARACTERS]
    done = replace(asked, text=kept, taken=max(at, asked.started), how=how)
    card = cards.get(asked.card_id)
    if card is None:
        return _with_last(interview, done)
    graded = grade(card, kept)
    earlier = [each for each in interview.asked[:-1] if each.card_id == card.id]
    known = {point.name for each in earlier for point in each.named}
    made = {mistake.says for each in earlier for mistake in each.mistakes}
    graded_asked = replace(
        done,
        named=tuple(_bare(point) for point in graded.named if point.name not in known),
        missed=tuple(_bare(point) for point in graded.missed if point.name not in known),
        mistakes=tuple(
            replace(mistake, phrases=()) for mistake in graded.mistakes if mistake.says not in made
        ),
    )
    return _with_last(interview, graded_asked)


def _bare(point: Point) -> Point:
    return replace(point, phrases=())


def _moved_on(interview: Interview, at: datetime, cards: Mapping[str, Card]) -> Interview:
    """Ask what comes next: a follow-up, the next card, or nothing more."""
    left = (interview.deadline - at).total_seconds()
    if left < LEAST_SECONDS:
        return replace(interview, ended=min(at, interview.deadline))
    cards_left = [cards[card_id] for card_id in _not_asked(interview) if card_id in cards]
    spare = left - len(cards_left) * interview.setup.question_seconds
    follow_up = next_follow_up(interview, cards)
    if follow_up is not None and spare >= FOLLOW_UP_SECONDS:
        return _asks_further(interview, follow_up, at)
    if not cards_left:
        return replace(interview, ended=at)
    return _asks(interview, cards_left[0], at)


def _not_asked(interview: Interview) -> Iterator[str]:
    known = {asked.card_id for asked in interview.asked}
    return (card_id for card_id in interview.plan if card_id not in known)


def next_follow_up(interview: Interview, cards: Mapping[str, Card]) -> FollowUp | None:
    """Return what an interviewer would ask after the last answer, None where nothing.

    It asks for a point that the answers to this card have missed, each at most once. Whoever did
    not know, or was still speaking when the time was up, is not asked further.
    """
    last = interview.asked[-1]
    card = cards.get(last.card_id)
    if card is None or last.how != "answered":
        return None
    of_card = [asked for asked in interview.asked if asked.card_id == card.id]
    if len(of_card) > MOST_FOLLOW_UPS:
        return None
    missed = {point.name for point in last.missed}
    asked_for = {asked.question for asked in of_card}
    return next(
        (
            each
            for each in card.follow_ups
            if each.point in missed and each.question not in asked_for
        ),
        None,
    )


def question_of(card: Card) -> str:
    """Return how an interviewer puts the card's question; a trap is a statement to judge."""
    return f"True, or a trap? {card.label}" if card.kind == "trap" else card.question.strip()


def _asks(interview: Interview, card: Card, at: datetime) -> Interview:
    asked = Asked(
        card_id=card.id,
        topic=card.topic,
        question=question_of(card),
        budget=interview.setup.question_seconds,
        started=at,
    )
    return replace(interview, asked=(*interview.asked, asked))


def _asks_further(interview: Interview, follow_up: FollowUp, at: datetime) -> Interview:
    last = interview.asked[-1]
    asked = Asked(
        card_id=last.card_id,
        topic=last.topic,
        question=follow_up.question,
        follow_up=follow_up.point,
        budget=FOLLOW_UP_SECONDS,
        started=at,
    )
    return replace(interview, asked=(*interview.asked, asked))


def _with_last(interview: Interview, asked: Asked) -> Interview:
    return replace(interview, asked=(*interview.asked[:-1], asked))
