"""What one classifier answers right and wrong: confusion, calibration, lengths, sure errors."""

from typing import Any

import pandas as pd
import streamlit as st

from core.runs.record import RunRecord
from core.runs.tables import model_tables, stacked_table
from core.training.events import Columns
from pages.components import text_desk
from pages.components.figure_card import State, figure_card
from pages.components.figures import answers as figures
from pages.components.figures.sentiment import classifier_label
from pages.components.run_view import card_state

METRICS = "core.metrics.classification"
ERRORS_HEIGHT = 380


def answers_section(record: RunRecord) -> None:
    """Show where one model is right and wrong, beside the others."""
    st.subheader("Right and wrong", anchor="answers")
    tables = _filled(record, "confusion")
    if not tables or (not record.is_ended and list(tables) == ["majority"]):
        st.caption(
            "There are none: this run ended before a model was tested."
            if record.is_ended
            else "The first answers come when a model has been tested on its first fold."
        )
        return
    with st.container(width=260):
        model = st.selectbox(
            "Answers of",
            sorted(tables, key=lambda name: name == "majority"),
            format_func=classifier_label,
            key="answers_of",
        )
    state = card_state(record)
    left, right = st.columns(2)
    with left:
        _confusion_card(record, model, state)
    with right:
        _calibration_card(record, model, state)
    left, right = st.columns(2)
    with left:
        _length_card(record, model, state)
    with right:
        _errors_card(record, model, state)


def _filled(record: RunRecord, name: str) -> dict[str, Any]:
    """Return the tables called `name` that have rows, by model."""
    return {
        model: view
        for model, view in model_tables(record, name).items()
        if any(view.latest.columns.values())
    }


def _confusion_card(record: RunRecord, model: str, state: State) -> None:
    columns: Columns = _filled(record, "confusion")[model].latest.columns
    figure_card(
        f"{classifier_label(model)}: what it takes for what",
        figures.confusion_figure(columns),
        lambda: stacked_table(record, "confusion", only=model),
        key="confusion",
        computed_by=f"{METRICS}:confusion_columns",
        caption="Rows are the right labels, columns the answers, over all folds. Colours are "
        "shares of a row: the diagonal is what was found of each class.",
        state=state,
    )


def _calibration_card(record: RunRecord, model: str, state: State) -> None:
    tables = _filled(record, "calibration")
    error = figures.ece_of(tables[model].latest.columns) if model in tables else None
    said = f" Its calibration error is {error:.1%}." if error is not None else ""
    figure_card(
        f"{classifier_label(model)}: is it as sure as it should be?",
        figures.calibration_figure(tables, model) if model in tables else None,
        lambda: stacked_table(record, "calibration"),
        key="calibration",
        computed_by=[
            "core.metrics.calibration:reliability",
            "core.metrics.calibration:expected_calibration_error",
        ],
        caption="Dashed: right as often as it says. Below it a model is too sure. A dot's area is "
        f"how many answers are in its bin; pale: the other models.{said}",
        state=state,
    )


def _length_card(record: RunRecord, model: str, state: State) -> None:
    tables = _filled(record, "by_length")
    figure_card(
        "Accuracy by length",
        figures.length_figure(tables, model) if tables else None,
        lambda: stacked_table(record, "by_length"),
        key="by_length",
        computed_by=f"{METRICS}:accuracy_by_length",
        caption=f"Full, with 95 % intervals: {classifier_label(model)}. Pale: the other models on "
        f"the same texts. Bins of fewer than {figures.LEAST_TEXTS} texts are in the table only.",
        height=ERRORS_HEIGHT,
        state=state,
    )


def _errors_card(record: RunRecord, model: str, state: State) -> None:
    view = _filled(record, "errors").get(model)
    columns: Columns = view.latest.columns if view else {}
    figure_card(
        f"{classifier_label(model)}: the errors it is surest of",
        None,
        lambda: stacked_table(record, "errors", only=model),
        key="errors",
        computed_by=f"{METRICS}:confident_errors",
        caption="Many are not the model's fault: wrong labels are found here. Choose a row to "
        "read that text under the lens below.",
        height=ERRORS_HEIGHT,
        state=state,
        message="" if columns or not record.is_ended else "It makes no error on these texts.",
        draw=(lambda: _errors(columns, model)) if columns else None,
    )


def _errors(columns: Columns, model: str) -> None:
    """Show the errors as plain text, whatever is written in them; a chosen one can be read."""
    names = ("text", "reference", "predicted", "probability")
    table = pd.DataFrame({name: columns[name] for name in names})
    table["probability"] *= 100
    chosen = st.dataframe(
        table,
        hide_index=True,
        height=ERRORS_HEIGHT - 52,
        key=f"errors:{model}",
        on_select="rerun",
        selection_mode="single-row",
        alt="Texts that were answered wrongly, the surest answers first",
        column_config={
            "text": st.column_config.TextColumn("Text", width=186),
            "reference": st.column_config.TextColumn("Right", width=74),
            "predicted": st.column_config.TextColumn("Answer", width=74),
            "probability": st.column_config.NumberColumn(
                "Sure, %", help="The probability of its answer, in percent", format="%.1f", width=60
            ),
        },
    )
    rows = [row for row in chosen["selection"]["rows"] if row < len(table)]
    is_asked = st.button(
        "Read this text under the lens",
        icon=":material/search:",
        key="read_error",
        disabled=not rows,
        on_click=text_desk.take_text,
        args=(table["text"].iloc[rows[0]] if rows else "", model),
    )
    if is_asked:
        st.rerun()  # the lens is outside of what a poll draws
