"""How an answer of True or trap? was ruled, and how many were right."""

import streamlit as st

from core.errors import RunError
from core.practice.store import TrapAnswer
from core.practice.trap_round import Said, outcome, score
from core.runs.record import open_record
from core.text.phrases import percent
from pages.components.cache import engine
from pages.components.claims_view import BADGES

WORDS: dict[Said, str] = {"true": "True", "trap": "A trap"}


def ruling(answer: TrapAnswer) -> None:
    """Say whether it was right, and what the experiment said."""
    was = outcome(answer.shown, answer.verdict)
    said = f"You said: {WORDS[answer.said].lower()}."
    if was is None:
        st.info(f"It depends. {said} It counts for neither side.", icon=":material/help:")
    elif answer.is_right:
        st.success(f"Right: {WORDS[was].lower()}.", icon=":material/check:")
    else:
        st.error(f"{said} It is {WORDS[was].lower()}.", icon=":material/close:")
    word, color, icon = BADGES[answer.verdict]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(f"Claim {answer.claim}: {word.lower()}", color=color, icon=icon)
        verdict = _verdict(answer)
        told = f", threshold: {verdict['threshold']}, n = {verdict['n']}" if verdict else ""
        seconds = f", {verdict['seconds']:.1f} s" if verdict else ""
        st.caption(f"Measured just now: {answer.measured}{told}{seconds}.")
    if verdict:
        st.markdown(verdict["sentence"])


def _verdict(answer: TrapAnswer) -> dict[str, object] | None:
    """Return the verdict as its run has it; None when the run was removed."""
    try:
        return open_record(engine().store, answer.run_id).verdicts.get(answer.claim)
    except RunError:
        return None


def score_line(answers: list[TrapAnswer], label: str) -> None:
    """Show how many answers were right, and of how many that were decided."""
    found = score(answers)
    with st.container(horizontal=True):
        right = percent(found.right / found.decided, 0) if found.decided else "-"
        st.metric(f"{label}: right", f"{found.right} of {found.decided}", border=True)
        st.metric("Share", right, border=True)
        st.metric(
            "It depends", found.depends, border=True, help="Decided neither way, so not counted."
        )
