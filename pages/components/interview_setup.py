"""Before an interview: length, level, topics; what is under way, and what was held before."""

import secrets
from typing import get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import SeqScopeError
from core.practice.card import LEVELS, TOPICS, Level
from core.practice.clock import now
from core.practice.deck import deck
from core.practice.interview import GRACE_SECONDS, Interview, begin
from core.practice.interview_plan import asked_before, plan_interview
from core.practice.interview_review import clocked, summary
from core.practice.interview_setup import (
    FOLLOW_UP_SECONDS,
    MINUTES,
    QUESTION_SECONDS,
    InterviewSetup,
)
from pages.components import state
from pages.components.interview_shelf import keep_interview, shelf, told_time

MOST_LISTED = 20
PAGE = "pages/practice/mock_interview.py"


def interview_setup() -> None:
    """Show what can be chosen, the button that begins, and the visitor's own interviews."""
    st.markdown(
        "An interviewer asks one question at a time, watches the clock, and asks further about "
        "what your answer left out. Afterwards you see what you named and missed, and can prove "
        "every answer by an experiment."
    )
    kept = shelf()
    _under_way(kept.interviews)
    setup = _form()
    if st.button(
        "Begin the interview",
        type="primary",
        icon=":material/play_arrow:",
        key="interview_begin",
        disabled=setup is None,
    ):
        assert setup is not None, "the button is disabled without a setup"
        _begin(setup, kept.interviews)
    _how_it_goes()
    _past(kept.interviews)
    if kept.unreadable:
        st.caption(f"{kept.unreadable} kept by another version of SeqScope cannot be shown here.")


def _form() -> InterviewSetup | None:
    """Return what is chosen, None where nothing can be asked so."""
    with st.container(border=True, key="interview_form"):
        with st.container(horizontal=True, gap="medium"):
            minutes = st.segmented_control(
                "Length",
                MINUTES,
                default=MINUTES[0],
                required=True,
                format_func=lambda each: f"{each} minutes",
                key="interview_minutes",
            )
            level = st.segmented_control(
                "Level",
                list(get_args(Level)),
                default="mid",
                required=True,
                format_func=LEVELS.__getitem__,
                key="interview_level",
            )
        topics = st.pills(
            "Topics",
            list(TOPICS),
            selection_mode="multi",
            default=list(TOPICS),
            format_func=TOPICS.__getitem__,
            key="interview_topics",
        )
        try:
            setup = InterviewSetup(
                minutes=minutes, topics=tuple(topics), level=level, seed=secrets.randbits(32)
            )
        except SeqScopeError as error:
            st.warning(str(error), icon=":material/info:")
            return None
        count = len(plan_interview(setup, deck()))
        if not count:
            st.warning("There is no card on this yet; choose other topics.", icon=":material/info:")
            return None
        _what_to_expect(setup, count)
    return setup


def _what_to_expect(setup: InterviewSetup, count: int) -> None:
    few = len(setup.topics) > count
    st.caption(
        f"About {count} questions of {clocked(setup.question_seconds)} minutes, each with a "
        f"follow-up of {clocked(FOLLOW_UP_SECONDS)} where something was missed"
        + (f"; {count} of the {len(setup.topics)} topics are drawn." if few else ".")
    )


def _begin(setup: InterviewSetup, earlier: list[Interview]) -> None:
    asked = asked_before([each.card_id for each in past.asked] for past in earlier)
    cards = deck()
    interview = begin(
        setup,
        plan_interview(setup, cards, asked),
        interview_id=secrets.token_hex(8),
        at=now(),
        cards=cards,
    )
    keep_interview(interview)
    state.follow_interview(interview.id)
    st.rerun()


def _how_it_goes() -> None:
    by_level = ", ".join(
        f"{LEVELS[name].lower()} {clocked(s)}" for name, s in QUESTION_SECONDS.items()
    )
    with st.expander("How it goes", icon=":material/info:"):
        st.markdown(
            f"""
- **Time.** A question has its own time ({by_level}), a follow-up {clocked(FOLLOW_UP_SECONDS)}.
  When it is up you may finish your sentence, for {GRACE_SECONDS} seconds; then your answer is taken
  as it stands and the next question comes. The interview ends on the minute.
- **Follow-ups** are drawn from the key points that your answer left out, at most two a question and
  only while the remaining questions keep their time. They can only add to your points.
- **Leaving.** What you type is kept: a refresh, a crash or a restart of the server loses nothing.
  The clock goes on meanwhile, as it would in the room.
- **Keyboard.** Type at once; Ctrl+Enter (⌘+Enter) gives the answer.
- **Points** are found by matching phrases. That is a hint, not a judge: you rate yourself at the
  end, and what was weak comes back in Study.
"""
        )


def _under_way(interviews: list[Interview]) -> None:
    at = now()
    for interview in interviews:
        if interview.ended is not None:
            continue
        over = interview.is_over(at)
        left = max(1, round((interview.deadline - at).total_seconds() / 60))
        told = "its time is up" if over else f"{left} minutes left" if left > 1 else "a minute left"
        with _row():
            st.markdown(
                f"**Under way** since {told_time(interview.started)}: {_described(interview)}, "
                f"{told}"
            )
            _link(interview, "See the review" if over else "Continue", ":material/play_arrow:")


def _past(interviews: list[Interview]) -> None:
    ended = [each for each in interviews if each.ended is not None]
    st.subheader("Your interviews", anchor=False)
    if not ended:
        st.caption("None yet: your first review will be kept here.")
    for interview in ended[:MOST_LISTED]:
        found = summary(interview)
        with _row():
            st.markdown(
                f"**{found.share:.0%}** · {told_time(interview.started)} · "
                f"{_described(interview)} · {found.asked} of {found.planned} questions"
            )
            _link(interview, "Review", ":material/arrow_forward:")
    if len(ended) > MOST_LISTED:
        st.caption(f"The newest {MOST_LISTED} of {len(ended)}.")


def _link(interview: Interview, label: str, icon: str) -> None:
    st.page_link(
        PAGE,
        label=label,
        icon=icon,
        query_params={state.INTERVIEW_PARAMETER: interview.id},
        width="content",
    )


def _row() -> DeltaGenerator:
    return st.container(
        border=True,
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    )


def _described(interview: Interview) -> str:
    setup = interview.setup
    names = [TOPICS[topic].lower() for topic in setup.topics]
    topics = ", ".join(names) if len(names) <= 2 else f"{len(names)} topics"
    return f"{setup.minutes} minutes, {LEVELS[setup.level].lower()} level, {topics}"
