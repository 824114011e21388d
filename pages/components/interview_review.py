"""After an interview: what it was worth, what was weak, every answer, and how to go on."""

import streamlit as st

from core.practice.card import LEVELS
from core.practice.deck import deck
from core.practice.interview import Interview
from core.practice.interview_review import (
    HOW_IT_IS_SCORED,
    CardResult,
    Summary,
    card_results,
    clocked,
    summary,
    time_table,
    topic_table,
    weakest,
)
from core.practice.report import html_report, markdown_report
from pages.components import state
from pages.components.card_view import practice_styles
from pages.components.figure_card import figure_card
from pages.components.figures.interview import (
    answer_times_figure,
    rows_pixels,
    topic_points_figure,
)
from pages.components.interview_answer import answered_card, next_steps
from pages.components.interview_ratings import rate_as_suggested
from pages.components.interview_shelf import told_time, zone_name

WORTH = "core.practice.interview_review"


def interview_review(interview: Interview) -> None:
    """Show the whole review of an interview that has ended."""
    practice_styles()
    found, results = summary(interview), card_results(interview)
    setup = interview.setup
    st.caption(
        f"Review · {told_time(interview.started)} · {setup.minutes} minutes · "
        f"{LEVELS[setup.level].lower()} level"
    )
    if not results:
        st.info("It ended before anything was answered, so there is nothing to review.")
        _again()
        return
    _numbers(interview, found)
    _top(interview)
    _charts(interview)
    _weak(interview)
    _answers(interview, results)
    st.caption(HOW_IT_IS_SCORED)
    _again()


def _numbers(interview: Interview, found: Summary) -> None:
    minutes = interview.setup.minutes
    with st.container(horizontal=True, gap="medium", key="interview_numbers"):
        st.metric("Key points", f"{found.share:.0%}", width="content")
        st.metric("Points", f"{found.points:g} of {found.of}", width="content")
        st.metric("Questions", f"{found.asked} of {found.planned}", width="content")
        st.metric("Mistakes", found.mistakes, width="content")
        st.metric("Minutes", f"{clocked(found.seconds)} of {minutes}", width="content")
        st.metric("Over the budgets", clocked(found.overtime), width="content")


def _top(interview: Interview) -> None:
    cards, zone = deck(), zone_name()
    name = f"interview-{interview.started:%Y-%m-%d}"
    with st.container(horizontal=True, vertical_alignment="center", key="interview_files"):
        st.download_button(
            "Report (HTML)",
            data=lambda: html_report(interview, cards, zone=zone),
            file_name=f"{name}.html",
            mime="text/html",
            icon=":material/download:",
            key="interview_html",
            on_click="ignore",
            help="One file; print it from the browser to keep it as PDF.",
        )
        st.download_button(
            "Report (Markdown)",
            data=lambda: markdown_report(interview, cards, zone=zone),
            file_name=f"{name}.md",
            mime="text/markdown",
            icon=":material/download:",
            key="interview_markdown",
            on_click="ignore",
        )
        _again("interview_again_above")


def _charts(interview: Interview) -> None:
    topics, times = topic_table(interview), time_table(interview)
    height = rows_pixels(topics, times)
    left, right = st.columns(2)
    with left:
        figure_card(
            "Points by topic",
            topic_points_figure(topics),
            topics,
            key="interview_points",
            computed_by=(f"{WORTH}:topic_table", f"{WORTH}:CardResult"),
            caption="The full bar is what the answers named, less mistakes; the pale one is all "
            "that there was to name.",
            height=height,
        )
    with right:
        figure_card(
            "Time by answer",
            answer_times_figure(times),
            times,
            key="interview_times",
            computed_by=f"{WORTH}:time_table",
            caption="Each answer against its budget (pale); orange is overtime.",
            height=height,
        )


def _weak(interview: Interview) -> None:
    found = weakest(interview)
    st.subheader("Weakest first", anchor=False)
    if not found:
        st.markdown("Every answer named all its key points, and made no mistake.")
        return
    for column, result in zip(st.columns(len(found)), found, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{result.question.question}**")
            st.caption(f"{result.points:g} of {result.of} points")
            card = deck().get(result.card_id)
            if card is None:
                st.caption("This card is no longer in the deck.")
            else:
                next_steps(card)


def _answers(interview: Interview, results: list[CardResult]) -> None:
    st.subheader("Every answer", anchor=False)
    st.caption("Rate yourself: it sets when the card comes back in Study.")
    rate_as_suggested(interview, results)
    first = min(results, key=lambda each: each.share).number
    for result in results:
        answered_card(interview, result, opened=result.number == first)


def _again(key: str = "interview_again") -> None:
    if st.button("Hold another interview", icon=":material/replay:", key=key, type="tertiary"):
        state.leave_interview()
        st.rerun()
