import re
from collections import Counter

import pytest

from core.claims.catalogue import CLAIMS
from core.labs.estimate import estimate_seconds
from core.practice.answer_words import words_of
from core.practice.card import TOPICS
from core.practice.deck import cards_of_lab, deck, find_card, search_cards, trap_of_claim
from core.practice.grading import grade, phrase_places

CARDS = list(deck().values())
LONGEST_SECONDS = 90.0
LEAST_WORDS = 25
"""What an answer needs to be one; the answer to a trap may be short."""

every_card = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)


@every_card
def test_a_card_says_where_it_has_it_from(card):
    assert card.sources
    assert all(len(source) > 8 for source in card.sources)
    assert len(card.points) >= 3
    assert card.follow_ups


@every_card
def test_what_a_card_says_is_whole_as_markdown(card):
    texts = [card.question, card.answer, *(point.says for point in card.points)]
    texts += [text for mistake in card.mistakes for text in (mistake.says, mistake.why)]
    texts += [text for each in card.follow_ups for text in (each.question, each.answer)]
    for text in texts:
        assert text.count("```") % 2 == 0
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
        assert prose.count("$") % 2 == 0, text
        assert "`" not in prose, text


@every_card
def test_a_cards_own_answer_names_all_its_points_and_makes_no_mistake(card):
    graded = grade(card, card.answer)
    assert [point.name for point in graded.missed] == []
    found = [
        (m.says, card.answer[h.start : h.end])
        for m in graded.mistakes
        for h in graded.hits
        if h.told == m
    ]
    assert found == []
    assert len(words_of(card.answer)) >= LEAST_WORDS


@every_card
def test_every_phrase_of_a_card_can_be_said(card):
    for told in (*card.points, *card.mistakes):
        for phrase in told.phrases:
            assert phrase_places(phrase, words_of(phrase.replace("...", " of ")))


@every_card
def test_no_phrase_belongs_to_a_point_and_a_mistake(card):
    for mistake in card.mistakes:
        for phrase in mistake.phrases:
            hits = [
                p.name for p in card.points if phrase.casefold() in map(str.casefold, p.phrases)
            ]
            assert hits == [], phrase


@every_card
def test_a_mistake_said_plainly_is_found(card):
    for mistake in card.mistakes:
        for phrase in mistake.phrases:
            said = phrase.replace("...", " of ")
            assert mistake in grade(card, f"{said[0].upper()}{said[1:]}.").mistakes, phrase


@every_card
def test_a_card_can_be_proved_or_says_why_not(card):
    if card.experiment is None:
        assert len(card.no_experiment) > 20
        return
    assert len(card.experiment.look) > 20
    config = card.experiment.config
    assert estimate_seconds(config) <= LONGEST_SECONDS


@every_card
def test_a_trap_is_its_claim_word_for_word(card):
    if card.kind == "trap":
        assert card.question == CLAIMS[card.claim].statement
        assert card.counter != card.question
        assert card.experiment is not None
        assert card.claim in card.experiment.claims


def test_a_card_is_found_by_its_words_its_topic_and_its_claim():
    card = find_card("clip-return-value")
    assert card in search_cards("CLIP norm", topics=[card.topic], levels=[card.level])
    assert card not in search_cards("clip", topics=["serving"])
    assert card in cards_of_lab("clipping")
    assert trap_of_claim(26) == card


def test_there_are_cards_enough_in_every_topic():
    assert len(CARDS) >= 90
    counts = Counter(card.topic for card in CARDS)
    assert set(counts) == set(TOPICS)
    assert min(counts.values()) >= 8


def test_every_claim_is_a_trap_once():
    assert Counter(card.claim for card in CARDS if card.kind == "trap") == dict.fromkeys(CLAIMS, 1)
