"""Where a guided demo stands, as its address says it: a refresh goes on from there."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from pages.components.state import RUN_PARAMETER

DEMO, STEP, VIEW, TOOK, CLAIM = "demo", "step", "view", "took", "claim"
PRESENTER = "presenter"
MOST_STEP = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which demo, which step of it (from 1), which runs, and whether a speaker looks at it.

    `took` is after how many seconds the punch line was there, None before.
    """

    demo: str | None
    step: int
    run: str | None
    claim: str | None
    took: float | None
    is_presenter: bool


def place() -> Place:
    """Return where the address points to; what makes no sense in it counts as not said."""
    asked = st.query_params
    step, took = asked.get(STEP, ""), asked.get(TOOK, "")
    return Place(
        demo=asked.get(DEMO) or None,
        step=min(int(step), MOST_STEP) if step.isascii() and step.isdigit() and step != "0" else 1,
        run=asked.get(RUN_PARAMETER) or None,
        claim=asked.get(CLAIM) or None,
        took=float(took) if took.isascii() and took.isdigit() else None,
        is_presenter=asked.get(VIEW) == PRESENTER,
    )


def open_demo(demo: str, is_presenter: bool) -> None:
    """Open a demo at its first step. A link of this page to itself would not change the address."""
    close_demo()
    st.query_params[DEMO] = demo
    show_presenter(is_presenter)


def close_demo() -> None:
    """Show all demos again."""
    go_to_start()
    for name in (DEMO, VIEW):
        st.query_params.pop(name, None)


def go_to(step: int) -> None:
    """Show this step from now on."""
    st.query_params[STEP] = str(step)


def go_to_start() -> None:
    """Show the first step, and forget the run: the next one begins anew."""
    for name in (STEP, RUN_PARAMETER, TOOK, CLAIM):
        st.query_params.pop(name, None)


def keep_run(run_id: str) -> None:
    """Follow a run that was started just now."""
    go_to_start()
    st.query_params[RUN_PARAMETER] = run_id


def keep_claim(run_id: str) -> None:
    """Follow the run that puts the demo's claim to the test."""
    st.query_params[CLAIM] = run_id


def keep_time(seconds: float) -> None:
    """Keep after how many seconds the punch line was there."""
    st.query_params[TOOK] = f"{seconds:.0f}"


def show_presenter(is_presenter: bool) -> None:
    """Show the speaker's view from now on, or the audience's."""
    if is_presenter:
        st.query_params[VIEW] = PRESENTER
    else:
        st.query_params.pop(VIEW, None)


def link_to(demo: str, *, presenter: bool = False) -> str:
    """Return the address that opens a demo at its first step."""
    here = urlsplit(st.context.url or "")._replace(query="", fragment="").geturl()
    return f"{here}?{DEMO}={demo}{f'&{VIEW}={PRESENTER}' if presenter else ''}"
