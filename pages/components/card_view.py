"""One card: its question, and what a good answer to it is."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import streamlit as st

from core.claims.catalogue import find_claim
from core.practice.card import Card, Mistake, Point
from core.practice.grading import Graded, Hit
from pages.components.card_links import lab_link, tags
from pages.components.claims_view import claim_cards

_STYLES = Path(__file__).parent / "assets" / "practice.css"


def practice_styles() -> None:
    """Style cards and answers; once a page."""
    st.html(_STYLES)


def card_question(card: Card, *, before: str = "") -> None:
    """Show what is asked; of a trap, what is claimed."""
    st.caption(f"{before}{tags(card)}")
    st.subheader(card.label, anchor=False)
    if card.kind == "trap":
        st.caption("True, or a trap? Say which, and why.")


def reference_answer(card: Card) -> None:
    """Show the answer that would convince."""
    st.markdown("**Reference answer**")
    st.markdown(card.answer)


def key_points(points: Sequence[Point], title: str) -> None:
    """Show points as a list under a title."""
    if points:
        lines = "\n".join(f"- {point.says}" for point in points)
        st.markdown(f"**{title}**\n\n{lines}")


def mistakes_list(mistakes: Sequence[Mistake], title: str) -> None:
    """Show mistakes, each with why it is one."""
    if mistakes:
        lines = "\n".join(f"- {each.says}  \n  :gray[{each.why}]" for each in mistakes)
        st.markdown(f"**{title}**\n\n{lines}")


def follow_ups(card: Card) -> None:
    """Show what an interviewer asks next; each answer opens."""
    if card.follow_ups:
        st.markdown("**What is asked next**")
        for each in card.follow_ups:
            with st.expander(each.question):
                st.markdown(each.answer)


def sources(card: Card) -> None:
    """Show where the card's answer is settled."""
    st.caption("Sources: " + "; ".join(card.sources).rstrip(".") + ".")


def prove(card: Card, *, key: str) -> None:
    """Show what proves the card: its claims, to run here, and the way to its lab."""
    st.markdown("**Prove it**")
    experiment = card.experiment
    if experiment is None:
        st.markdown(card.no_experiment)
        return
    st.markdown(experiment.look)
    if card.kind == "trap":
        st.caption(f"If the verdict is Refuted, this holds: {card.counter}")
    if experiment.claims:
        claims = [find_claim(number) for number in experiment.claims]
        claim_cards(experiment.lab, claims, key=key)
    lab_link(card)


def own_answer(answer: str, graded: Graded, named: Callable[[Hit], str]) -> None:
    """Show the learner's answer as it was typed, with what it names and gets wrong marked.

    `named` says, for the tip over a place, what stands there.
    """
    parts, at = [], 0
    for hit in _apart(graded.hits):
        kind = "point" if isinstance(hit.told, Point) else "mistake"
        parts.append(escape(answer[at : hit.start]))
        tip = escape(named(hit), quote=True)
        parts.append(f'<mark class="{kind}" title="{tip}">')
        parts.append(f"{escape(answer[hit.start : hit.end])}</mark>")
        at = hit.end
    parts.append(escape(answer[at:]))
    st.html(f'<p class="own-answer">{"".join(parts)}</p>')


def _apart(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits in the order of the text, of those that overlap the mistake or the first."""
    found: list[Hit] = []
    ranked = sorted(hits, key=lambda hit: (isinstance(hit.told, Point), hit.start, -hit.end))
    for hit in ranked:
        if all(hit.end <= other.start or hit.start >= other.end for other in found):
            found.append(hit)
    return sorted(found, key=lambda hit: hit.start)
