import itertools
from collections import Counter

import pytest
from interview_cards import made_card, made_deck

from core.practice.card import LEVELS, TOPICS
from core.practice.clock import now
from core.practice.interview import begin
from core.practice.interview_plan import asked_before, plan_interview, questions_in
from core.practice.interview_setup import (
    FOLLOW_UP_SECONDS,
    MINUTES,
    QUESTION_SECONDS,
    InterviewSetup,
)

CARDS = made_deck(
    *(
        made_card(f"{topic}-{level}-{place}", topic=topic, level=level)
        for topic in TOPICS
        for level in LEVELS
        for place in "abc"
    )
)


def setup(minutes=45, level="mid", topics=tuple(TOPICS), seed=1):
    return InterviewSetup(minutes=minutes, topics=topics, level=level, seed=seed)


@pytest.mark.parametrize("minutes", MINUTES)
@pytest.mark.parametrize("level", LEVELS)
def test_a_plan_fills_the_time_and_not_more(minutes, level):
    plan = plan_interview(setup(minutes, level), CARDS)
    each = QUESTION_SECONDS[level] + FOLLOW_UP_SECONDS
    assert len(plan) == len(set(plan)) == questions_in(setup(minutes, level))
    assert minutes * 60 - each < len(plan) * each <= minutes * 60


def test_one_seed_gives_one_plan_and_another_another():
    assert plan_interview(setup(), CARDS) == plan_interview(setup(), CARDS)
    assert len({plan_interview(setup(seed=seed), CARDS) for seed in range(9)}) == 9


def test_the_topics_take_turns():
    plan = plan_interview(setup(), CARDS)
    counts = Counter(CARDS[card].topic for card in plan)
    assert len(counts) == len(TOPICS)
    assert max(counts.values()) - min(counts.values()) <= 1
    two = plan_interview(setup(topics=("gates", "length")), CARDS)
    topics = [CARDS[card].topic for card in two]
    assert all(topic != following for topic, following in itertools.pairwise(topics))


def test_the_level_comes_first_and_then_its_neighbours():
    plan = plan_interview(setup(topics=("gates",), level="senior"), CARDS)
    assert [CARDS[card].level for card in plan] == ["senior"] * 3 + ["mid"] * 3 + ["junior"] * 3


def test_what_was_asked_before_waits():
    before = asked_before([["gates-mid-a", "gates-mid-a", "gates-mid-b"], ["gates-mid-a"]])
    assert before == {"gates-mid-a": 2, "gates-mid-b": 1}
    plan = plan_interview(setup(topics=("gates",)), CARDS, before)
    assert plan[:3] == ("gates-mid-c", "gates-mid-b", "gates-mid-a")


def test_traps_are_a_third_at_most_where_there_are_questions():
    traps = made_deck(
        *(made_card(f"trap-{n}", kind="trap", topic="gates") for n in range(12)),
        *(made_card(f"plain-{n}", topic="gates") for n in range(12)),
    )
    for seed in range(5):
        plan = plan_interview(setup(topics=("gates",), seed=seed), traps)
        assert sum(card.startswith("trap") for card in plan) <= len(plan) // 3
    only = {name: card for name, card in traps.items() if card.kind == "trap"}
    assert len(plan_interview(setup(topics=("gates",)), only)) == questions_in(setup())


def test_a_small_topic_gives_what_it_has():
    few = made_deck(made_card("one", topic="gates"))
    assert plan_interview(setup(topics=("gates", "length")), few) == ("one",)
    assert plan_interview(setup(topics=("length",)), few) == ()


def test_a_plan_can_be_begun():
    plan = plan_interview(setup(15), CARDS)
    interview = begin(setup(15), plan, interview_id="x", at=now(), cards=CARDS)
    assert interview.plan == plan
