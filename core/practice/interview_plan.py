"""Which cards an interview asks about: spread over its topics, near its level, not asked lately."""

import random
from collections.abc import Iterable, Mapping

from core.practice.card import LEVELS, Card
from core.practice.interview_setup import FOLLOW_UP_SECONDS, InterviewSetup

TRAPS_IN = 3
"""At most one question in so many is a claim to judge."""


def questions_in(setup: InterviewSetup) -> int:
    """Return how many questions fit, each with a follow-up."""
    return setup.minutes * 60 // (setup.question_seconds + FOLLOW_UP_SECONDS)


def plan_interview(
    setup: InterviewSetup,
    cards: Mapping[str, Card],
    times_asked: Mapping[str, int] | None = None,
) -> tuple[str, ...]:
    """Return the ids of the cards to ask about, in their order.

    The topics take turns. Within a topic the cards of the level come first, then those nearest
    to it; among these the ones that were asked least; and then the seed decides. There are fewer
    than `questions_in` says where the topics have no more cards.

    Args:
        setup: what was chosen.
        cards: all cards by id.
        times_asked: how often this candidate was asked about a card in earlier interviews.
    """
    draw = random.Random(setup.seed)
    topics = draw.sample(list(setup.topics), len(setup.topics))
    queues = [_queue(topic, setup, cards.values(), times_asked or {}, draw) for topic in topics]
    count = questions_in(setup)
    traps_left = max(1, count // TRAPS_IN)
    chosen: list[str] = []
    while len(chosen) < count and any(queues):
        for queue in filter(None, queues):
            card = _next_of(queue, traps_left > 0)
            traps_left -= card.kind == "trap"
            chosen.append(card.id)
    return tuple(chosen[:count])


def _next_of(queue: list[Card], may_be_trap: bool) -> Card:
    """Take the first card, or the first that is no trap where there is one and none may be."""
    fits = (place for place, card in enumerate(queue) if may_be_trap or card.kind != "trap")
    return queue.pop(next(fits, 0))


def _queue(
    topic: str,
    setup: InterviewSetup,
    cards: Iterable[Card],
    times_asked: Mapping[str, int],
    draw: random.Random,
) -> list[Card]:
    levels = list(LEVELS)

    def rank(card: Card) -> tuple[int, int, float]:
        distance = abs(levels.index(card.level) - levels.index(setup.level))
        return distance, times_asked.get(card.id, 0), draw.random()

    return sorted((card for card in cards if card.topic == topic), key=rank)


def asked_before(interviews: Iterable[Iterable[str]]) -> dict[str, int]:
    """Return how often each card was asked, from the cards of each earlier interview."""
    counts: dict[str, int] = {}
    for asked in interviews:
        for card_id in set(asked):
            counts[card_id] = counts.get(card_id, 0) + 1
    return counts
