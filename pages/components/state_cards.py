"""What a state does beyond the trained lengths, and how long sequences are read in chunks."""

import pandas as pd
import streamlit as st

from core.labs.length_config import LengthConfig
from core.runs.record import RunRecord
from core.runs.tables import stacked_table
from core.training.events import Columns
from pages.components.figure_card import State, figure_card
from pages.components.figures.length_states import (
    chunk_difference_figure,
    chunk_memory_figure,
    has_quantity,
    trace_figure,
)
from pages.components.length_cards import filled_tables, trained_lengths
from pages.components.run_view import card_state
from pages.components.sentiment_cards import columns_of

TRACE = "core.diagnostics.state_trace:trace_states"
CHUNKS = "core.diagnostics.peak_memory:chunk_table"
SMALL = 270
CARDS = (
    (
        "hidden_norm",
        "Size of the hidden state",
        "Full: now. Pale: before training. Shaded: trained on. Where it leaves the values that it "
        "has there, the output layer meets states it never saw.",
    ),
    (
        "cell_norm",
        "Size of the cell state",
        "Only an LSTM has one. A counter's has to grow with what it counts.",
    ),
    (
        "saturated",
        "What is saturated",
        "The share of gates below 0.05 or above 0.95; in a plain RNN of units beyond 0.95.",
    ),
    (
        "forget",
        "The forget gate",
        "Mean over units: 1 keeps all. A GRU's is its update gate; a plain RNN has none.",
    ),
)
NO_STATE = "None of these models has one."


def states_section(record: RunRecord, config: LengthConfig) -> None:
    """Show norms, saturation and the forget gate by position, of each model's first seed."""
    st.subheader("Inside: what the state does on the way", anchor="states")
    for start in range(0, len(CARDS), 2):
        for place, (column, *_) in zip(st.columns(2), CARDS[start : start + 2], strict=True):
            with place:
                trace_card(record, config, column)
    if config.remedies:
        _chunk_cards(columns_of(record, "chunks"), card_state(record))


def trace_card(
    record: RunRecord, config: LengthConfig, column: str, *, height: int = SMALL
) -> None:
    """Show one quantity of `CARDS` by position."""
    title, caption = next((title, caption) for name, title, caption in CARDS if name == column)
    traces = filled_tables(record, "trace", "position")
    shown = {m: v for m, v in traces.items() if has_quantity(v.latest.columns, column)}
    figure_card(
        title,
        trace_figure(shown, column, trained=trained_lengths(config), height=height)
        if shown
        else None,
        lambda: stacked_table(record, "trace"),
        key=column,
        computed_by=TRACE,
        caption=caption,
        height=height,
        state=card_state(record),
        message=NO_STATE if any(record.tables) else "",
    )


def _chunk_cards(chunks: Columns, state: State) -> None:
    is_known = bool(chunks.get("chunk"))
    message = "" if state == "done" else "It is read in chunks when the curves are complete."
    left, right = st.columns(2)
    with left:
        figure_card(
            "Chunks with the state carried: is it the same?",
            chunk_difference_figure(chunks) if is_known else None,
            lambda: pd.DataFrame(chunks),
            key="chunk_difference",
            computed_by=CHUNKS,
            caption="The largest difference of any output to reading in one pass. Below the line "
            "it is rounding, a triangle is none at all: nothing is lost, nothing is learned.",
            height=SMALL,
            state=state,
            message=message,
        )
    with right:
        has_memory = is_known and chunks["megabytes"][0] is not None
        figure_card(
            "What chunks save: memory",
            chunk_memory_figure(chunks) if has_memory else None,
            lambda: pd.DataFrame(chunks),
            key="chunk_memory",
            computed_by=[CHUNKS, "core.diagnostics.peak_memory:peak_bytes"],
            caption="Bars: the most memory that reading 500 steps took at once, keeping every "
            "output. Line: in one pass.",
            height=SMALL,
            state=state,
            message="This device does not tell its peak memory." if is_known else message,
        )
