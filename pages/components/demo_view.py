"""A guided demo on the page: what to say, what to press, what to look at, and how it ends."""

import time
from dataclasses import replace
from pathlib import Path

import streamlit as st

from core.errors import RunError
from core.practice.demo import Demo, Step
from core.practice.demo_words import Punch, punch_line
from core.runs.record import RunRecord, open_record
from pages.components import demo_link
from pages.components.cache import engine
from pages.components.demo_charts import CHARTS, NOTHING, Scene
from pages.components.demo_clock import demo_clock
from pages.components.demo_dial import demo_dial
from pages.components.demo_link import Place
from pages.components.demo_run import follow_claim, go_on, is_done, is_met, what_is_seen
from pages.components.figures.style import HEIGHT
from pages.components.polling import poll
from pages.components.run_view import POLL_SECONDS, RunView, open_view, run_status, watch

STYLES = Path(__file__).parent / "assets" / "demo.css"
LAB_PAGES = {
    "gradient-flow": "pages/labs/gradient_flow.py",
    "clipping": "pages/labs/clipping.py",
    "translation": "pages/labs/translation.py",
    "sentiment": "pages/labs/sentiment.py",
    "length": "pages/labs/length.py",
    "serving": "pages/labs/serving.py",
}
NEXT, BACK = "demo_next", "demo_back"
SPEAKER_HEIGHT = 440
"""Pixels of a chart that is looked at from afar."""


def demo_page(demo: Demo, place: Place) -> None:
    """Show the step of a demo that the address points to."""
    st.html(STYLES)
    view = _run_of(demo, place)
    number = min(place.step, len(demo.steps), demo.starts_at if view is None else place.step)
    follow_claim(demo, place.claim)
    with st.container(key="demo_speaker" if place.is_presenter else "demo_audience", gap="small"):
        _bar(demo, number, view, place)
        st.title(demo.title)
        st.caption(demo.question)
        step = demo.steps[number - 1]
        if place.is_presenter:
            left, right = st.columns([3, 2], gap="large")
            with left:
                _say(step)
                _controls(demo, number, view)
            with right:
                _notes(step)
        else:
            _say(step)
            _controls(demo, number, view)
        if number == len(demo.steps) and view:
            _punch(demo, view, place)
        _charts(demo, number, view, place)
        if view:
            _run(demo, view)


def _run_of(demo: Demo, place: Place) -> RunView | None:
    """Return the demo's run; what the address names wrongly is said, and there is none."""
    if place.run is None:
        return None
    try:
        view = open_view(place.run)
    except RunError as error:
        st.warning(f"{error} The demo starts at its first step.", icon=":material/link_off:")
    else:
        if view.config == demo.config:
            return view
        st.warning("This run is not one of this demo, which starts at its first step.")
    demo_link.go_to_start()
    return None


def _bar(demo: Demo, number: int, view: RunView | None, place: Place) -> None:
    """Show the way back to all demos, the step, the time, and the two views."""
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key="demo_bar",
    ):
        st.button(
            "All demos",
            icon=":material/arrow_back:",
            key="demo_close",
            on_click=demo_link.close_demo,
        )
        st.markdown(f"Step **{number}** of {len(demo.steps)}", width="content")
        with st.container(width=170):
            _clock(demo, view, place)
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            st.toggle(
                "Presenter view",
                value=place.is_presenter,
                key="demo_presenter",
                help="Large type and speaker notes",
                on_change=demo_link.show_presenter,
                args=(not place.is_presenter,),
            )
            with st.popover("Send", icon=":material/link:", key="demo_link"):
                st.caption("A link that opens this demo at its first step, for an audience:")
                st.code(demo_link.link_to(demo.name), language=None, wrap_lines=True)
                st.caption("And with large type and speaker notes:")
                link = demo_link.link_to(demo.name, presenter=True)
                st.code(link, language=None, wrap_lines=True)


def _clock(demo: Demo, view: RunView | None, place: Place) -> None:
    elapsed = place.took if place.took is not None else _elapsed(view)
    demo_clock(
        elapsed,
        target=demo.seconds,
        ticking=view is not None and place.took is None,
        following=NEXT,
        back=BACK,
        remote=place.is_presenter,
    )


def _elapsed(view: RunView | None) -> float:
    """Return the seconds since the demo's run was started: its first button was pressed then."""
    return max(0.0, time.time() - view.header.created) if view else 0.0


def _say(step: Step) -> None:
    with st.container(key="demo_say"):
        st.markdown(step.say)


def _notes(step: Step) -> None:
    with st.container(border=True, key="demo_notes"):
        st.caption("Notes")
        st.markdown("\n".join(f"- {note}" for note in step.notes))


def _controls(demo: Demo, number: int, view: RunView | None) -> None:
    """Show the buttons, and what is worth waiting for before one goes on."""
    step, is_last = demo.steps[number - 1], number == len(demo.steps)
    record = view.record if view else NOTHING
    ready = is_met(step.until, record)
    again = not is_last and step.action is not None and is_done(step, view)
    with st.container(horizontal=True, vertical_alignment="center", key="demo_controls"):
        st.button(
            "Back",
            icon=":material/chevron_left:",
            key=BACK,
            disabled=number == 1,
            shortcut="Left",
            on_click=demo_link.go_to,
            args=(number - 1,),
        )
        if is_last:
            st.button(
                "Show it again",
                icon=":material/replay:",
                key="demo_again",
                help="Back to the first step; the next run begins anew",
                on_click=demo_link.go_to_start,
            )
        else:
            st.button(
                "Next" if again else step.button,
                icon=":material/chevron_right:",
                icon_position="right",
                key=NEXT,
                type="primary" if ready else "secondary",
                shortcut="Right",
                on_click=go_on,
                args=(demo, number, view),
            )
        with st.container(key="demo_wait", width=330):
            _waiting(step, view, ready=ready)
        if step.dial and view:
            with st.container(width=300, key="demo_dial"):
                demo_dial(view, step.dial)


def _waiting(step: Step, view: RunView | None, *, ready: bool) -> None:
    """Say what is waited for, and how far it is; the button is there all the same."""
    if step.until is None or view is None:
        return
    until = step.until

    def line() -> None:
        record = open_record(engine().store, view.id)
        if is_met(until, record):
            if not ready:
                st.rerun()  # the button says so too
            st.caption(":material/check: Ready.")
        else:
            st.caption(f":material/hourglass_top: Better wait {until.says}{_so_far(record)}.")

    poll(line, None if ready else POLL_SECONDS)


def _so_far(record: RunRecord) -> str:
    if record.state == "queued":
        return "; its run waits for its turn"
    if not record.total:
        return ""
    return f" (now {record.step:,} of {record.total:,})"


def _punch(demo: Demo, view: RunView, place: Place) -> None:
    """Say what this run has shown, or that it has not."""

    def draw(record: RunRecord) -> None:
        found = punch_line(demo.lab, what_is_seen(demo, view, record))
        if found.state != "waiting" and place.took is None:
            demo_link.keep_time(_elapsed(view))
            st.rerun()
        with st.container(border=True, key="demo_punch"):
            _told(found)

    watch(view, draw)


def _told(found: Punch) -> None:
    if found.state == "waiting":
        st.caption(":material/hourglass_top: Not yet.")
    elif found.state == "missed":
        st.caption(":material/info: It did not show this time.")
    else:
        st.caption("What this run has shown")
    st.markdown(found.sentence)


def _charts(demo: Demo, number: int, view: RunView | None, place: Place) -> None:
    step, is_last = demo.steps[number - 1], number == len(demo.steps)
    height = SPEAKER_HEIGHT if place.is_presenter and not is_last else HEIGHT
    record = view.record if view else NOTHING
    scene = Scene(demo=demo, number=number, view=view, record=record, height=height)
    narrow: list[str] = []
    for name in step.charts:
        if CHARTS[name].is_wide:
            _row(narrow, scene)
            narrow = []
            _draw([name], scene)
        else:
            narrow.append(name)
    _row(narrow, scene)


def _row(names: list[str], scene: Scene) -> None:
    """Draw charts side by side; as one part of the page, so that they have one height."""
    if not names:
        return
    if any(CHARTS[name].is_own for name in names):
        for column, name in zip(st.columns(len(names)), names, strict=True):
            with column:
                _draw([name], scene)
    else:
        _draw(names, scene)


def _draw(names: list[str], scene: Scene) -> None:
    """Draw charts, and again while the run lasts; one that follows its numbers itself, once."""

    def draw(record: RunRecord) -> None:
        now = replace(scene, record=record)
        for column, name in zip(st.columns(len(names)), names, strict=True):
            with column:
                CHARTS[name].draw(now)

    if scene.view is None or CHARTS[names[0]].is_own:
        draw(scene.record)
    else:
        watch(scene.view, draw)


def _run(demo: Demo, view: RunView) -> None:
    """Show the run that all this comes from: an ordinary run, with a page of its own."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="demo_run"):
        with st.container(key="run_status"):
            run_status(view)
        st.page_link(
            LAB_PAGES[demo.lab],
            label="Open in its lab",
            icon=":material/open_in_new:",
            query_params={"run": view.id},
            width="content",
        )
