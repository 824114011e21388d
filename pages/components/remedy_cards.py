"""What helps against failure beyond the trained lengths, for one record of a run."""

from typing import Any

import pandas as pd
import streamlit as st

from core.labs.length_config import LENGTHS, LengthConfig
from core.models.catalogue import find_spec
from core.runs.record import RunRecord
from pages.components.figure_card import figure_card
from pages.components.figures.length_remedies import (
    REMEDY_PIXELS,
    remedies_figure,
    remedy_names,
)
from pages.components.figures.wrapped_rows import wrapped_height
from pages.components.length_cards import is_share
from pages.components.remedies_table import remedies_table
from pages.components.run_view import card_state
from pages.components.sentiment_cards import columns_of
from pages.components.serving_tables import rows_of

TRYOUT = "core.labs.length_remedies:Tryout"
JUDGE = "core.labs.length_scores:judge"
WHEN = "The remedies are tried one by one when the curves are complete."


def remedies_section(record: RunRecord, config: LengthConfig) -> None:
    """Show what each remedy changes at a length of choice; a row comes when it is done."""
    if not config.remedies:
        return
    st.subheader("What helps, and what does not", anchor="remedies")
    st.caption(
        f"Every remedy is tried on {find_spec(config.remedied).label}: at as many updates and at "
        "as many CPU seconds as the control, which is trained on as before. What only reads "
        "otherwise trains nothing. A Transformer learns from nothing: with as many updates as the "
        "model had at first, beside it, or in the control's CPU seconds, beside the control."
    )
    length = st.segmented_control(
        "At length (steps)",
        list(LENGTHS),
        default=LENGTHS[-1],
        required=True,
        key="remedies_at",
    )
    remedies_card(record, config, length)
    rows, state = _rows_at(record, length), card_state(record)
    height = _height(config)
    figure_card(
        f"Verdicts at {length} steps",
        None,
        lambda: pd.DataFrame(columns_of(record, "remedies")),
        key="verdicts",
        computed_by=[TRYOUT, JUDGE],
        caption="A difference helps where its 95 % interval over the same seeds and sequences "
        "is on the good side of 0 and it is more than 2 points (0.02 nats).",
        height=height,
        state=state,
        message="" if state == "done" else WHEN,
        draw=(lambda: remedies_table(rows, is_share=is_share(config), height=height))
        if rows
        else None,
    )


def remedies_card(record: RunRecord, config: LengthConfig, length: int) -> None:
    """Show the score of each remedy at `length` steps."""
    rows, state = _rows_at(record, length), card_state(record)
    names = remedy_names([remedy.name for remedy in config.tried])
    figure_card(
        f"Each remedy at {length} steps",
        remedies_figure(rows, names, is_share=is_share(config)) if rows else None,
        lambda: pd.DataFrame(columns_of(record, "remedies")),
        key="remedies",
        computed_by=[TRYOUT, JUDGE],
        caption="Circle: equal updates, or none. Diamond: equal compute. Green helps, red "
        "hurts, grey does not help here. The number is the difference, in "
        f"{'points' if is_share(config) else 'nats'}, to what it is compared with; bars: 95 %.",
        height=_height(config),
        state=state,
        message="" if state == "done" else WHEN,
    )


def _rows_at(record: RunRecord, length: int) -> list[dict[str, Any]]:
    return [row for row in rows_of(columns_of(record, "remedies")) if row["length"] == length]


def _height(config: LengthConfig) -> int:
    names = remedy_names([remedy.name for remedy in config.tried])
    return wrapped_height(len(names), pixels=REMEDY_PIXELS)
