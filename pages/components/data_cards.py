"""The texts of a sentiment run: how many of each class each part has, and how long they are."""

import pandas as pd
import streamlit as st

from core.labs.sentiment_shown import cut_sentence
from core.runs.record import RunRecord
from pages.components.figure_card import figure_card
from pages.components.figures.dots import rows_height
from pages.components.figures.sentiment import cap_figure, classes_figure
from pages.components.figures.style import HEIGHT
from pages.components.run_view import card_state
from pages.components.sentiment_cards import columns_of


def data_section(record: RunRecord) -> None:
    """Show what the run learned from and was tested on."""
    st.subheader("The texts", anchor="texts")
    data, lengths = columns_of(record, "data"), columns_of(record, "lengths")
    height = max(HEIGHT - 60, rows_height(len(set(data.get("class", [])))))
    left, right = st.columns(2)
    with left:
        figure_card(
            "Classes and parts",
            classes_figure(data) if data else None,
            lambda: pd.DataFrame(data),
            key="classes",
            computed_by=[
                "core.data.folds:split_folds",
                "core.labs.sentiment_material:data_columns",
            ],
            caption="Of the first fold. No text is in two parts, and each class has the same share "
            "of every part. Training stops early by texts of their own, never by those tested.",
            height=height,
            state=card_state(record),
        )
    with right:
        said = f" {cut_sentence(lengths)}" if lengths else ""
        figure_card(
            "How long the texts are",
            cap_figure(lengths) if lengths else None,
            lambda: pd.DataFrame(lengths),
            key="text_lengths",
            computed_by="core.labs.sentiment_material:length_columns",
            caption=f"Pale: texts that are cut.{said}",
            height=height,
            state=card_state(record),
        )
