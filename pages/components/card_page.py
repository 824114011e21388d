"""The cards to read: all of them with search and filters, and one by itself."""

from collections.abc import Sequence

import streamlit as st

from core.practice.anki import anki_package
from core.practice.card import LEVELS, TOPICS, Card
from core.practice.deck import deck, search_cards
from pages.components import state
from pages.components.card_links import CARDS_PAGE, KINDS, card_link, card_rows, study_link
from pages.components.card_view import (
    card_question,
    follow_ups,
    key_points,
    mistakes_list,
    prove,
    reference_answer,
    sources,
)

FILTERS = ("words", "topic", "level", "kind")
"""The keys of the filters: their names in the link."""


def all_cards() -> None:
    """Show the filters and the cards that pass them, topic by topic."""
    st.caption(
        f"{len(deck())} questions of interviews on sequence models. Each has an answer in our own "
        "words, its sources, and an experiment that proves it."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="card_filters"):
        words = st.text_input(
            "Search",
            key="words",
            bind="query-params",
            placeholder="Words of question or answer",
            icon=":material/search:",
            width=240,
        )
        topics = _choice("Topics", "topic", TOPICS, 280)
        levels = _choice("Levels", "level", LEVELS, 175)
        kinds = _choice("Kinds", "kind", KINDS, 175)
    found = [
        card
        for card in search_cards(words or "", topics, levels)
        if not kinds or card.kind in kinds
    ]
    chosen = {name: state.setting(name, None) for name in FILTERS}
    state.put_setting("card_filters", {k: v for k, v in chosen.items() if v}, over=True)
    with st.container(horizontal=True, vertical_alignment="center", key="card_counts"):
        st.markdown(f"**{len(found)}** of {len(deck())} cards")
        _downloads(found)
    if not found:
        st.info("No card has all of these. Take a filter away, or search for fewer words.")
    for topic, title in TOPICS.items():
        some = [card for card in found if card.topic == topic]
        if some:
            st.subheader(title, anchor=topic)
            card_rows(some, key="card_row")


def _choice(label: str, key: str, names: dict[str, str], width: int) -> list[str]:
    """Ask which of `names` to show; the link has them by their labels."""
    with st.container(width=width):
        chosen = st.multiselect(
            label, list(names.values()), key=key, bind="query-params", placeholder="All"
        )
    return [name for name, shown in names.items() if shown in chosen]


def _downloads(found: Sequence[Card]) -> None:
    """Offer the cards for Anki: those that are shown, which may be all."""
    some = "all cards" if len(found) == len(deck()) else f"these {len(found)} cards"

    def package() -> bytes:
        return anki_package(found)

    st.download_button(
        f"Download {some} for Anki",
        package,
        file_name="seqscope.apkg",
        mime="application/octet-stream",
        icon=":material/download:",
        key="anki",
        on_click="ignore",
        disabled=not found,
        help="A package with a subdeck for each topic; studied there, it is scheduled there.",
    )


def one_card(card: Card) -> None:
    """Show a card by itself."""
    state.put_in_link(card=card.id)
    with st.container(horizontal=True, vertical_alignment="center", key="card_links"):
        st.page_link(
            CARDS_PAGE,
            label="All cards",
            icon=":material/arrow_back:",
            query_params=state.setting("card_filters", {}),
            width="content",
        )
        study_link(card)
        _neighbours(card)
    with st.container(border=True, key="one_card"):
        card_question(card)
        shows = st.toggle(
            "Show the answer",
            True,
            key="shows_answer",
            persist_state="session",
            help="Off, every card asks first",
        )
        if shows:
            left, right = st.columns([3, 2], gap="large")
            with left:
                reference_answer(card)
            with right:
                key_points(card.points, "A good answer names")
                mistakes_list(card.mistakes, "Often said, and wrong")
                follow_ups(card)
            sources(card)
    with st.container(border=True, key="card_proof"):
        prove(card, key="card")


def _neighbours(card: Card) -> None:
    """Link to the card before and the one behind, in the deck's order."""
    cards = list(deck().values())
    place = cards.index(card)
    if place:
        card_link(cards[place - 1], "Previous", ":material/chevron_left:")
    if place + 1 < len(cards):
        card_link(cards[place + 1], "Next", ":material/chevron_right:")
