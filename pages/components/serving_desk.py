"""What if? Sliders over the queue, answered at once from the times that this run measured."""

from collections.abc import Callable, Mapping

import streamlit as st

from core.errors import SeqScopeError
from core.labs.serving_config import BATCHES, ServingConfig
from core.labs.serving_what_if import WhatIf
from core.runs.record import RunRecord, open_record
from pages.components.cache import engine, queue_answer
from pages.components.figure_card import State
from pages.components.figures.queueing import batches_figure, latencies_figure
from pages.components.run_view import RunView, card_state
from pages.components.sentiment_cards import columns_of
from pages.components.serving_cards import columns_card
from pages.components.serving_tables import ms_words, share_words

RATES = tuple(digit * 10**power for power in range(5) for digit in (1, 2, 3, 5, 7))
REPLICAS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 51, 64, 96, 128)
WAITS = (0, 1, 2, 5, 10, 20, 50, 100)
DEADLINES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
NUMBERS: tuple[tuple[str, str, Callable[[float], str], str], ...] = (
    ("Median", "p50", ms_words, "From arrival to answer"),
    ("99th percentile", "p99", ms_words, "From arrival to answer"),
    ("Late", "late", share_words, "Share of requests after the deadline"),
    ("Load", "load", share_words, "Requests a second over what full batches allow"),
    ("Busy", "utilisation", share_words, "Share of the time in which replicas answer"),
)
WHAT_IF = ["core.labs.serving_what_if:what_if", "core.serving.queueing:simulate"]


def serving_desk(view: RunView) -> None:
    """Show the sliders and what they give, once passes of all sizes were timed.

    Until then they stand where they will be.
    """
    st.subheader("What if? Move a slider", anchor="what-if")
    queue_desk(view)


def queue_desk(
    view: RunView, start: Mapping[str, float] | None = None, *, key: str = "desk"
) -> None:
    """Show the sliders and the answer, without a heading.

    The sliders start at the run's settings with those of `start` over them. `key` tells them from
    sliders that start elsewhere.
    """
    batches = timed_batches(view.record)
    is_waiting = not batches and not view.record.is_ended

    def desk() -> None:
        if is_waiting and timed_batches(open_record(engine().store, view.id)):
            st.rerun()
        _desk(view, batches, start or {}, key)

    st.fragment(desk, run_every=view.poll_seconds if is_waiting else None)()


def timed_batches(record: RunRecord) -> list[int]:
    """Return the batch sizes that were timed; none while there are more to come."""
    is_complete = record.is_ended or ("served", "") in record.tables
    return sorted(set(columns_of(record, "samples").get("batch", []))) if is_complete else []


def _desk(view: RunView, batches: list[int], start: Mapping[str, float], key: str) -> None:
    assert isinstance(view.config, ServingConfig)
    settings = _settings(view, batches, start, key)
    found = None
    if batches:
        try:
            found = queue_answer(view.id, len(batches), settings)
        except SeqScopeError as error:
            st.error(str(error), icon=":material/error:")
            return
    with st.container(border=True, key="desk_answer"):
        st.markdown(found.sentence if found else _why_not(view.record))
        with st.container(horizontal=True, key="desk_numbers"):
            _numbers(found)
    _pictures(found, card_state(view.record), settings["deadline_ms"])


def _why_not(record: RunRecord) -> str:
    if record.is_ended:
        return "This run ended before a pass was timed: there is nothing to answer from."
    return "A queue answers here at once when the passes of this run are timed."


def _pictures(found: WhatIf | None, state: State, deadline_ms: float) -> None:
    left, right = st.columns([3, 2])
    with left:
        columns_card(
            "How long a request would take",
            latencies_figure(found.latencies, deadline_ms=deadline_ms) if found else None,
            found.latencies if found else {},
            state,
            key="desk_latencies",
            computed_by=WHAT_IF,
            caption="Simulated from the passes that this run timed. The last bar holds all that "
            "take longer.",
        )
    with right:
        columns_card(
            "How many would be answered at once",
            batches_figure(found.batches) if found else None,
            found.batches if found else {},
            state,
            key="desk_batches",
            computed_by=WHAT_IF,
            caption="The busier the replicas, the fuller the batches.",
        )


def _settings(
    view: RunView, batches: list[int], start: Mapping[str, float], key: str
) -> dict[str, float]:
    """Ask for a stream and a policy; they start at those of `start`, else of the run."""
    config = view.config
    assert isinstance(config, ServingConfig)
    sizes = batches or BATCHES
    with st.container(border=True, key="desk_sliders"):
        columns = st.columns(5)
        asked = (
            ("rate", "Requests a second", RATES, config.rate),
            ("replicas", "Replicas", REPLICAS, config.replicas),
            ("max_batch", "Batch cap", sizes, min(config.max_batch, sizes[-1])),
            ("max_wait_ms", "Wait at most (ms)", WAITS, config.max_wait_ms),
            ("deadline_ms", "Deadline (ms)", DEADLINES, config.deadline_ms),
        )
        return {
            name: column.select_slider(
                label,
                sorted({*map(float, values), float(start.get(name, own))}),
                value=float(start.get(name, own)),
                format_func=lambda value: f"{value:,g}",
                key=f"{key}:{view.id}:{name}" if batches else f"{key}:{name}:waiting",
                persist_state="session",
                disabled=not batches,
            )
            for column, (name, label, values, own) in zip(columns, asked, strict=True)
        }


def _numbers(found: WhatIf | None) -> None:
    for label, name, words, help_text in NUMBERS:
        with st.container(width=150):
            st.metric(label, words(getattr(found, name)) if found else "–", help=help_text)
