"""The claims that a lab can prove: each with its verdict, its number, and a button that runs it."""

from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st

from core.claims.catalogue import claims_of
from core.claims.claim import Claim
from core.errors import SeqScopeError
from core.labs.config import ClaimsConfig
from core.runs.record import RunRecord, open_record
from core.runs.verdicts import read_board
from pages.components import state
from pages.components.cache import engine, start_run
from pages.components.run_view import POLL_SECONDS

Color = Literal["green", "red", "orange", "gray"]
BADGES: dict[str, tuple[str, Color, str]] = {
    "supported": ("Supported", "green", ":material/check:"),
    "refuted": ("Refuted", "red", ":material/close:"),
    "depends": ("Depends", "orange", ":material/help:"),
}
CARDS_A_ROW = 3


def claims_section(lab: str) -> None:
    """Show the lab's claims; their experiments run in the background, as any run."""
    claims = claims_of(lab)
    if not claims:
        return  # a checker of no claims would check all
    st.subheader("Claims, put to the test", anchor="claims")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("What interview answers say. A verdict comes from an experiment that runs now.")
        st.button(
            "Run all",
            icon=":material/play_arrow:",
            key=f"claims:{lab}:all",
            on_click=check_claims,
            args=(tuple(claim.number for claim in claims),),
        )
    claim_cards(lab, claims)


def claim_cards(lab: str, claims: Sequence[Claim], *, key: str = "claims") -> None:
    """Show claims of a lab as cards that can be run in place, on whatever page.

    `key` tells them from the cards of the same claims elsewhere on the page.
    """
    runs = claim_runs(claims)
    records = [_record(runs[claim.number]) for claim in claims if claim.number in runs]
    under_way = any(record and not record.is_ended for record in records)
    started = state.claim_runs()

    def cards() -> None:
        if state.claim_runs() != started:
            st.rerun()  # a card's own button draws this fragment alone, with the runs of before
        found = {c.number: _record(runs[c.number]) for c in claims if c.number in runs}
        _cards(lab, claims, found, key)
        if under_way and all(record is None or record.is_ended for record in found.values()):
            st.rerun()

    st.fragment(cards, run_every=POLL_SECONDS if under_way else None)()


def claim_runs(claims: Sequence[Claim]) -> dict[int, str]:
    """Return, by claim, the visitor's run to show: what this session started, else the newest."""
    board = read_board(engine().store, state.visitor())
    known = board.under_way | {n: ruling.run_id for n, ruling in board.rulings.items()}
    known |= state.claim_runs()
    return {claim.number: known[claim.number] for claim in claims if claim.number in known}


def check_claims(numbers: tuple[int, ...]) -> None:
    """Put claims to the test in the background; for a button's callback."""
    try:
        run_id = start_run("claims", ClaimsConfig(only=numbers), visitor=state.visitor())
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/error:")
    else:
        state.follow_claims(numbers, run_id)


def _record(run_id: str) -> RunRecord | None:
    try:
        return open_record(engine().store, run_id)
    except SeqScopeError:
        return None


def _cards(lab: str, claims: Sequence[Claim], found: dict[int, RunRecord | None], key: str) -> None:
    a_row = min(CARDS_A_ROW, len(claims))
    place = "claim" if key == "claims" else f"{key}:claim"
    for start in range(0, len(claims), a_row):
        for column, claim in zip(st.columns(a_row), claims[start : start + a_row], strict=False):
            with column, st.container(border=True, height="stretch", key=f"{place}:{claim.number}"):
                _card(lab, claim, found.get(claim.number), key)


def _card(lab: str, claim: Claim, record: RunRecord | None, key: str) -> None:
    verdict = record.verdicts.get(claim.number) if record else None
    running = record is not None and not record.is_ended and verdict is None
    with st.container(horizontal=True, vertical_alignment="center"):
        if verdict:
            word, color, icon = BADGES[verdict["verdict"]]
            st.badge(word, color=color, icon=icon)
        else:
            word = "Running" if running else "Not run yet"
            st.badge(word, color="gray", icon=":material/hourglass_empty:")
        st.caption(f"Claim {claim.number}")
    st.markdown(f"**{claim.statement}**")
    if verdict:
        _verdict(verdict)
    elif record is not None and record.state == "failed":
        st.error(record.cause)
    else:
        st.caption(claim.catch)
    st.caption(f"Source: {claim.source}")
    st.button(
        "Run again" if verdict else "Run",
        icon=":material/replay:" if verdict else ":material/play_arrow:",
        type="tertiary",
        key=f"{key}:{lab}:{claim.number}",
        disabled=running,
        on_click=check_claims,
        args=((claim.number,),),
    )


def _verdict(verdict: dict[str, Any]) -> None:
    st.markdown(verdict["sentence"])
    st.caption(
        f"Measured: {verdict['measured']}. Threshold: {verdict['threshold']}. "
        f"n = {verdict['n']}, {verdict['seconds']:.1f} s."
    )
