"""All models of a sentiment run side by side: the shoot-out as a table that fills in live."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.labs.sentiment_config import LATENCY_BATCHES
from core.labs.sentiment_shown import best_model, shootout_rows
from core.text.phrases import interval_digits
from core.training.events import Columns
from pages.components.figures.sentiment import classifier_label

ROW_PIXELS = 35
FRAME_PIXELS = 6
STATES = {"waiting": "waiting", "done": "done", "unavailable": "not here"}
EMPTY = ""

Row = Mapping[str, Any]


def table_height(models: int) -> int:
    """Return the pixels of the table of so many models."""
    return ROW_PIXELS * (models + 1) + FRAME_PIXELS


def shootout_table(shootout: Columns, folds: int, *, is_ended: bool = False) -> None:
    """Show one row a model; what is not known (yet) is empty."""
    rows = shootout_rows(shootout)
    best = best_model(shootout)
    shown = pd.DataFrame(
        {
            "model": [classifier_label(row["model"]) for row in rows],
            "state": [state_words(row, folds, is_ended=is_ended) for row in rows],
            "accuracy": _texts(rows, accuracy_words),
            "errors": [errors_words(row, is_best=row["model"] == best) for row in rows],
            "macro_f1": [_percent(row["macro_f1"]) for row in rows],
            **{f"ms_{n}": [latency_words(row, n) for row in rows] for n in LATENCY_BATCHES},
            "megabytes": [row["megabytes"] for row in rows],
            "seconds": [row["train_seconds"] for row in rows],
            "other": [row["other_parameters"] for row in rows],
            "embedding": [row["embedding_parameters"] for row in rows],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        height=table_height(len(rows)),
        row_height=ROW_PIXELS,
        key="shootout_rows",
        placeholder=EMPTY,
        alt="All models side by side: accuracy, errors, latency, size and cost",
        column_config=_columns(),
    )


def _columns() -> dict[str, Any]:
    """Return how each column is headed, explained and written."""
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "model": text("Model", pinned=True, width=104),
        "state": text("State", width=60),
        "accuracy": text("Accuracy, %", help="With its 95 % interval", width=114),
        "errors": text(
            "Errors to best",
            help="More than the most accurate model makes, of the texts all were tested on; a "
            "tie cannot be told from it on these texts",
            width=108,
        ),
        "macro_f1": text("F1, %", help="Macro-F1: the mean of the classes' F1", width=52),
        **{
            f"ms_{n}": text(
                f"ms at {n}",
                help=f"For a batch of {n}, words split included: median / 95th percentile",
                width=82,
            )
            for n in LATENCY_BATCHES
        },
        "megabytes": number("MB", help="As saved", format="%.2f", width=54),
        "other": number(
            "Weights", help="Parameters beside the embedding", format="compact", width=62
        ),
        "embedding": number(
            "Embedding", help="Parameters of the embedding", format="compact", width=82
        ),
        "seconds": number(
            "Train, s", help="CPU seconds a fold, mean of folds", format="%.1f", width=56
        ),
    }


def state_words(row: Row, folds: int, *, is_ended: bool = False) -> str:
    """Return how far a model is, or that its run ended before it."""
    if is_ended and row["state"] in ("waiting", "training"):
        return "ended"
    if row["state"] == "training":
        return f"fold {min(row['folds'] + 1, folds)} of {folds}"
    return STATES.get(row["state"], str(row["state"]))


def accuracy_words(row: Row) -> str:
    """Return the accuracy of a model with its interval, in percent: 76.1 (74.4–77.7)."""
    low, high = row["accuracy_low"], row["accuracy_high"]
    if low is None or high is None:
        return f"{100 * row['accuracy']:.1f}"
    digits = interval_digits(low, high)
    ends = "\N{EN DASH}".join(f"{100 * end:.{digits}f}" for end in (low, high))
    return f"{100 * row['accuracy']:.{digits}f} ({ends})"


def errors_words(row: Row, *, is_best: bool) -> str:
    """Return how many errors more than the best a model makes, and whether that is a tie."""
    if row["accuracy"] is None or row["more_errors"] is None:
        return EMPTY
    if is_best:
        return f"best: {row['errors']:,} of {row['n']:,}"
    return f"{row['more_errors']:+,}{', tie' if row['tie'] else ''}"


def latency_words(row: Row, batch: int) -> str:
    """Return the median and the 95th percentile of a batch's milliseconds."""
    p50, p95 = row[f"p50_{batch}"], row[f"p95_{batch}"]
    return EMPTY if p50 is None or p95 is None else f"{_short(p50)} / {_short(p95)}"


def _texts(rows: Sequence[Row], words: Callable[[Row], str]) -> list[str]:
    return [EMPTY if row["accuracy"] is None else words(row) for row in rows]


def _percent(value: float | None) -> str:
    return EMPTY if value is None else f"{100 * value:.1f}"


def _short(value: float) -> str:
    return f"{float(f'{value:.2g}'):g}" if value >= 0.01 else f"{value:.3f}"
