"""How far each model's skill reaches, for one record of a run: curves, failures, losses."""

import pandas as pd
import streamlit as st

from core.labs.length_config import LengthConfig
from core.runs.record import RunRecord
from core.runs.tables import model_tables, series_table, stacked_table
from core.runs.views import TableView
from pages.components.figure_card import State, figure_card
from pages.components.figures import length as figures
from pages.components.figures.length import model_name
from pages.components.figures.series import loss_figure
from pages.components.figures.style import model_color
from pages.components.figures.wrapped_rows import wrapped_height
from pages.components.run_view import card_state
from pages.components.sentiment_cards import columns_of

SCORES = "core.labs.length_scores"
READING = "core.data.length_task:score_lengths"
TRAINING = "core.training.length_loop:train_lengths"
LARGE = 430
FLAT = 160
"""Pixels of a chart that is the page's first, and of one with a row or two."""
LOSSES_A_POINT = 10
LOSSES = {
    "count": "squared error",
    "bounded-walk": "squared error",
    "language-model": "loss (nats per character)",
}


def is_share(config: LengthConfig) -> bool:
    """Return whether scores are shares of right answers; else they are losses."""
    return config.task != "language-model"


def trained_lengths(config: LengthConfig) -> tuple[int, int]:
    """Return the shortest and the longest length trained on."""
    return config.shortest, config.longest


def length_cards(record: RunRecord, config: LengthConfig) -> None:
    """Show the curves of all models, their losses, and from where on each fails."""
    state = card_state(record)
    wide, narrow = st.columns([3, 2])
    with wide:
        curve_card(record, config, state)
    with narrow:
        loss_card(record, config, state)
    _failing_card(record, config, state)


def filled_tables(record: RunRecord, name: str, column: str) -> dict[str, TableView]:
    """Return the tables called `name` of the models that have rows."""
    tables = model_tables(record, name)
    return {model: view for model, view in tables.items() if view.latest.columns.get(column)}


def curve_card(record: RunRecord, config: LengthConfig, state: State) -> None:
    """Show the score against length, with the trained lengths shaded."""
    curves = filled_tables(record, "curve", "length")
    failing = columns_of(record, "failing")
    thresholds = set(failing.get("threshold", []))
    score = "accuracy" if is_share(config) else "loss"
    figure_card(
        "Beyond the lengths it was trained on",
        figures.curve_figure(
            curves,
            filled_tables(record, "seeds", "length"),
            trained=trained_lengths(config),
            is_share=is_share(config),
            threshold=thresholds.pop() if len(thresholds) == 1 else None,
            height=LARGE,
        )
        if curves
        else None,
        lambda: stacked_table(record, "curve"),
        key="curve",
        computed_by=[READING, f"{SCORES}:curve_columns", f"{SCORES}:score_estimate"],
        caption=f"Line: mean {score} on sequences of each length. Dots: its seeds. Band: the 95 % "
        "interval of the mean over seeds, or of one seed over its sequences. Shaded: trained on.",
        height=LARGE,
        state=state,
    )


def loss_card(record: RunRecord, config: LengthConfig, state: State) -> None:
    """Show the training loss of the first seed of each model."""
    series = {m: c for m in list(record.series) if (c := record.columns(m)).get("step")}
    figure_card(
        "Training loss",
        loss_figure(
            series,
            settings=record.settings,
            marks=[mark for mark in record.marks if mark["model"] in series],
            names={m: model_name(m) for m in series},
            colors={m: model_color(m) for m in series},
            total=config.updates,
            title=LOSSES.get(config.task, "loss (nats)"),
            mean_of=LOSSES_A_POINT,
        )
        if series
        else None,
        lambda: series_table(record, ["loss", "norm_before"]),
        key="loss",
        computed_by=TRAINING,
        caption="The first seed of each model, on a log axis; a point is the mean of "
        f"{LOSSES_A_POINT} updates. Lengths are drawn from {config.shortest} to {config.longest}.",
        height=LARGE,
        state=state,
    )


def _failing_card(record: RunRecord, config: LengthConfig, state: State) -> None:
    failing = columns_of(record, "failing")
    figure_card(
        "The first length at which it fails",
        figures.failing_figure(failing, trained=trained_lengths(config))
        if failing.get("model")
        else None,
        lambda: pd.DataFrame(failing),
        key="failing",
        computed_by=f"{SCORES}:first_failure",
        caption="Dot: the first tested length whose mean score is not good enough; bars reach over "
        "the seeds, and a triangle at the edge never fails. Shaded: trained on. "
        + (
            "Good enough is 90 %."
            if config.task not in ("language-model", "sentiment")
            else "Good enough is within a tenth of the score at the longest trained length."
        ),
        height=wrapped_height(len(config.trained_models), least=FLAT),
        state=state,
        message="" if state == "done" else "It is looked for when the training has ended.",
    )
