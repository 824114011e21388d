"""What an answer says that is like the points it missed: a hint from the optional encoder."""

from collections.abc import Sequence

import streamlit as st

from core.errors import SeqScopeError
from core.models.encoder_files import encoder_is_installed
from core.practice.card import Card, Point
from pages.components.cache import similar_to_points


def similar_sentences(card: Card, answer: str, missed: Sequence[Point]) -> None:
    """Offer, for each missed point, the sentence of the answer that is most like it."""
    if not missed or not encoder_is_installed():
        return
    if not st.toggle(
        "Look for missed points in other words",
        key="study_similar",
        persist_state="session",
        help="A small sentence encoder (MiniLM) on this machine compares meanings",
    ):
        return
    try:
        found = similar_to_points(tuple(point.says for point in missed), answer)
    except SeqScopeError as error:
        st.caption(f"The encoder did not answer: {error}")
        return
    for point, sentence, likeness in zip(
        missed, found["sentences"], found["similarities"], strict=True
    ):
        if sentence:
            st.markdown(f"{point.says}  \n:gray[most like it, similarity {likeness:.2f}:]")
            st.text(sentence)
    st.caption(
        f"A hint, no judge ({found['encoder']}): two sentences that deny each other are often "
        "much alike. Whether the point is there, you say."
    )
