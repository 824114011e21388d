"""A round of True or trap?: one statement, what one says, and the experiment that decides."""

import secrets
import time
from dataclasses import dataclass

import streamlit as st

from core.claims.durations import seconds_of
from core.errors import RunError, SeqScopeError
from core.labs.config import ClaimsConfig
from core.practice.card import TOPICS
from core.practice.clock import now
from core.practice.store import TrapAnswer
from core.practice.trap_round import (
    COUNTS,
    Said,
    TrapQuestion,
    TrapRound,
    is_right,
    name_round,
    outcome,
    traps,
)
from core.runs.record import RunRecord, open_record
from pages.components import state
from pages.components.cache import engine, practice_store, start_run
from pages.components.card_links import card_link
from pages.components.card_view import reference_answer, sources
from pages.components.polling import poll
from pages.components.run_view import POLL_SECONDS
from pages.components.trap_ruling import WORDS, ruling, score_line

ROUND, PLACE, SAID, RUN = "round", "at", "said", "run"
"""What a link to a round says: which, where one is, what one said, and the run that decides."""

STARTED = "trap_started"
"""The setting that holds the answer whose experiment was started last, and its run."""

ICONS: dict[Said, str] = {"true": ":material/check_circle:", "trap": ":material/warning:"}


@dataclass(frozen=True, slots=True)
class Deciding:
    """An answer whose experiment is under way."""

    said: Said
    run_id: str


def trap_setup(answers: list[TrapAnswer]) -> None:
    """Ask what the next round is about, and show how the earlier ones went."""
    with st.container(border=True, key="trap_setup"):
        topics = st.pills(
            "Topics",
            [topic for topic in TOPICS if traps([topic])],
            selection_mode="multi",
            format_func=TOPICS.__getitem__,
            key="trap_topics",
            help="None chosen: all of them.",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            count = st.segmented_control(
                "Statements", COUNTS, default=COUNTS[0], required=True, key="trap_count"
            )
            st.button(
                "Begin",
                type="primary",
                icon=":material/play_arrow:",
                key="trap_begin",
                shortcut="Space",
                on_click=_begin,
                args=(count, tuple(topics)),
            )
    if answers:
        score_line(answers, "So far")


def _begin(count: int, topics: tuple[str, ...]) -> None:
    _leave_question()
    st.query_params[ROUND] = name_round(secrets.token_hex(6), count, topics)


def trap_room(found: TrapRound) -> None:
    """Show where the round is: a statement, its experiment, its outcome, or the round's end."""
    kept = found.answers(practice_store().trap_answers(state.practiser()))
    place = next((at for at in range(len(found.questions)) if at not in kept), None)
    shown = _shown_place()
    if shown in kept:
        _outcome(found, shown, kept[shown])
    elif place is None:
        _end(found, kept)
    else:
        _bar(found, place)
        deciding = _deciding(found.questions[place]) if shown == place else None
        if deciding is None:
            _ask(found, place)
        else:
            _decide(found, place, deciding)


def _shown_place() -> int:
    given = st.query_params.get(PLACE, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 3 else -1


def _deciding(question: TrapQuestion) -> Deciding | None:
    """Return the answer that the link names, if a run of this claim decides about it."""
    said, run_id = st.query_params.get(SAID), st.query_params.get(RUN, "")
    try:
        header = engine().store.header(run_id)
    except RunError:
        return None
    if said not in WORDS or header.lab != "claims" or header.config["only"] != [question.claim]:
        return None
    return Deciding(said, run_id)


def _bar(found: TrapRound, place: int) -> None:
    count = len(found.questions)
    st.progress(place / count, text=f"**{place + 1} of {count}**")


def _ask(found: TrapRound, place: int) -> None:
    question = found.questions[place]
    with st.container(border=True, key="trap_statement"):
        st.caption(TOPICS[question.card.topic])
        st.header(question.statement, anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", key="trap_buttons"):
            for number, (said, word) in enumerate(WORDS.items(), start=1):
                st.button(
                    word,
                    key=f"trap_{said}:{found.answer_id(place)}",
                    icon=ICONS[said],
                    shortcut=str(number),
                    on_click=_say,
                    args=(found.answer_id(place), place, question, said),
                )
            st.caption(
                f"Its experiment then takes about {seconds_of(question.claim):.0f} s. "
                "Keys: **1** true, **2** a trap."
            )


def _say(answer_id: str, place: int, question: TrapQuestion, said: Said) -> None:
    """Start the experiment that decides; one that this session started for this answer decides it.

    A second press may come before the browser's link names the run; who goes Back and says
    otherwise is decided by the same run.
    """
    if _shown_place() == place and _deciding(question) is not None:
        return
    started_for, run_id = state.setting(STARTED, ("", ""))
    if started_for == answer_id and _is_kept(run_id):
        st.query_params.update({PLACE: str(place), SAID: said, RUN: run_id})
        return
    _start(place, question, said)
    state.put_setting(STARTED, (answer_id, st.query_params.get(RUN, "")), over=True)


def _is_kept(run_id: str) -> bool:
    try:
        engine().store.header(run_id)
    except RunError:
        return False
    return True


def _start(place: int, question: TrapQuestion, said: Said) -> None:
    try:
        config = ClaimsConfig(only=(question.claim,))
        run_id = start_run("claims", config, visitor=state.visitor())
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/error:")
    else:
        st.query_params.update({PLACE: str(place), SAID: said, RUN: run_id})


def _decide(found: TrapRound, place: int, deciding: Deciding) -> None:
    """Follow the experiment; its verdict is kept the moment it is there."""
    question = found.questions[place]
    with st.container(border=True, key="trap_statement"):
        st.caption(TOPICS[question.card.topic])
        st.header(question.statement, anchor=False)
        st.markdown(f"You said: **{WORDS[deciding.said].lower()}**. The experiment decides.")

        def follow() -> None:
            record = open_record(engine().store, deciding.run_id)
            verdict = record.verdicts.get(question.claim)
            if verdict is not None:
                _keep(found, place, deciding, verdict["verdict"], verdict["measured"])
                st.rerun()
            elif record.is_ended:
                _failed(place, question, deciding, record)
            else:
                _progress(question, deciding, record)

        poll(follow, POLL_SECONDS)


def _progress(question: TrapQuestion, deciding: Deciding, record: RunRecord) -> None:
    queued = engine().pool.place(deciding.run_id)
    if queued:
        st.progress(0.0, text=f"Place {queued} in the queue: other runs are under way.")
        return
    since = time.time() - record.started_at if record.started_at else 0.0
    about = seconds_of(question.claim)
    st.progress(
        min(since / about, 0.95),
        text=f"Running on this machine for {since:.0f} s of about {about:.0f} s",
    )


def _failed(place: int, question: TrapQuestion, deciding: Deciding, record: RunRecord) -> None:
    st.error(f"The experiment gave no verdict. {record.cause}", icon=":material/error:")
    st.button(
        "Run it again",
        key="trap_again",
        icon=":material/replay:",
        on_click=_start,
        args=(place, question, deciding.said),
    )


def _keep(found: TrapRound, place: int, deciding: Deciding, verdict: str, measured: str) -> None:
    question = found.questions[place]
    answer = TrapAnswer(
        id=found.answer_id(place),
        claim=question.claim,
        said=deciding.said,
        shown=question.shown,
        verdict=verdict,
        is_right=is_right(deciding.said, question.shown, verdict),
        at=now(),
        run_id=deciding.run_id,
        measured=measured,
    )
    practice_store().add_trap_answer(state.practiser(), answer)


def _outcome(found: TrapRound, place: int, answer: TrapAnswer) -> None:
    question = found.questions[place]
    _bar(found, place)
    with st.container(border=True, key="trap_statement"):
        st.caption(TOPICS[question.card.topic])
        st.header(question.statement, anchor=False)
        ruling(answer)
        is_last = place + 1 == len(found.questions)
        st.button(
            "See the round" if is_last else "Next",
            key="trap_next",
            type="primary",
            icon=":material/arrow_forward:",
            shortcut="Space",
            on_click=_leave_question,
        )
    with st.container(border=True, key="trap_why"):
        if question.shown == "counter":
            st.caption(f"What is usually said: {question.card.question}")
        reference_answer(question.card)
        sources(question.card)
        card_link(question.card, "The whole card")


def _leave_question() -> None:
    for name in (PLACE, SAID, RUN):
        st.query_params.pop(name, None)


def _end(found: TrapRound, kept: dict[int, TrapAnswer]) -> None:
    st.progress(1.0, text="**The round is over**")
    score_line([kept[place] for place in sorted(kept)], "This round")
    for place, question in enumerate(found.questions):
        answer = kept[place]
        was = outcome(answer.shown, answer.verdict)
        with st.container(border=True):
            mark = {True: ":green-badge[Right]", False: ":red-badge[Wrong]"}
            sign = ":orange-badge[It depends]" if was is None else mark[bool(answer.is_right)]
            st.markdown(f"{sign} **{question.statement}**")
            told = "" if was is None else f" It is {WORDS[was].lower()}."
            st.caption(
                f"You said: {WORDS[answer.said].lower()}.{told} Measured: {answer.measured}."
            )
            card_link(question.card, "Card")
    st.button(
        "Another round",
        type="primary",
        icon=":material/replay:",
        key="trap_more",
        shortcut="Space",
        on_click=_leave_round,
    )


def _leave_round() -> None:
    _leave_question()
    st.query_params.pop(ROUND, None)
