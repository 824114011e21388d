"""The end of a session of study: what was done, and what comes next."""

import streamlit as st

from core.labs.estimate import in_words
from core.practice.study_queue import span_in_words, start_of_day, tally_study
from pages.components.study_keys import FOCUS, study_keys
from pages.components.study_session import MORE_NEW, Session, more_new


def session_end(session: Session) -> None:
    """Show what today's study was, when the next card is due, and the way on."""
    plan = session.plan
    with st.container(border=True, key="study_end"):
        with st.container(key=FOCUS):
            st.subheader("Done for today" if plan.done else "Nothing is due", anchor=False)
        _done(session)
        if plan.next_due is not None:
            wait = span_in_words(plan.next_due - session.at)
            cards = "card is" if plan.next_count == 1 else "cards are"
            st.markdown(f"The next **{plan.next_count}** {cards} due in **{wait}** or soon after.")
        elif not plan.more_new:
            st.markdown("There is no card of these topics and levels: take a filter away.")
        with st.container(horizontal=True, vertical_alignment="center", key="study_end_links"):
            if plan.more_new:
                st.button(
                    f"Learn {min(MORE_NEW, plan.more_new)} more new cards",
                    key="study_more",
                    icon=":material/add:",
                    type="primary",
                    shortcut="M",
                    on_click=more_new,
                )
            st.page_link("pages/practice/progress.py", label="Progress", width="content")
            st.page_link("pages/practice/trap_round.py", label="True or trap?", width="content")
            st.page_link(
                "pages/practice/mock_interview.py", label="Mock interview", width="content"
            )
    study_keys("end", focus=FOCUS, revealed=False)


def _done(session: Session) -> None:
    tally = tally_study(session.reviews, start_of_day(session.at, session.zone))
    if not tally.cards:
        return
    cards = "card" if tally.cards == 1 else "cards"
    parts = [f"**{tally.cards}** {cards} studied"]
    parts += [f"{label} {count}" for label, count in tally.ratings.items()]
    if tally.of:
        parts.append(f"{tally.named} of {tally.of} points named in writing")
    if tally.seconds:
        parts.append(f"{in_words(tally.seconds)} in all")
    st.markdown(" · ".join(parts))
