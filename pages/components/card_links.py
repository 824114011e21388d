"""Links to cards and from them, and cards as rows of links."""

from collections.abc import Sequence

import streamlit as st

from core.labs.config import find_lab
from core.practice.card import LEVELS, TOPICS, Card

CARDS_PAGE = "pages/practice/cards.py"
STUDY_PAGE = "pages/practice/study.py"
KINDS = {"question": "Question", "trap": "True or trap?"}


def lab_page(lab: str) -> str:
    """Return the script of a lab's page."""
    return f"pages/labs/{lab.replace('-', '_')}.py"


def tags(card: Card, *, topic: bool = True) -> str:
    """Return a card's topic, level and kind as badges of a text."""
    kind = f" :orange-badge[{KINDS['trap']}]" if card.kind == "trap" else ""
    about = f":blue-badge[{TOPICS[card.topic]}] " if topic else ""
    return f"{about}:gray-badge[{LEVELS[card.level]}]{kind}"


def card_link(card: Card, label: str, icon: str = ":material/style:") -> None:
    """Show a link to the card's own page."""
    st.page_link(
        CARDS_PAGE, label=label, icon=icon, query_params={"card": card.id}, width="content"
    )


def study_link(card: Card) -> None:
    """Show a link that studies this card first."""
    st.page_link(
        STUDY_PAGE,
        label="Study this card",
        icon=":material/school:",
        query_params={"card": card.id},
        width="content",
    )


def lab_link(card: Card, label: str = "") -> None:
    """Show a link to the lab with the card's experiment set up; a card without one has none."""
    if card.experiment is None:
        return
    lab = find_lab(card.experiment.lab)
    st.page_link(
        lab_page(lab.name),
        label=label or f"Set up in the {lab.title} lab",
        icon=":material/science:",
        query_params={"card": card.id},
        width="content",
    )


def card_rows(cards: Sequence[Card], *, key: str) -> None:
    """Show cards as rows: the question leads to the card, the flask to its experiment."""
    for card in cards:
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", key=f"{key}:{card.id}"
        ):
            st.page_link(
                CARDS_PAGE,
                label=f"{card.label} {tags(card, topic=False)}",
                icon=":material/style:" if card.kind == "question" else ":material/help:",
                query_params={"card": card.id},
                width="stretch",
            )
            lab_link(card, "Set up")
