"""What if? Sliders over the queue, answered at once from the times that this run measured."""

import pandas as pd
import streamlit as st

from core.errors import SeqScopeError
from core.labs.serving_config import ServingConfig
from core.labs.serving_what_if import WhatIf
from core.runs.record import RunRecord
from pages.components.cache import queue_answer
from pages.components.figure_card import figure_card
from pages.components.figures.queueing import batches_figure, latencies_figure
from pages.components.run_view import RunView
from pages.components.sentiment_cards import columns_of
from pages.components.serving_tables import share_words, time_words

RATES = tuple(digit * 10**power for power in range(5) for digit in (1, 2, 3, 5, 7))
REPLICAS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 51, 64, 96, 128)
WAITS = (0, 1, 2, 5, 10, 20, 50, 100)
DEADLINES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
WHAT_IF = ["core.labs.serving_what_if:what_if", "core.serving.queueing:simulate"]


def serving_desk(view: RunView, record: RunRecord) -> None:
    """Show the sliders and what they give, once passes of one request at least were timed."""
    st.subheader("What if? Move a slider", anchor="what-if")
    batches = columns_of(record, "samples").get("batch", [])
    if 1 in batches:
        st.fragment(_desk)(view, sorted(set(batches)))
    elif record.is_ended:
        st.caption("This run ended before a pass was timed.")
    else:
        st.caption("Here a queue answers at once when the first passes are timed.")


def _desk(view: RunView, batches: list[int]) -> None:
    assert isinstance(view.config, ServingConfig)
    settings = _settings(view.id, view.config, batches)
    try:
        found = queue_answer(view.id, len(batches), settings)
    except SeqScopeError as error:
        st.error(str(error), icon=":material/error:")
        return
    with st.container(border=True, key="desk_answer"):
        st.markdown(found.sentence)
        with st.container(horizontal=True, key="desk_numbers"):
            _numbers(found)
    left, right = st.columns([3, 2])
    with left:
        figure_card(
            "How long a request would take",
            latencies_figure(found.latencies, deadline_ms=settings["deadline_ms"]),
            pd.DataFrame(found.latencies),
            key="desk_latencies",
            computed_by=WHAT_IF,
            caption="Simulated from the passes that this run timed. The last bar holds all that "
            "take longer.",
        )
    with right:
        figure_card(
            "How many would be answered at once",
            batches_figure(found.batches),
            pd.DataFrame(found.batches),
            key="desk_batches",
            computed_by=WHAT_IF,
            caption="The busier the replicas, the fuller the batches.",
        )


def _settings(run_id: str, config: ServingConfig, batches: list[int]) -> dict[str, float]:
    """Ask for a stream and a policy; they start at those of the run."""
    with st.container(border=True, key="desk_sliders"):
        columns = st.columns(5)
        asked = (
            ("rate", "Requests a second", RATES, config.rate),
            ("replicas", "Replicas", REPLICAS, config.replicas),
            ("max_batch", "Batch cap", batches, min(config.max_batch, batches[-1])),
            ("max_wait_ms", "Wait at most (ms)", WAITS, config.max_wait_ms),
            ("deadline_ms", "Deadline (ms)", DEADLINES, config.deadline_ms),
        )
        return {
            name: column.select_slider(
                label,
                sorted({*map(float, values), float(start)}),
                value=float(start),
                format_func=lambda value: f"{value:,g}",
                key=f"desk:{run_id}:{name}",
                persist_state="session",
            )
            for column, (name, label, values, start) in zip(columns, asked, strict=True)
        }


def _numbers(found: WhatIf) -> None:
    for label, value, help_text in (
        ("Median", f"{time_words(found.p50)} ms", "From arrival to answer"),
        ("99th percentile", f"{time_words(found.p99)} ms", "From arrival to answer"),
        ("Late", share_words(found.late), "Share of requests after the deadline"),
        ("Load", share_words(found.load), "Requests a second over what full batches allow"),
        ("Busy", share_words(found.utilisation), "Share of the time in which replicas answer"),
    ):
        with st.container(width=150):
            st.metric(label, value, help=help_text)
