"""What a classifier can and cannot do, by probes: order, negation, padding, longer texts."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_shown import negation_counts
from core.models.classifiers import CLASSIFIERS
from core.runs.record import RunRecord
from core.runs.tables import model_tables, stacked_table
from pages.components.figure_card import figure_card
from pages.components.figures import probes as figures
from pages.components.figures.dots import rows_height
from pages.components.figures.sentiment import classifier_label
from pages.components.figures.style import HEIGHT, Figure
from pages.components.run_view import card_state

PROBES = {
    "order": "Word order",
    "negation": "Negation",
    "padding": "Padding",
    "lab": "Padding lab",
    "longer": "Longer texts",
}
AS_WRITTEN = {
    name for name, spec in CLASSIFIERS.items() if spec.naive and spec.family == "recurrent"
}
PADDING = "core.diagnostics.padding"
ORDER = "core.diagnostics.word_order"
NEGATION_ROW = 20
NEGATION_FRAME = 90


def probes_section(record: RunRecord, config: SentimentConfig) -> None:
    """Show one probe at a time; all are made at the end, with the first fold's models.

    A run of the code as written opens on what is wrong with it.
    """
    st.subheader("Probes", anchor="probes")
    first = "lab" if set(config.models) & AS_WRITTEN else "order"
    probe = st.segmented_control(
        "Probe",
        list(PROBES),
        default=first,
        required=True,
        format_func=PROBES.__getitem__,
        key=f"probe:{first}",
        label_visibility="collapsed",
    )
    shown: Mapping[str, Callable[[RunRecord, SentimentConfig], None]] = {
        "order": _order_cards,
        "negation": _negation_cards,
        "padding": _padding_card,
        "lab": padding_lab_cards,
        "longer": _longer_card,
    }
    shown[probe](record, config)


def _order_cards(record: RunRecord, config: SentimentConfig) -> None:
    tables = _filled(record, "word_order", "probe")
    height = max(HEIGHT, rows_height(len(tables)))
    left, right = st.columns(2)
    for place, column, title, caption in (
        (
            left,
            "accuracy",
            "What word order is worth",
            "Full: as written. Hollow: words shuffled. Diamond: reversed. A bag of words has all "
            "three in one place; a model that stays there too learned a bag of words.",
        ),
        (
            right,
            "flips",
            "Answers that change",
            "Hollow: words shuffled. Diamond: reversed. Accuracy can stay while answers change.",
        ),
    ):
        with place:
            _card(
                record,
                title,
                figures.order_figure(tables, column) if tables else None,
                "word_order",
                key=f"order_{column}",
                computed_by=f"{ORDER}:word_order_columns",
                caption=caption,
                height=height,
            )


def _negation_cards(record: RunRecord, config: SentimentConfig) -> None:
    tables = _filled(record, "negation", "plain")
    if not tables:
        if record.is_ended:
            st.caption(
                "There is no such probe here: it is made at the end of a run, where the two "
                "classes are negative and positive."
            )
        else:
            st.caption(_WAIT)
        return
    with st.container(width=260):
        model = st.selectbox(
            "Negations for", list(tables), format_func=classifier_label, key="negation_of"
        )
    columns = tables[model].latest.columns
    left, right = st.columns([3, 2])
    with left:
        _card(
            record,
            f"{classifier_label(model)}: a sentence and its negation",
            figures.negation_figure(columns),
            "negation",
            key="negation",
            computed_by=f"{ORDER}:negation_columns",
            caption="Full: the sentence. Hollow: with its negation. Green: the answer turns, as it "
            "should. A model that counts words turns few.",
            height=NEGATION_FRAME + NEGATION_ROW * len(columns["plain"]),
        )
    with right:
        _negation_table(tables)


def _negation_table(tables: Mapping[str, Any]) -> None:
    """Show of how many pairs each model has either sentence right, and turns its answer."""
    with st.container(border=True, height="stretch", key="card_negation_counts"):
        st.markdown("**How many are right**")
        counts = {
            classifier_label(model): negation_counts(view.latest.columns)
            for model, view in tables.items()
        }
        st.dataframe(
            pd.DataFrame([{"model": model, **found} for model, found in counts.items()]),
            hide_index=True,
            height="content",
            column_order=["model", "plain_right", "negated_right", "flips"],
            column_config={
                "model": st.column_config.TextColumn("Model", pinned=True, width=116),
                "plain_right": st.column_config.NumberColumn(
                    "Plain", help="Sentences that it has right", width=56
                ),
                "negated_right": st.column_config.NumberColumn(
                    "Negated", help="Negations that it has right", width=70
                ),
                "flips": st.column_config.NumberColumn(
                    "Turns", help="Pairs whose two sentences get different answers", width=56
                ),
            },
        )
        st.caption(
            f"Right of {max(found['pairs'] for found in counts.values())} pairs. A model that "
            "answers by the adjective alone has all plain ones right and no negation, and turns "
            "none."
        )


def _padding_card(record: RunRecord, config: SentimentConfig) -> None:
    tables = _filled(record, "padding", "pads")
    _card(
        record,
        "Does padding change an answer?",
        figures.padding_figure(tables) if tables else None,
        "padding",
        key="padding",
        computed_by=f"{PADDING}:padding_columns",
        caption="The largest change of any probability when padding is put behind every text. A "
        "right model stays below the line, which is rounding. A triangle: less than the axis "
        "shows, or nothing at all.",
        height=HEIGHT + 40,
    )


def padding_lab_cards(record: RunRecord, config: SentimentConfig) -> None:
    """Show the last state read where the text ends and after its padding, and what that costs."""
    tables = _filled(record, "padding_lab", "pads")
    left, right = st.columns(2)
    for place, column, title, caption in (
        (
            left,
            "cosine",
            "The last state, read after its padding",
            "The same weights, read twice. Solid: the state where the text ends. Dashed: the state "
            "after the padding, which is what h_n is without packing.",
        ),
        (
            right,
            "accuracy",
            "What it costs in accuracy",
            "Solid: read where the text ends. Dashed: read after the padding. A model that was "
            "trained as written is right only with the padding it was trained with.",
        ),
    ):
        with place:
            _card(
                record,
                title,
                figures.padding_lab_figure(tables, column) if tables else None,
                "padding_lab",
                key=f"padding_{column}",
                computed_by=f"{PADDING}:padding_lab_columns",
                caption=caption,
                message=""
                if tables or not record.is_ended
                else "Only recurrent models have a last state; it is probed at the end of a run.",
            )


def _longer_card(record: RunRecord, config: SentimentConfig) -> None:
    tables = _filled(record, "longer", "words")
    _card(
        record,
        "Texts made longer",
        figures.longer_figure(tables, config.most_words) if tables else None,
        "longer",
        key="longer",
        computed_by="core.diagnostics.longer_texts:longer_columns",
        caption="Test texts of the same label, one behind the other. Shaded: up to the cap that "
        "was trained with. More words are more evidence: who does not rise forgets, or meets "
        "positions it never saw. Sentences in a row are still not a review.",
        height=HEIGHT + 40,
    )


_WAIT = "Probes are made at the end of the run."
_ENDED = "This run has no such probe: it ended before, or has no model that it is made with."


def _card(
    record: RunRecord,
    title: str,
    figure: Figure | None,
    name: str,
    *,
    key: str,
    computed_by: str,
    caption: str,
    height: int = HEIGHT,
    message: str = "",
) -> None:
    figure_card(
        title,
        figure,
        lambda: stacked_table(record, name),
        key=key,
        computed_by=computed_by,
        caption=caption,
        height=height,
        state=card_state(record),
        message=message or (_ENDED if record.is_ended else _WAIT),
    )


def _filled(record: RunRecord, name: str, column: str) -> dict[str, Any]:
    """Return the tables called `name` that have rows, by model."""
    return {
        model: view
        for model, view in model_tables(record, name).items()
        if view.latest.columns.get(column)
    }
