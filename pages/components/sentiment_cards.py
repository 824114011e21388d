"""The contest of the sentiment lab, for one record of a run: who is better, at which price."""

import pandas as pd
import streamlit as st

from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_shown import shootout_rows
from core.runs.record import RunRecord
from core.runs.tables import model_tables, series_table, stacked_table
from core.training.events import Columns
from pages.components.figure_card import State, figure_card
from pages.components.figures import sentiment as figures
from pages.components.figures.dots import rows_height
from pages.components.figures.frontier import FRONTIER_HEIGHT, frontier_figure
from pages.components.figures.sentiment import classifier_label
from pages.components.figures.series import loss_figure
from pages.components.figures.style import HEIGHT, model_color
from pages.components.run_view import card_state
from pages.components.shootout_table import shootout_table, table_height

SCORES = "core.labs.sentiment_scores:Scoreboard"
INTERVAL = "core.metrics.classification:accuracy_interval"
LATENCY = "core.serving.latency:measure_latency"
LOSSES_A_POINT = 20


def columns_of(record: RunRecord, name: str) -> Columns:
    """Return the newest table called `name` that is of no model; {} before there is one."""
    view = record.tables.get((name, ""))
    return view.latest.columns if view else {}


def result_cards(record: RunRecord, config: SentimentConfig) -> None:
    """Show all models side by side, in a grid that holds its shape while it fills."""
    state = card_state(record)
    shootout = columns_of(record, "shootout")
    shootout_card(shootout, config, state)
    left, right = st.columns(2)
    with left:
        accuracy_card(shootout, config, state)
    with right:
        _frontier_card(shootout, config, state)
    left, right = st.columns(2)
    with left:
        _epochs_card(record, state)
    with right:
        loss_card(record, state)


def shootout_card(shootout: Columns, config: SentimentConfig, state: State) -> None:
    """Show the table of all models."""
    figure_card(
        "The shoot-out",
        None,
        lambda: pd.DataFrame(shootout),
        key="shootout",
        computed_by=[SCORES, INTERVAL, "core.metrics.ranking:rank_models", LATENCY],
        caption="Each accuracy with its 95 % interval over texts and folds. A tie is a difference "
        "to the best that may be chance on these texts. Milliseconds of a batch of 1, 8 and 32 "
        f"texts, median / 95th percentile, warm, {_threads(config)}.",
        height=table_height(len(config.models)),
        state=state,
        draw=(lambda: shootout_table(shootout, config.folds, is_ended=state == "done"))
        if shootout
        else None,
    )
    for row in shootout_rows(shootout):
        if row["note"]:
            st.text(f"{classifier_label(row['model'])}: {row['note']}")


def _threads(config: SentimentConfig) -> str:
    return "one thread" if config.threads == 1 else f"{config.threads} threads"


def accuracy_card(shootout: Columns, config: SentimentConfig, state: State) -> None:
    """Show each accuracy with its interval, and what is a tie."""
    figure_card(
        "Accuracy, and what can be told apart",
        figures.accuracy_figure(shootout) if _is_known(shootout, "accuracy") else None,
        lambda: pd.DataFrame(shootout),
        key="accuracy",
        computed_by=[INTERVAL, "core.metrics.ranking:compare_accuracy"],
        caption="Bars: 95 % intervals. Hollow: cannot be told from the best one, on the same "
        "texts. Two intervals that overlap can still differ: models are compared text by text.",
        height=max(FRONTIER_HEIGHT, rows_height(len(config.models))),
        state=state,
    )


def _frontier_card(shootout: Columns, config: SentimentConfig, state: State) -> None:
    figure_card(
        "Accuracy against latency, size as area",
        frontier_figure(shootout) if _is_known(shootout, "p50_1") else None,
        lambda: pd.DataFrame(shootout),
        key="frontier",
        computed_by=["core.metrics.ranking:efficient_frontier", LATENCY],
        caption="Up and to the left is better. The line with its rings is the efficient "
        "frontier: no other model is both faster and more accurate. The majority class, which "
        "reads nothing, is left out.",
        height=max(FRONTIER_HEIGHT, rows_height(len(config.models))),
        state=state,
        message="This run ended before latency was measured."
        if state == "done"
        else "Latency is measured when all folds are trained.",
    )


def _is_known(shootout: Columns, column: str) -> bool:
    return any(value is not None for value in shootout.get(column, []))


def _epochs_card(record: RunRecord, state: State) -> None:
    tables = {
        model: view
        for model, view in model_tables(record, "epochs").items()
        if view.latest.columns.get("epoch")
    }
    figure_card(
        "Learning curves",
        figures.epochs_figure(tables) if tables else None,
        lambda: stacked_table(record, "epochs"),
        key="epochs",
        computed_by=[
            "core.labs.sentiment_shown:epoch_means",
            "core.training.text_loop:train_texts",
        ],
        caption="Dots: a fold after an epoch, on texts that are neither trained on nor tested. "
        "Line: the mean of the folds that came so far. The best epoch of each fold is kept.",
        height=HEIGHT,
        state=state,
    )


def loss_card(record: RunRecord, state: State, *, height: int = HEIGHT) -> None:
    """Show the training loss of each model, first fold."""
    series = {m: c for m in list(record.series) if (c := record.columns(m)).get("step")}
    figure_card(
        "Training loss",
        loss_figure(
            series,
            settings=record.settings,
            marks=[mark for mark in record.marks if mark["model"] in series],
            names={m: classifier_label(m) for m in series},
            colors={m: model_color(m) for m in series},
            total=max(columns["step"][-1] for columns in series.values()),
            title="loss (nats per text)",
            mean_of=LOSSES_A_POINT,
        )
        if series
        else None,
        lambda: series_table(record, ["loss", "norm_before"]),
        key="loss",
        computed_by="core.training.text_loop:train_texts",
        caption="Each model over its own updates, first fold, on a log axis; a point is the mean "
        f"of {LOSSES_A_POINT} updates. A loss that stays at 0.69, which is ln 2, has learned "
        "nothing of two classes.",
        height=height,
        state=state,
    )
