"""All claims in one table: verdict, the number that decided it, when and on what, and a button."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st

from core.claims.catalogue import CLAIMS
from core.claims.claim import Claim
from core.claims.durations import LIVE_SECONDS, WHY_LONG, runs_live, seconds_of
from core.labs.config import LABS
from core.labs.estimate import in_words
from core.practice.deck import trap_of_claim
from core.runs.verdicts import Board, read_board
from core.text.spreadsheet import csv_of
from pages.components import state
from pages.components.cache import engine
from pages.components.card_links import card_link, lab_link, lab_page
from pages.components.claims_view import BADGES, check_claims
from pages.components.polling import poll
from pages.components.run_view import POLL_SECONDS, command

NOT_RUN = "not run yet"
FILTERS = {name: word for name, (word, _, _) in BADGES.items()} | {NOT_RUN: "Not run yet"}


def claim_board() -> None:
    """Show the table with its filters; while something runs, it is looked at again."""
    board = read_board(engine().store, state.visitor())
    _summary(board)
    labs, verdicts = _filters()
    shown = [claim for claim in CLAIMS.values() if _is_shown(claim, board, labs, verdicts)]
    _controls(board, shown)
    _watch(board)
    linked = st.query_params.get("claim", "")
    if linked.isascii() and linked.isdigit() and int(linked) in CLAIMS:
        st.subheader("The claim of this link", anchor=False)
        _row(CLAIMS[int(linked)], board, key="linked")
    elif linked:
        st.warning(
            f"There is no claim '{linked[:20]}'; they are numbered 1 to {max(CLAIMS)}.",
            icon=":material/link_off:",
        )
    if not shown:
        st.caption("No claim is left by these filters.")
    for lab in dict.fromkeys(claim.lab for claim in shown):
        _heading(lab)
        for claim in shown:
            if claim.lab == lab:
                _row(claim, board, key="row")
    _downloads(board)


def _summary(board: Board) -> None:
    verdicts = [ruling.verdict for ruling in board.rulings.values()]
    with st.container(horizontal=True, key="claim_counts"):
        for name, (word, _, _) in BADGES.items():
            st.metric(word, verdicts.count(name), border=True)
        st.metric("Not run yet", len(CLAIMS) - len(verdicts), border=True)
        taken = sum(ruling.seconds for ruling in board.rulings.values())
        st.metric(
            "Time",
            in_words(taken) if verdicts else "-",
            border=True,
            help="What the experiments behind these verdicts took together.",
        )


def _controls(board: Board, shown: Sequence[Claim]) -> None:
    numbers = tuple(claim.number for claim in shown)
    missing = tuple(number for number in numbers if number not in board.rulings)
    about = in_words(sum(map(seconds_of, numbers))) if numbers else ""
    with st.container(horizontal=True, vertical_alignment="center", key="claim_controls"):
        st.button(
            "Run all" if len(numbers) == len(CLAIMS) else f"Run these {len(numbers)}",
            icon=":material/play_arrow:",
            type="primary",
            key="claims_all",
            help="One after the other, in the background",
            disabled=bool(board.under_way) or not numbers,
            on_click=check_claims,
            args=(numbers,),
        )
        if missing and len(missing) < len(numbers):
            st.button(
                f"Run the {len(missing)} missing",
                key="claims_missing",
                disabled=bool(board.under_way),
                on_click=check_claims,
                args=(missing,),
            )
        if board.under_way:
            st.button(
                "Stop",
                icon=":material/stop:",
                key="claims_stop",
                help="What was decided is kept",
                on_click=_stop,
                args=(tuple(dict.fromkeys(board.under_way.values())),),
            )
        elif numbers:
            st.caption(
                f"About {about} for all of them on two idle cores, in the background: leave, and "
                "come back."
            )


def _stop(run_ids: Sequence[str]) -> None:
    for run_id in run_ids:
        command(run_id, "stop")


def _watch(board: Board) -> None:
    """While claims are put to the test, say how far it is, and draw anew at each verdict."""
    if not board.under_way:
        return

    def follow() -> None:
        if read_board(engine().store, state.visitor()) != board:
            st.rerun()
        st.progress(_share_done(board), text=_progress_words(board))

    poll(follow, POLL_SECONDS)


def _share_done(board: Board) -> float:
    """Return how far the runs under way have come, by what their experiments usually take."""
    whole = sum(map(seconds_of, board.asked))
    return max(0.0, 1 - sum(map(seconds_of, board.under_way)) / whole) if whole else 0.0


def _progress_words(board: Board) -> str:
    left = in_words(sum(map(seconds_of, board.under_way)))
    if not board.at_work:
        return f"{len(board.under_way)} to go: waiting for a place, other runs are under way."
    names = " and ".join(f"claim {number}" for number in sorted(board.at_work))
    verb = "are" if len(board.at_work) > 1 else "is"
    told = f"{names[:1].upper()}{names[1:]} {verb} put to the test"
    return f"{told}; {len(board.under_way)} to go, about {left}."


def _filters() -> tuple[list[str], list[str]]:
    with st.container(horizontal=True, key="claim_filters"):
        with st.container(width="content"):
            labs = st.pills(
                "Lab",
                list(dict.fromkeys(claim.lab for claim in CLAIMS.values())),
                selection_mode="multi",
                format_func=lambda lab: LABS[lab].title,
                key="claim_labs",
                persist_state="session",
            )
        with st.container(width="content"):
            verdicts = st.pills(
                "Verdict",
                list(FILTERS),
                selection_mode="multi",
                format_func=FILTERS.__getitem__,
                key="claim_verdicts",
                persist_state="session",
            )
    return list(labs), list(verdicts)


def _is_shown(claim: Claim, board: Board, labs: Sequence[str], verdicts: Sequence[str]) -> bool:
    ruling = board.rulings.get(claim.number)
    verdict = ruling.verdict if ruling else NOT_RUN
    return (not labs or claim.lab in labs) and (not verdicts or verdict in verdicts)


def _heading(lab: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"claims_of_{lab}"):
        st.subheader(LABS[lab].title, anchor=lab)
        st.page_link(lab_page(lab), label="Open the lab", icon=":material/arrow_forward:")


def _row(claim: Claim, board: Board, *, key: str) -> None:
    with st.container(border=True, key=f"{key}:{claim.number}"):
        text, end = st.columns([5, 2], vertical_alignment="top")
        with text.container(gap="xxsmall"):
            st.markdown(f"**{claim.number}. {claim.statement}**")
            _deciding(claim, board)
        with end.container(gap="xsmall"):
            _state(claim, board)
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                has_ruling = claim.number in board.rulings
                st.button(
                    "Run again" if has_ruling else "Run",
                    icon=":material/replay:" if has_ruling else ":material/play_arrow:",
                    key=f"{key}_run:{claim.number}",
                    disabled=claim.number in board.under_way,
                    on_click=check_claims,
                    args=((claim.number,),),
                )
                card = trap_of_claim(claim.number)
                if card is not None:
                    card_link(card, "Card")
                    lab_link(card, "Lab")


def _deciding(claim: Claim, board: Board) -> None:
    """Show what decided: the number, what it was held against, of how many; when, on what."""
    ruling = board.rulings.get(claim.number)
    failed = board.failed.get(claim.number)
    if failed and claim.number not in board.under_way:
        st.error(f"The newest run gave no verdict. {failed}", icon=":material/error:")
    if ruling is None:
        st.caption(_before(claim.number))
        return
    st.markdown(ruling.sentence)
    st.caption(
        f"**Measured:** {ruling.measured}. **Threshold:** {ruling.threshold}. **n** = {ruling.n:,}."
    )
    st.caption(
        f"{ruling.seconds:.1f} s · {ruling.at:%d %b %Y %H:%M} UTC · seed {ruling.seed} · "
        f"{ruling.ran_on}"
    )


def _before(number: int) -> str:
    """Return how long the experiment takes, and why where nobody would wait for it."""
    about = f"Takes about {seconds_of(number):.0f} s"
    if runs_live(number):
        return f"{about}."
    why = WHY_LONG.get(number, "it trains for longer")
    return f"{about}, more than the {LIVE_SECONDS:.0f} s of a live answer: {why}."


def _state(claim: Claim, board: Board) -> None:
    """Show the newest verdict as a badge, and whether its experiment runs or waits."""
    with st.container(horizontal=True, gap="xsmall"):
        if claim.number in board.at_work:
            st.badge("Running", color="blue", icon=":material/hourglass_top:")
        elif claim.number in board.under_way:
            st.badge("Waiting", color="gray", icon=":material/hourglass_empty:")
        ruling = board.rulings.get(claim.number)
        if ruling is not None:
            word, color, icon = BADGES[ruling.verdict]
            st.badge(word, color=color, icon=icon)
        elif claim.number not in board.under_way:
            st.badge("Not run yet", color="gray", icon=":material/hourglass_empty:")


def _downloads(board: Board) -> None:
    rows = [
        {"statement": CLAIMS[number].statement, **asdict(board.rulings[number])}
        for number in CLAIMS
        if number in board.rulings
    ]
    if not rows:
        return
    for row in rows:
        row["at"] = row["at"].isoformat(timespec="seconds")
    with st.container(horizontal=True, vertical_alignment="center", key="claim_files"):
        st.download_button(
            "CSV",
            data=lambda: csv_of(pd.DataFrame(rows)),
            file_name="claims.csv",
            mime="text/csv",
            icon=":material/download:",
            key="claims_csv",
            on_click="ignore",
        )
        st.download_button(
            "JSON",
            data=lambda: json.dumps(rows, indent=1, ensure_ascii=False),
            file_name="claims.json",
            mime="application/json",
            icon=":material/download:",
            key="claims_json",
            on_click="ignore",
        )
        st.caption("The same without a browser: `python -m core claims --only 2 29`")
