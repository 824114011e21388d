"""How the candidate rates the answers of an interview: it decides when a card comes back."""

from datetime import timedelta

import streamlit as st

from core.practice.clock import now
from core.practice.deck import deck
from core.practice.interview import Interview, rate_card
from core.practice.interview_review import CardResult
from core.practice.schedule import RATINGS, Rating
from pages.components import state
from pages.components.cache import practice_store
from pages.components.interview_shelf import keep_interview


def rate_as_suggested(interview: Interview, results: list[CardResult]) -> None:
    """Show the button that rates every card that is not rated yet as its points suggest."""
    left = [
        each for each in results if each.card_id not in interview.ratings and each.card_id in deck()
    ]
    if left and st.button(
        f"Rate the {len(left)} as suggested" if len(left) > 1 else "Rate it as suggested",
        icon=":material/done_all:",
        key="interview_rate_all",
    ):
        rated = interview
        for result in left:
            rated = _rated(rated, result, result.suggested_rating)
        st.rerun()


def rating_buttons(interview: Interview, result: CardResult) -> None:
    """Show four buttons, or how the card was rated and when it is due."""
    given = interview.ratings.get(result.card_id)
    if given is not None:
        st.markdown(f":material/check: Rated **{RATINGS[given]}**{_due(result.card_id)}.")
        return
    suggested = result.suggested_rating
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("How did it go?", width="content")
        for rating, label in RATINGS.items():
            if st.button(
                label,
                key=f"interview_rate:{result.card_id}:{rating}",
                type="primary" if rating == suggested else "secondary",
            ):
                _rated(interview, result, rating)
                st.rerun()
        st.caption(f"Your points suggest {RATINGS[suggested]}.", width="content")


def _rated(interview: Interview, result: CardResult, rating: Rating) -> Interview:
    practice_store().rate(
        state.practiser(),
        result.card_id,
        rating,
        at=now(),
        seconds=result.seconds,
        named=len(result.question.named) + len(result.recovered),
        of=result.of,
        where="interview",
    )
    rated = rate_card(interview, result.card_id, rating)
    keep_interview(rated)
    return rated


def _due(card_id: str) -> str:
    schedule = practice_store().schedules(state.practiser()).get(card_id)
    if schedule is None:
        return ""
    left = schedule.due - now()
    if left <= timedelta():
        return ", due in Study now"
    if left < timedelta(days=1):
        return ", due in Study today"
    days = round(left / timedelta(days=1))
    return f", due in Study in {days} days" if days > 1 else ", due in Study in a day"
