"""The page Cards: all of them with search and filters, and one by itself."""

import pytest

from core.practice.card import LEVELS, TOPICS
from core.practice.deck import deck, find_card
from pages.components import card_page

CARDS = "pages/practice/cards.py"
TRAP = "clip-return-value"


@pytest.fixture
def open_cards(visit):
    return lambda **parameters: visit(CARDS, **parameters)


def test_all_cards_stand_topic_by_topic_each_with_its_links(open_cards):
    at = open_cards()
    assert not at.exception
    assert said(at, f"**{len(deck())}** of {len(deck())} cards")
    written = {TOPICS[card.topic] for card in deck().values()}
    assert {each.value for each in at.subheader} == written
    links = at.get("page_link")
    provable = sum(card.experiment is not None for card in deck().values())
    assert len(links) == len(deck()) + provable
    assert any(link.proto.query_string == f"card={TRAP}" for link in links)


def test_words_topic_level_and_kind_choose(open_cards):
    at = open_cards()
    at.text_input(key="words").set_value("NORM clip").run()
    at.multiselect(key="topic").set_value(["Clipping"]).run()
    at.multiselect(key="level").set_value([LEVELS[find_card(TRAP).level]]).run()
    at.multiselect(key="kind").set_value(["True or trap?"]).run()
    assert [each.value for each in at.subheader] == ["Clipping"]
    assert any(link.proto.query_string == f"card={TRAP}" for link in at.get("page_link"))
    at.text_input(key="words").set_value("no card says so much nonsense").run()
    assert at.info[0].value.startswith("No card has all of these.")
    assert not at.exception


def test_one_card_shows_its_question_answer_points_mistakes_sources_and_proof(open_cards):
    at = open_cards(card=TRAP)
    card = find_card(TRAP)
    assert at.subheader[0].value == card.question
    assert said(at, card.answer.strip()[:40])
    assert all(said(at, point.says) for point in card.points)
    assert all(said(at, mistake.why) for mistake in card.mistakes)
    assert said(at, card.sources[0])
    assert said(at, card.counter)
    assert {each.label for each in at.expander} == {each.question for each in card.follow_ups}
    links = {(link.proto.label, link.proto.query_string) for link in at.get("page_link")}
    assert ("Set up in the Clipping lab", f"card={TRAP}") in links
    assert ("Study this card", f"card={TRAP}") in links


def test_the_answer_can_be_hidden(open_cards):
    at = open_cards(card=TRAP)
    at.toggle(key="shows_answer").set_value(False).run()
    assert not said(at, "Reference answer")
    assert said(at, "Prove it")


def test_a_trap_is_proved_in_place(open_cards, engine):
    at = open_cards(card=TRAP)
    at.button(key="card:clipping:26").click().run()
    run_id = at.session_state["claim_runs"][26]
    assert engine.pool.wait(run_id, 120) == "done"
    at.run()
    assert said(at, "Measured: ")
    assert at.button(key="card:clipping:26").label == "Run again"


def test_the_filters_come_back_with_the_way_back(open_cards):
    at = open_cards()
    at.multiselect(key="topic").set_value(["Clipping"]).run()
    at.query_params["card"] = TRAP
    at.run()
    back = next(link for link in at.get("page_link") if link.proto.label == "All cards")
    assert back.proto.query_string == "topic=Clipping"


def test_a_card_that_is_gone_is_answered_with_a_sentence_above_all_cards(open_cards):
    at = open_cards(card="gone")
    assert "no card 'gone'" in at.warning[0].value
    assert said(at, f"of {len(deck())} cards")
    assert "card" not in at.query_params


def test_what_is_shown_can_be_downloaded(open_cards, monkeypatch):
    asked = []
    monkeypatch.setattr(card_page, "anki_package", lambda cards: asked.append(list(cards)) or b"")
    at = open_cards()
    assert at.get("download_button")[0].proto.label == "Download all cards for Anki"
    assert asked == [], "a package is made when it is asked for"
    at.multiselect(key="kind").set_value(["True or trap?"]).run()
    traps = sum(card.kind == "trap" for card in deck().values())
    assert at.get("download_button")[0].proto.label == f"Download these {traps} cards for Anki"


def said(at, words):
    return any(words in each.value for each in (*at.markdown, *at.caption))
