"""A lab that a card sent for, and the cards that a lab can prove."""

import pytest

from core.claims.catalogue import find_claim
from core.labs.config import find_lab
from core.practice import deck as deck_module
from core.practice.card import Card, Experiment, FollowUp, Mistake, Point
from core.practice.deck import cards_of_lab, deck
from pages.components.card_links import lab_page

CLIPPING = "pages/labs/clipping.py"
SETTINGS = {"optimizer": "adam", "learning_rate": 0.01, "updates": 30, "characters": 5_000}


def made_card(card_id, **experiment):
    told = {"says": "That.", "phrases": ("that",)}
    return Card(
        id=card_id,
        topic="clipping",
        kind="question",
        level="mid",
        question=f"What of {card_id}?",
        answer="That.",
        points=tuple(Point(name=name, **told) for name in "abc"),
        mistakes=(Mistake(why="No.", **told),),
        follow_ups=(FollowUp(question="And?", answer="So.", point="a"),),
        sources=("A paper, 2020",),
        **experiment,
    )


@pytest.fixture
def cards(monkeypatch):
    """Two cards with settings, one with a claim, one of another lab, one without an experiment."""
    look = "Look at the dots: they never pass the line."
    made = (
        made_card("sets-adam", experiment=_experiment("clipping", look, **SETTINGS)),
        made_card("sets-sgd", experiment=_experiment("clipping", look, updates=20, seed=7)),
        made_card("claims", experiment=Experiment(lab="clipping", look=look, claims=(26,))),
        made_card("elsewhere", experiment=_experiment("serving", look)),
        made_card("talks", no_experiment="It is a matter of taste, which no run can settle."),
    )
    found = {card.id: card for card in made}
    monkeypatch.setattr(deck_module, "deck", lambda: found)
    return found


def _experiment(lab, look, **settings):
    return Experiment(lab=lab, look=look, settings=tuple(settings.items()))


def values(at, *names):
    return {name: at.session_state[f"clipping.{name}"] for name in names}


def test_a_link_sets_up_the_cards_experiment_and_the_button_runs_it(visit, engine, cards):
    at = visit(CLIPPING, card="sets-adam")
    assert not at.exception
    assert said(at, "What of sets-adam?")
    assert said(at, "they never pass the line")
    assert values(at, *SETTINGS) == SETTINGS
    at.button(key="train").click().run()
    run_id = at.query_params["run"]
    assert engine.store.header(run_id).config | SETTINGS == engine.store.header(run_id).config
    assert at.query_params["card"] == "sets-adam", "the card stays while its run is looked at"
    assert said(at, "they never pass the line")
    assert engine.pool.wait(run_id, 120) == "done"


def test_the_next_card_is_set_up_in_the_place_of_the_one_before(visit, engine, cards):
    at = visit(CLIPPING, card="sets-adam")
    at.button(key="train").click().run()
    first = at.query_params["run"]
    at.query_params.clear()
    at.query_params["card"] = "sets-sgd"
    at.run()
    assert values(at, "updates", "seed") == {"updates": 20, "seed": 7}
    assert "run" not in at.query_params, "the run of the card before is not shown as this one's"
    engine.pool.wait(first, 120)


def test_a_run_that_is_what_the_card_wants_is_shown_again(visit, engine, cards):
    at = visit(CLIPPING, card="sets-sgd")
    at.button(key="train").click().run()
    run_id = at.query_params["run"]
    del at.query_params["run"]
    at.run()
    assert at.query_params["run"] == run_id
    engine.pool.wait(run_id, 120)


def test_changed_settings_stay_and_can_be_set_up_again(visit, cards):
    at = visit(CLIPPING, card="sets-sgd")
    assert not [each for each in at.button if each.key == "prepared_again"]
    at.number_input(key="clipping.updates").set_value(50).run()
    assert values(at, "updates") == {"updates": 50}
    at.button(key="prepared_again").click().run()
    assert values(at, "updates") == {"updates": 20}


def test_a_card_of_a_claim_runs_it_in_place_and_leaves_the_form(visit, engine, cards):
    at = visit(CLIPPING)
    at.number_input(key="clipping.updates").set_value(50).run()
    at.query_params["card"] = "claims"
    at.run()
    assert values(at, "updates") == {"updates": 50}
    at.button(key="prepared:clipping:26").click().run()
    run_id = at.session_state["claim_runs"][26]
    assert engine.pool.wait(run_id, 120) == "done"
    at.run()
    assert at.button(key="prepared:clipping:26").label == "Run again"
    assert at.button(key="claims:clipping:26").label == "Run again", "one verdict, two places"
    assert said(at, find_claim(26).statement)


def test_a_card_can_be_closed_and_is_remembered_until_then(visit, cards):
    at = visit(CLIPPING, card="sets-sgd")
    at.query_params.clear()
    at.run()
    assert at.query_params["card"] == "sets-sgd", "as after a switch of pages"
    at.button(key="prepared_close").click().run()
    assert "card" not in at.query_params
    assert not said(at, "they never pass the line")


@pytest.mark.parametrize("card_id", ["elsewhere", "talks"])
def test_a_card_that_this_lab_cannot_prove_is_answered_with_a_sentence(visit, cards, card_id):
    at = visit(CLIPPING, card=card_id)
    assert not at.exception
    assert at.info
    assert "card" not in at.query_params


def test_a_card_that_is_gone_is_answered_with_a_sentence(visit, cards):
    at = visit(CLIPPING, card="gone")
    assert "no card 'gone'" in at.warning[0].value
    assert "card" not in at.query_params


@pytest.mark.parametrize("lab", ["gradient-flow", "clipping", "translation", "sentiment", "length"])
def test_a_lab_shows_the_cards_that_it_can_prove(visit, engine, lab):
    at = visit(lab_page(lab))
    shown = "Cards this lab can prove" in [each.value for each in at.subheader]
    assert shown == bool(cards_of_lab(lab))


def test_every_experiment_of_the_deck_can_be_set_up(engine):
    for card in deck().values():
        if card.experiment:
            assert lab_page(card.experiment.lab)
            assert find_lab(card.experiment.lab).config is type(card.experiment.config)


def said(at, words):
    return any(words in each.value for each in (*at.markdown, *at.caption))
