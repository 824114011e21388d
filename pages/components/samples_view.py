"""Test sentences with what a model made of them, word by word."""

import math
from typing import Any

import pandas as pd
import streamlit as st

from core.runs.record import RunRecord
from core.runs.tables import model_tables
from core.training.events import Columns, number
from pages.components.figures.attention import certainty_figure, sentence
from pages.components.figures.style import model_color
from pages.components.figures.translation import translator_label
from pages.components.live_chart import live_chart

SHOWN = 12


def samples_section(record: RunRecord) -> None:
    """Show a few test sentences: source, reference, hypothesis, and how sure each word was."""
    st.subheader("Samples", anchor="samples")
    tables = {
        m: v for m, v in model_tables(record, "samples").items() if v.latest.columns.get("source")
    }
    if not tables:
        st.caption("The first sentences come with the first look at the test pairs.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=260):
            model = st.selectbox(
                "Translated by", list(tables), format_func=translator_label, key="samples_of"
            )
        columns = tables[model].latest.columns
        buckets = sorted(set(columns["bucket"]))
        bucket = st.segmented_control(
            "Words", buckets, default=buckets[0], required=True, key="samples_bucket"
        )
    rows = [i for i, b in enumerate(columns["bucket"]) if b == bucket][:SHOWN]
    table = pd.DataFrame([_row(columns, i) for i in rows])
    chosen = st.dataframe(
        table,
        hide_index=True,
        key=f"samples:{bucket}",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Source": st.column_config.TextColumn(width="medium"),
            "Reference": st.column_config.TextColumn(width="medium"),
            "Hypothesis": st.column_config.TextColumn(width="medium"),
            "Certainty": st.column_config.BarChartColumn(
                "Certainty, word by word",
                help="The probability of each word of the hypothesis",
                y_min=0,
                y_max=1,
                width="medium",
            ),
            "Least": st.column_config.NumberColumn("Least certain", format="percent"),
        },
    )
    _in_full(table, chosen["selection"]["rows"] or [0], model)


def _in_full(table: pd.DataFrame, selected: list[int], model: str) -> None:
    """Show one sample whole: sentences as plain text, and how sure each word was."""
    row = table.iloc[min(selected[0], len(table) - 1)]
    with st.container(border=True, gap="xxsmall", key="sample_in_full"):
        for name in ("Source", "Reference", "Hypothesis"):
            st.caption(name)
            st.text(sentence(row[name].split()) or "(nothing)")
        words = row["Hypothesis"].split()
        if words and row["Certainty"]:
            live_chart(
                certainty_figure(words, row["Certainty"], model_color(model)),
                key="chart_sample",
                label="The probability of each word of the hypothesis, in its order",
                height=200,
            )


def _row(columns: Columns, row: int) -> dict[str, Any]:
    sure = [probability(log) for log in columns["log_probabilities"][row] or []]
    return {
        "Source": _text(columns["source"][row]),
        "Reference": _text(columns["reference"][row]),
        "Hypothesis": _text(columns["hypothesis"][row]),
        "Certainty": sure,
        "Least": min(sure, default=None),
    }


def probability(log: Any) -> float:
    """Return the probability whose logarithm a run wrote."""
    value = number(log)
    return math.exp(min(0.0, value)) if value is not None and not math.isnan(value) else 0.0


def _text(words: Any) -> str:
    return words if isinstance(words, str) else " ".join(map(str, words or []))
