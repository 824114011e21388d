"""A run on the page: which one, its bar, its live settings, and the charts that follow it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from core.errors import ConfigError, RunError, SeqScopeError
from core.labs.config import ClaimsConfig, Config
from core.labs.config_json import config_from_json
from core.labs.estimate import estimate_seconds, in_words
from core.runs.record import RunRecord, open_record, wait_for_rows
from core.runs.store import RunHeader, read_text
from pages.components import state
from pages.components.cache import EXAMPLE, engine, example_run, start_run
from pages.components.figure_card import State
from pages.components.model_names import model_label
from pages.components.polling import poll

POLL_SECONDS = 0.5
LONG_RUN_SECONDS = 15
LONG_POLL_SECONDS = 1.0
FIRST_ROWS_SECONDS = 0.4
WORDS = {
    "queued": "Waiting",
    "starting": "Starting",
    "running": "Running",
    "paused": "Paused",
    "done": "Done",
    "stopped": "Stopped",
    "failed": "Failed",
    "interrupted": "Interrupted",
}
STEPS = {"serving": "step"}
"""What a run's progress counts, where it is no updates."""


@dataclass(frozen=True, slots=True)
class RunView:
    """The run that a page shows."""

    header: RunHeader
    record: RunRecord
    config: Config

    @property
    def id(self) -> str:
        """Its id, the secret part of its link."""
        return self.header.id

    @property
    def is_example(self) -> bool:
        """Whether it is the lab's own example rather than a visitor's."""
        return self.header.visitor == EXAMPLE

    @property
    def poll_seconds(self) -> float | None:
        """How often the page looks again; None when there is nothing more to see.

        A long run is looked at less often: drawing takes time from training.
        """
        if self.record.is_ended:
            return None
        if isinstance(self.config, ClaimsConfig) or (
            estimate_seconds(self.config) < LONG_RUN_SECONDS
        ):
            return POLL_SECONDS
        return LONG_POLL_SECONDS

    @property
    def is_steerable(self) -> bool:
        """Whether it can be told something: the example is everybody's, and stays as it is."""
        return not self.is_example and not self.record.is_ended


def shown_run(lab: str) -> RunView:
    """Return the run that this session follows in `lab`, or the lab's example.

    A link to a run that is gone, or to another lab's, is answered with a sentence.
    """
    run_id = state.followed_run(lab)
    if run_id is not None:
        try:
            found = open_view(run_id)
        except RunError as error:
            st.warning(f"{error} Below is this lab's example.", icon=":material/link_off:")
            state.forget_run(lab)
        else:
            if found.header.lab == lab:
                return found
            st.warning("This link belongs to another lab; below is this lab's example.")
            state.forget_run(lab)
    return example_view(lab)


def example_view(lab: str) -> RunView:
    """Return the lab's example, made here when first asked for; or say why not, and end there."""
    try:
        return open_view(example_run(lab))
    except (SeqScopeError, OSError) as error:
        st.error(f"The example of this lab cannot be made now: {error}")
        st.stop()


def open_view(run_id: str) -> RunView:
    """Return a stored run as a page shows it.

    Raises:
        RunError: there is no such run, or another version made it.
    """
    header = engine().store.header(run_id)
    try:
        config = config_from_json(header.lab, header.config)
    except ConfigError as error:
        raise RunError("This run was made by another version of SeqScope.") from error
    return RunView(header, open_record(engine().store, run_id), config)


def launch(lab: str, config: Config) -> None:
    """Start a run with `config` and follow it; for a button's callback."""
    _launch(lab, config, lambda: state.brought_text(config))


def _restart(view: RunView) -> None:
    _launch(view.header.lab, view.config, lambda: read_text(engine().store.folder(view.id)))


def _launch(lab: str, config: Config, text: Callable[[], str | None]) -> None:
    try:
        run_id = start_run(lab, config, visitor=state.visitor(), text=text())
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/error:", duration="long")
    else:
        state.follow_run(lab, run_id)
        state.form_follows(lab, run_id)  # what the form says now stays
        if not engine().pool.place(run_id):
            wait_for_rows(engine().store, run_id, FIRST_ROWS_SECONDS)


def command(run_id: str, name: str, *values: object) -> None:
    """Have the run do something; what cannot be done (any more) is said in a toast."""
    try:
        engine().pool.command(run_id, name, *values)
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/info:")


def run_bar(view: RunView, *, about: str, dials: Callable[[RunView], None]) -> None:
    """Show the run's state, progress, buttons and live settings.

    `about` says which run this is, since the settings above may already be those of the next;
    `dials` shows its live settings.
    """
    with st.container(border=True, key="run_bar", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", key="run_row"):
            with st.container(key="run_status", gap="xxsmall"):
                run_status(view)
            with st.container(horizontal=True, width="content", gap="xsmall", key="run_buttons"):
                _buttons(view)
        with st.container(horizontal=True, vertical_alignment="bottom", key="dials"):
            dials(view)
        st.caption(about)


def run_status(view: RunView) -> None:
    """Show a run's state and progress, asked for again and again while it lasts."""
    shown = view.record.state

    def status() -> None:
        record = open_record(engine().store, view.id)
        _status_line(view, record)
        if record.state != shown:
            st.rerun()  # the buttons and the polling follow the state

    poll(status, view.poll_seconds)


def _status_line(view: RunView, record: RunRecord) -> None:
    share = record.step / record.total if record.total else 0.0
    early = record.state == "done" and record.step < record.total
    parts = [f"**{'Ended early' if early else WORDS[record.state]}**", *_details(view, record)]
    example = "Example · " if view.is_example else ""
    st.progress(min(share, 1.0), text=f"{example}{' · '.join(parts)}")
    for mark in [mark for mark in record.marks if mark["what"] == "diverged"]:
        name = model_label(mark["model"], view.header.lab)
        st.caption(f":material/warning: {name}: {mark['text']}.")
    if record.state == "failed":
        st.error(f"{record.cause or 'It failed.'} Its events are kept.", icon=":material/error:")
    elif record.cause and record.state in ("interrupted", "stopped"):
        st.info(f"{record.cause} Its events are kept.", icon=":material/info:")


def _details(view: RunView, record: RunRecord) -> list[str]:
    if record.state == "queued":
        place = engine().pool.place(view.id)
        return [f"place {place} in the queue" if place else "in the queue"]
    details = []
    if record.total:
        what = STEPS.get(view.header.lab, "update")
        details.append(f"{what} {record.step:,} of {record.total:,}")
    if record.updates_per_second and record.state == "running" and view.header.lab not in STEPS:
        details.append(f"{record.updates_per_second:,.0f} updates/s")
    if record.seconds_left is not None and record.state == "running":
        details.append(f"about {in_words(record.seconds_left)} left")
    if record.is_ended and record.started_at and record.ended_at:
        details.append(f"{record.ended_at - record.started_at:.1f} s")
        ended = datetime.fromtimestamp(record.ended_at, tz=UTC)
        details.append(f"{ended:%d %b %H:%M} UTC")
    return details


def _buttons(view: RunView) -> None:
    now = view.record.state
    live = view.is_steerable and now in ("running", "paused", "starting")
    paused = now == "paused"
    toggle = "resume" if paused else "pause"
    icon = ":material/play_arrow:" if paused else ":material/pause:"
    _button(view, toggle, icon, disabled=not live, help=f"{toggle.capitalize()} the run")
    _button(
        view,
        "step",
        ":material/skip_next:",
        disabled=not (live and paused),
        help="One update, then pause",
    )
    _button(
        view,
        "stop",
        ":material/stop:",
        disabled=not view.is_steerable or (not live and now != "queued"),
        help="Stop; what was found is kept",
    )
    st.button(
        "",
        icon=":material/restart_alt:",
        key="run_restart",
        help="Run it again with the same settings and seed",
        on_click=_restart,
        args=(view,),
    )
    with st.popover("", icon=":material/link:", help="A link to this run", key="run_link"):
        st.caption("Whoever has this link sees the run, its charts and what it was trained on.")
        st.code(f"{(st.context.url or '').split('?')[0]}?{state.RUN_PARAMETER}={view.id}")


def _button(view: RunView, name: str, icon: str, *, disabled: bool, help: str) -> None:
    st.button(
        "",
        icon=icon,
        key=f"run_{name}",
        help=help,
        disabled=disabled,
        on_click=command,
        args=(view.id, name),
    )


def dial(view: RunView, name: str, label: str, values: Sequence[float], *, help: str) -> None:
    """Show a slider for a live setting; turning it acts at the run's next update."""
    turned = [float(s["value"]) for s in view.record.settings if s["name"] == name]
    been = [view.config.dials()[name], *turned]
    key = f"dial:{view.id}:{name}"

    def turn() -> None:
        command(view.id, "turn", name, float(state.setting(key, been[-1])))

    st.select_slider(
        label,
        sorted({*values, *been}),
        value=been[-1],
        format_func=lambda value: f"{value:g}",
        key=key,
        on_change=turn,
        disabled=not view.is_steerable,
        help=help,
        persist_state="session",
    )


def card_state(record: RunRecord) -> State:
    """Return which of a card's states the run is in; why it failed is said once, in its bar."""
    if record.is_ended:
        return "done"
    return "waiting" if record.state == "queued" else "running"


def words_section(record: RunRecord, *, but: Sequence[str] = ()) -> None:
    """Say what is seen here and now, in the worker's sentences with this run's numbers.

    Those that end like one of `but` are said elsewhere on the page.
    """
    st.subheader("What you see", anchor="what-you-see")
    told = [words for words in record.words if not words.endswith(tuple(but))]
    for sentence in told or ["The first sentences come with the first look inside."]:
        st.markdown(sentence)
    if record.words_step:
        st.caption(f"After {record.words_step:,} updates.")


def machine_scale(lab: str) -> float:
    """Return how much slower this machine is than the estimate; 1 before the example has run."""
    found = example_view(lab)
    config, result = found.config, found.record.result
    if result is None or isinstance(config, ClaimsConfig):
        return 1.0
    return float(result["seconds"]) / estimate_seconds(config)


def watch(view: RunView, draw: Callable[[RunRecord], None]) -> None:
    """Draw the run's charts, and draw them again twice a second while it lasts."""

    def charts() -> None:
        draw(open_record(engine().store, view.id))

    poll(charts, view.poll_seconds)
