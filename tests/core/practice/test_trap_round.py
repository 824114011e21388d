from collections import Counter
from dataclasses import replace

import pytest
from test_practice_store import trap_answer

from core.claims.durations import LIVE_SECONDS, seconds_of
from core.errors import PracticeError
from core.practice.deck import deck
from core.practice.trap_round import (
    Score,
    is_right,
    name_round,
    open_round,
    outcome,
    score,
    traps,
)

SEED = "0123456789ab"


def test_a_name_gives_the_same_round_again_and_another_seed_another():
    name = name_round(SEED, 5)
    assert open_round(name) == open_round(name)
    assert open_round(name).questions != open_round(name_round("ba9876543210", 5)).questions


def test_a_round_asks_about_each_claim_once_and_only_about_those_that_run_live():
    claims = [question.claim for question in open_round(name_round(SEED, 10)).questions]
    assert len(set(claims)) == len(claims) == 10
    assert all(seconds_of(claim) <= LIVE_SECONDS for claim in claims)


def test_topics_are_kept_in_the_name():
    found = open_round(name_round(SEED, 10, ["clipping"]))
    assert {question.card.topic for question in found.questions} == {"clipping"}
    assert len(found.questions) == len(traps(["clipping"]))


def test_both_statements_are_shown_about_as_often():
    shown = Counter(
        question.shown
        for seed in range(60)
        for question in open_round(name_round(f"{seed:012x}", 5)).questions
    )
    assert 110 < shown["claim"] < 190
    assert shown.total() == 300


def test_a_question_shows_the_claim_or_its_contrary():
    for question in open_round(name_round(SEED, 10)).questions:
        card = question.card
        assert question.statement == (card.question if question.shown == "claim" else card.counter)


@pytest.mark.parametrize(
    "name", ["", "x", SEED, f"{SEED}.0", f"{SEED}.11", f"{SEED}.5.9", f"{SEED}.5.0.1", f" {SEED}.5"]
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(PracticeError, match="no link to a round"):
        open_round(name)


@pytest.mark.parametrize(
    ("shown", "verdict", "was"),
    [
        ("claim", "refuted", "trap"),
        ("claim", "supported", "true"),
        ("counter", "refuted", "true"),
        ("counter", "supported", "trap"),
        ("claim", "depends", None),
        ("counter", "depends", None),
    ],
)
def test_the_verdict_on_the_claim_decides_both_statements(shown, verdict, was):
    assert outcome(shown, verdict) == was
    for said in ("true", "trap"):
        assert is_right(said, shown, verdict) == (None if was is None else said == was)


def test_what_depends_counts_for_neither_side():
    answers = [trap_answer(str(n), is_right=r) for n, r in enumerate((True, True, False, None))]
    assert score(answers) == Score(right=2, decided=3, depends=1)


def test_answers_are_found_by_their_place():
    found = open_round(name_round(SEED, 5))
    mine = replace(trap_answer(), id=found.answer_id(3))
    assert found.answers([trap_answer("other"), mine]) == {3: mine}


def test_every_trap_has_a_contrary_of_its_own():
    cards = [card for card in deck().values() if card.kind == "trap"]
    assert all(card.counter != card.question for card in cards)
