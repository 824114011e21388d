"""An interview under way: one question, its clock, the answer, and what comes next."""

from typing import Literal

import streamlit as st

from core.practice.card import TOPICS
from core.practice.clock import now
from core.practice.deck import deck
from core.practice.interview import (
    GRACE_SECONDS,
    MOST_CHARACTERS,
    Asked,
    Interview,
    catch_up,
    end,
    keep_draft,
    take_answer,
)
from pages.components import draft_keeper, state
from pages.components.interview_clock import interview_clock
from pages.components.interview_shelf import keep_interview

Choice = Literal["next", "unknown", "end"]
PAUSE_SECONDS = 1.5
"""How long nothing is typed until the server keeps the draft too."""


def interview_room(interview: Interview) -> None:
    """Show the open question; whatever changes the interview is kept, and drawn anew."""
    asked = interview.current
    assert asked is not None, "an interview that has ended has no room"
    field = f"answer_{interview.id}_{interview.number}"
    _question(interview, asked)
    up = interview_clock(interview, at=now(), field=field)
    slot = f"interview:{interview.id}:{interview.number}"
    place = st.container()
    draft = draft_keeper.keep_draft(field, slot, pause=PAUSE_SECONDS, focus=True)
    with place:
        text, choice = _answer(asked, field)
    changed = interview
    if draft is not None:
        changed = keep_draft(changed, interview.number, draft.text)
    if choice is not None:
        changed = _chosen(changed, interview.number, text, choice)
    elif up is not None and up.text is not None:
        changed = keep_draft(changed, up.number, up.text)
    changed = catch_up(changed, at=now(), cards=deck())
    if changed != interview:
        keep_interview(changed)
    if changed.number != interview.number:
        st.rerun()


def _chosen(interview: Interview, number: int, text: str, choice: Choice) -> Interview:
    at, cards = now(), deck()
    if choice == "end":
        return end(interview, number, text, at=at, cards=cards)
    return take_answer(interview, number, text, at=at, cards=cards, unknown=choice == "unknown")


def _question(interview: Interview, asked: Asked) -> None:
    place = f"Question {interview.main_questions} of {len(interview.plan)}"
    topic = TOPICS.get(asked.topic, asked.topic)
    if asked.follow_up:
        st.caption(f"Follow-up to q{place[1:]} · {topic}")
        main = next(e for e in interview.asked if e.card_id == asked.card_id and not e.follow_up)
        st.caption(f"Before: {main.question}")
    else:
        st.caption(f"{place} · {topic}")
    with st.container(key="interview_question"):
        st.markdown(asked.question)


def _answer(asked: Asked, field: str) -> tuple[str, Choice | None]:
    """Return what stands in the text area, and which button was pressed, if any."""
    choice: Choice | None = None
    state.put_setting(field, asked.text)
    with st.form(f"form_{field}", border=False):
        text = st.text_area(
            f"Your answer to: {asked.question}",
            key=field,
            height=220,
            max_chars=MOST_CHARACTERS,
            label_visibility="collapsed",
            placeholder="Your answer, as you would say it",
        )
        with st.container(horizontal=True, vertical_alignment="center", key="interview_buttons"):
            if st.form_submit_button("Next", type="primary", icon=":material/arrow_forward:"):
                choice = "next"
            if st.form_submit_button("I do not know", icon=":material/question_mark:"):
                choice = "unknown"
            with st.popover("End the interview", type="tertiary"):
                st.markdown("What is written so far is taken, and the review opens.")
                if st.form_submit_button("End it now", icon=":material/stop:"):
                    choice = "end"
    st.caption(
        f"When the time is up you may finish your sentence for {GRACE_SECONDS} seconds; then the "
        "answer is taken as it stands. What you type is kept if the page is closed, but the clock "
        "goes on."
    )
    return text or "", choice
