"""What the buttons of a guided demo do to its run, and what the run has told so far."""

import streamlit as st

from core.errors import SeqScopeError
from core.labs.config import ClaimsConfig
from core.labs.serving_what_if import WhatIf
from core.practice.demo import Check, Demo, Serve, Start, Step, Stop, Turn, Wait
from core.practice.demo_words import Seen
from core.runs.record import RunRecord, wait_for_rows
from pages.components import demo_link, state
from pages.components.cache import engine, queue_answer, start_run
from pages.components.demo_dial import turn
from pages.components.run_view import FIRST_ROWS_SECONDS, RunView, command
from pages.components.serving_desk import timed_batches


def go_on(demo: Demo, number: int, view: RunView | None) -> None:
    """Do what the button of step `number` does, and go to the next; for a button's callback.

    What was done before, and came back to, is not done again. Where it cannot be done, a toast
    says why; a run that cannot be started keeps the demo where it is.
    """
    if not is_done(demo.steps[number - 1], view) and not _act(demo, number, view):
        return
    demo_link.go_to(number + 1)


def is_done(step: Step, view: RunView | None) -> bool:
    """Return whether what the step's button does has been done in this run, or is nothing."""
    match step.action:
        case Start():
            return view is not None
        case Turn(dial=dial, value=value):
            turned = view.record.settings if view else []
            return any(each["name"] == dial and each["value"] == value for each in turned)
        case Stop():
            return view is not None and view.record.is_ended
        case Check():
            return demo_link.place().claim is not None
        case None:
            return True
        case _:
            return False  # it sets what the next step shows, however often


def _act(demo: Demo, number: int, view: RunView | None) -> bool:
    action = demo.steps[number - 1].action
    try:
        if isinstance(action, Start):
            run_id = start_run(demo.lab, demo.config, visitor=state.visitor())
            demo_link.keep_run(run_id)
            if not engine().pool.place(run_id):
                wait_for_rows(engine().store, run_id, FIRST_ROWS_SECONDS)
        elif isinstance(action, Check):
            config = ClaimsConfig(only=(action.claim,))
            run_id = start_run("claims", config, visitor=state.visitor())
            demo_link.keep_claim(run_id)
            state.follow_claims(config.only, run_id)
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/error:", duration="long")
        return not isinstance(action, Start)
    if view and isinstance(action, Turn):
        turn(view, action.dial, action.value)
    elif view and isinstance(action, Stop):
        command(view.id, "stop")
    return True


def follow_claim(demo: Demo, run_id: str | None) -> None:
    """Take the verdict on the demo's claim from `run_id`, also after a refresh."""
    numbers = tuple(s.action.claim for s in demo.steps if isinstance(s.action, Check))
    if run_id and numbers and state.claim_runs().get(numbers[0]) is None:
        state.follow_claims(numbers, run_id)


def is_met(wait: Wait | None, record: RunRecord) -> bool:
    """Return whether what a step waits for is there, or will not come any more."""
    if wait is None or record.is_ended:
        return True
    if wait.update is not None:
        return record.step >= wait.update
    return bool(wait.table) and any(name == wait.table for name, _ in list(record.tables))


def what_is_seen(demo: Demo, view: RunView, record: RunRecord) -> Seen:
    """Return what the run has told so far, for the punch line."""
    return Seen(
        config=view.config,
        series={model: record.columns(model) for model in list(record.series)},
        tables={key: table.latest.columns for key, table in list(record.tables.items())},
        marks=list(record.marks),
        turned=list(record.settings),
        is_ended=record.is_ended,
        served=_served(demo, view, record),
    )


def _served(demo: Demo, view: RunView, record: RunRecord) -> list[tuple[Serve, WhatIf]]:
    batches = timed_batches(record)
    if not demo.ways() or not batches:
        return []
    try:
        return [
            (way, queue_answer(view.id, len(batches), dict(way.settings))) for way in demo.ways()
        ]
    except SeqScopeError:
        return []  # its card says why
