"""The card that is studied: hidden, with room for an answer; then revealed, and rated."""

import streamlit as st

from core.practice.card import Card
from core.practice.grading import Graded, Hit
from core.practice.schedule import RATINGS, intervals
from core.practice.study_queue import span_in_words
from pages.components.card_links import card_link
from pages.components.card_view import (
    card_question,
    follow_ups,
    key_points,
    mistakes_list,
    own_answer,
    prove,
    reference_answer,
    sources,
)
from pages.components.draft_keeper import keep_draft
from pages.components.similar_sentences import similar_sentences
from pages.components.study_keys import FOCUS, study_keys
from pages.components.study_session import Session, graded_answer, rate, reveal

REVEAL = "study_reveal"
ANSWER_HEIGHT = 170


def progress_bar(session: Session) -> None:
    """Show how far today is."""
    plan = session.plan
    if not plan.total:
        return
    told = ((plan.due, "due"), (plan.new, "new"), (plan.soon, "again in minutes"))
    parts = [f"{count} {what}" for count, what in told if count]
    place = min(plan.done + 1, plan.total) if session.card else plan.done
    st.progress(
        plan.done / plan.total, text=" · ".join([f"**{place} of {plan.total}** today", *parts])
    )


def study_card(session: Session, card: Card) -> None:
    """Show the card, and the keys that work on it."""
    with st.container(border=True, key="study_card"):
        if session.is_revealed:
            _revealed(session, card)
        else:
            _hidden(session, card)
    study_keys(
        f"{session.slot}:{session.is_revealed}",
        field=session.field,
        reveal=REVEAL,
        focus=FOCUS,
        revealed=session.is_revealed,
    )


def _hidden(session: Session, card: Card) -> None:
    with st.container(key=FOCUS):
        card_question(card, before="" if session.seen else ":green-badge[New] ")
    keep_draft(session.field, session.slot)
    st.text_area(
        "Your answer",
        key=session.field,
        height=ANSWER_HEIGHT,
        max_chars=20_000,
        placeholder="Type it, or only think it.",
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="center", key="study_hidden_end"):
        st.button(
            "Reveal",
            key=REVEAL,
            type="primary",
            icon=":material/visibility:",
            shortcut="Space",
            on_click=reveal,
            args=(card.id, session.seen),
        )
        st.caption("**A** writes, **Esc** leaves the text, **Ctrl+Enter** leaves it and reveals.")


def _revealed(session: Session, card: Card) -> None:
    with st.container(key=FOCUS):
        card_question(card)
    keep_draft(session.field, session.slot)
    with st.container(key="study_kept"):  # what the browser has is put back into it
        st.text_area("Your answer", key=session.field, max_chars=20_000, persist_state="session")
    answer, graded = graded_answer(card, session.seen)
    left, right = st.columns(2, gap="large")
    with left:
        _what_it_says(card, answer, graded)
    with right:
        reference_answer(card)
        sources(card)
        follow_ups(card)
        st.markdown("")
        card_link(card, "This card by itself")
    with st.container(border=True, key="study_proof"):
        prove(card, key="study")
    _rating_bar(session, card)


def _what_it_says(card: Card, answer: str, graded: Graded) -> None:
    if answer.strip():
        st.markdown(f"**Your answer** names {len(graded.named)} of {len(card.points)} points")
        own_answer(answer, graded, _tip)
        mistakes_list(graded.mistakes, ":red[:material/cancel:] It also says, and that is wrong")
        key_points(graded.named, ":green[:material/check_circle:] Named")
        key_points(graded.missed, ":orange[:material/radio_button_unchecked:] Missed")
        similar_sentences(card, answer, graded.missed)
        st.caption("Found by phrases: who says it in other words has said it too.")
    else:
        key_points(card.points, "A good answer names")
    others = [mistake for mistake in card.mistakes if mistake not in graded.mistakes]
    mistakes_list(others, "Often said, and wrong")


def _tip(hit: Hit) -> str:
    return hit.told.says


def _rating_bar(session: Session, card: Card) -> None:
    spans = intervals(session.schedule, card.id, session.at)
    with st.container(horizontal=True, vertical_alignment="center", key="study_rating"):
        for number, (rating, label) in enumerate(RATINGS.items(), start=1):
            st.button(
                f"{label} · {span_in_words(spans[rating])}",
                key=f"rate:{session.slot}:{rating}",
                shortcut=str(number),
                type="primary" if rating == "good" else "secondary",
                on_click=rate,
                args=(card.id, session.seen, rating),
            )
        st.caption("How well did you know it? The time is when it comes again.")
