"""A round of True or trap?: said, decided by an experiment, kept, and gone on with."""

import pytest
from test_pages import until

from core.practice.trap_round import is_right, open_round
from pages.components import cache

PAGE = "pages/practice/trap_round.py"
SEED = "0123456789ab"
QUICK = {2, 3, 4, 28, 29}
"""Claims that are decided within a second."""


@pytest.fixture(scope="module")
def quick_round():
    """A round whose first claim is decided at once."""
    seeds = (f"{number:012x}.5.02" for number in range(1000))
    return next(seed for seed in seeds if open_round(seed).questions[0].claim in QUICK)


def me(at):
    return f"key:{at.session_state['visitor']}"


def press(at, start):
    key = next(button.key for button in at.button if (button.key or "").startswith(start))
    return at.button(key=key).click().run()


def test_a_round_is_begun_with_its_name_in_the_link(visit):
    at = visit(PAGE)
    at.button(key="trap_begin").click().run()
    assert not at.exception
    found = open_round(at.query_params["round"])
    assert len(found.questions) == 5
    assert at.header[0].value == found.questions[0].statement


def test_what_one_says_is_decided_by_an_experiment_that_runs_then(visit, engine, quick_round):
    at = visit(PAGE, round=quick_round)
    question = open_round(quick_round).questions[0]
    press(at, "trap_trap:")
    run_id = at.query_params["run"]
    assert engine.store.header(run_id).config["only"] == [question.claim]
    verdict = until(engine, run_id, lambda r: r.verdicts).verdicts[question.claim]
    at.run()
    assert not at.exception
    (answer,) = cache.practice_store().trap_answers(me(at))
    assert (answer.run_id, answer.measured) == (run_id, verdict["measured"])
    assert answer.is_right is is_right("trap", question.shown, verdict["verdict"])
    at.run()
    assert any(verdict["sentence"] == text.value for text in at.markdown)
    press(at, "trap_next")
    assert at.header[0].value == open_round(quick_round).questions[1].statement
    assert "run" not in at.query_params


def test_a_refresh_while_the_experiment_runs_loses_nothing(visit, engine, quick_round):
    first = visit(PAGE, round=quick_round)
    press(first, "trap_true:")
    link = {name: first.query_params[name] for name in ("round", "at", "said", "run")}
    until(engine, link["run"], lambda record: record.verdicts)
    again = visit(PAGE, **link)
    assert not again.exception
    (answer,) = cache.practice_store().trap_answers(me(again))
    assert answer.said == "true"


def test_a_second_press_before_the_link_is_known_starts_no_second_run(visit, engine, quick_round):
    at = visit(PAGE, round=quick_round)
    press(at, "trap_true:")
    run_id = at.query_params["run"]
    until(engine, run_id, lambda record: record.verdicts)
    for name in ("at", "said", "run"):
        del at.query_params[name]
    at.run()
    press(at, "trap_trap:")
    assert at.query_params["said"] == "trap"
    assert at.query_params["run"] == run_id


def test_a_run_of_another_claim_decides_nothing(visit, engine, quick_round):
    first = visit(PAGE, round=quick_round)
    press(first, "trap_true:")
    run_id = first.query_params["run"]
    until(engine, run_id, lambda record: record.verdicts)
    claim = open_round(quick_round).questions[0].claim
    other = next(
        name
        for name in (f"{number:012x}.5.2" for number in range(100))
        if open_round(name).questions[0].claim != claim
    )
    at = visit(PAGE, round=other, at="0", said="true", run=run_id)
    assert not at.exception
    assert any((button.key or "").startswith("trap_trap:") for button in at.button)
    assert cache.practice_store().trap_answers(me(at)) == []


@pytest.mark.parametrize("name", ["x", f"{SEED}.99", "../.."])
def test_a_link_to_no_round_is_answered_with_a_sentence(visit, name):
    at = visit(PAGE, round=name)
    assert not at.exception
    assert at.warning[0].value.startswith("This link is no link to a round")


@pytest.mark.parametrize("place", ["9", "-1", "x", "\u0663", "1000"])
def test_a_place_that_is_none_shows_the_first_statement(visit, place):
    at = visit(PAGE, round=f"{SEED}.5", at=place, said="true", run="0" * 24)
    assert not at.exception
    assert at.header[0].value == open_round(f"{SEED}.5").questions[0].statement
