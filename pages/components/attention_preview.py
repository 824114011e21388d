"""Where a translator looks, as its run recorded it of one test sentence."""

import pandas as pd
import streamlit as st

from core.runs.record import RunRecord
from pages.components.figure_card import figure_card
from pages.components.figures.attention import attention_figure, attention_height
from pages.components.figures.translation import translator_label


def attention_preview(record: RunRecord) -> None:
    """Show the attention that the run itself recorded of one test sentence."""
    arrays = {model: view for (kind, model), view in record.arrays.items() if kind == "attention"}
    if not arrays:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=230):
            model = st.selectbox(
                "Attention of", list(arrays), format_func=translator_label, key="attention_of"
            )
        ref = arrays[model].latest
        labels = ref.labels
        with st.container(width=230):
            at = choose_map([str(name) for name in labels.get("map", [])], "attention_map")
    weights = record.load_array(ref)[at].tolist()
    source, target = labels["source"], labels["target"]
    figure_card(
        "Where it looks: one test sentence",
        attention_figure(weights, source, target),
        lambda: cell_table(weights, source, target, "weight"),
        key="attention",
        computed_by="core.labs.translation_scores:attention_event",
        caption="Target words down, source words across; each row sums to 1.",
        height=attention_height(len(target)),
    )


def choose_map(maps: list[str], key: str) -> int:
    """Ask which layer and head to show, where there are several; return its place."""
    if len(maps) < 2:
        return 0
    return int(st.selectbox("Map", range(len(maps)), format_func=maps.__getitem__, key=key))


def cell_table(
    values: list[list[float]], source: list[str], target: list[str], name: str
) -> pd.DataFrame:
    """Return one row a cell."""
    return pd.DataFrame(
        [
            {"target_position": t + 1, "target": word, "source_position": s + 1, "source": read}
            | {name: value}
            for t, (word, row) in enumerate(zip(target, values, strict=False))
            for s, (read, value) in enumerate(zip(source, row, strict=False))
        ]
    )
