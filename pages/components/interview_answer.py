"""One answer of an interview as its review shows it: named, missed, mistakes, and the proof."""

import streamlit as st

from core.practice.card import TOPICS, Card, Mistake
from core.practice.deck import deck
from core.practice.grading import Graded, Hit, grade
from core.practice.interview import Asked, Interview
from core.practice.interview_review import CardResult, clocked
from pages.components.card_links import lab_link, study_link
from pages.components.card_view import (
    key_points,
    mistakes_list,
    own_answer,
    prove,
    reference_answer,
    sources,
)
from pages.components.interview_ratings import rating_buttons

HOW = {
    "answered": "",
    "unknown": "you did not know",
    "time": "taken when the time was up",
    "cut": "cut off by the end",
}


def answered_card(interview: Interview, result: CardResult, *, opened: bool) -> None:
    """Show one question with its follow-ups, folded unless `opened`."""
    topic = TOPICS.get(result.question.topic, result.question.topic)
    rated = result.card_id in interview.ratings
    with st.expander(
        f"**{result.number}** · {topic} · {result.points:g} of {result.of} points",
        expanded=opened,
        icon=":material/check_circle:" if rated else ":material/radio_button_unchecked:",
        key=f"interview_answer_{result.number}",
    ):
        card = deck().get(result.card_id)
        for asked in result.answers:
            _answer(asked, card)
        if card is None:
            st.caption("This card is no longer in the deck; what it held that day is kept here.")
            return
        rating_buttons(interview, result)
        st.divider()
        reference_answer(card)
        sources(card)
        prove(card, key=f"interview_{card.id}")
        study_link(card)


def _answer(asked: Asked, card: Card | None) -> None:
    st.markdown(f"**{'Follow-up: ' if asked.follow_up else ''}{asked.question}**")
    over = "overtime" if asked.seconds > asked.budget else ""
    told = [f"{clocked(asked.seconds)} of {clocked(asked.budget)}", HOW[asked.how or "answered"]]
    st.caption(" · ".join(filter(None, [*told, over])))
    with st.container(border=True):
        if not asked.text.strip():
            st.caption("No answer.")
        elif card is None:
            st.text(asked.text)
        else:
            own_answer(asked.text, _as_then(asked, card), _hit_name)
    key_points(asked.named, "Named")
    if not asked.follow_up:
        key_points(asked.missed, "Missed")
    mistakes_list(asked.mistakes, "Mistakes")


def _as_then(asked: Asked, card: Card) -> Graded:
    """Return where the answer names what it named that day; its card may read otherwise now."""
    counted = {point.name for point in asked.named} | {each.says for each in asked.mistakes}
    graded = grade(card, asked.text)
    hits = (hit for hit in graded.hits if _counts_as(hit) in counted)
    return Graded(graded.named, graded.missed, graded.mistakes, tuple(hits))


def _counts_as(hit: Hit) -> str:
    return hit.told.says if isinstance(hit.told, Mistake) else hit.told.name


def _hit_name(hit: Hit) -> str:
    return f"{'Mistake' if isinstance(hit.told, Mistake) else 'Named'}: {hit.told.says}"


def next_steps(card: Card) -> None:
    """Show the links to the card's experiment and to the card in Study."""
    lab_link(card, "Prove it live")
    study_link(card)
