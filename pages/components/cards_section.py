"""The cards that a lab can prove, at the end of its page."""

import streamlit as st

from core.practice.deck import cards_of_lab
from pages.components.card_links import card_rows
from pages.components.card_view import practice_styles


def cards_section(lab: str) -> None:
    """Show the questions of interviews that this lab answers by experiment."""
    cards = cards_of_lab(lab)
    if not cards:
        return
    st.subheader("Cards this lab can prove", anchor="cards")
    st.caption(
        "Questions of interviews. A question opens its card; Set up puts the card's experiment "
        "into the form above."
    )
    practice_styles()
    half = (len(cards) + 1) // 2
    for column, some in zip(st.columns(2), (cards[:half], cards[half:]), strict=True):
        with column:
            card_rows(some, key=f"card_row:{lab}")
