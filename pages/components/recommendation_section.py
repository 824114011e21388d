"""Which model to ship: weights on sliders give a ranking that says why, in this run's numbers."""

import pandas as pd
import streamlit as st

from core.errors import ConfigError
from core.labs.recommendation import CRITERIA, USUAL_WEIGHTS, Recommendation, recommend
from core.labs.sentiment_shown import shootout_rows
from core.runs.record import RunRecord
from pages.components.figure_card import figure_card
from pages.components.figures.dots import rows_height
from pages.components.figures.recommendation import ranking_figure
from pages.components.run_view import card_state
from pages.components.sentiment_cards import columns_of

LABELS = {
    "accuracy": "Accuracy",
    "latency": "Latency",
    "size": "Size",
    "training": "Training cost",
}
HELP = {
    "accuracy": "0 for the worst model, 1 for the best and its ties",
    "latency": "Median milliseconds for one text, by their logarithm",
    "size": "Megabytes as saved, by their logarithm",
    "training": "Seconds of training, by their logarithm",
}


def recommendation_section(record: RunRecord) -> None:
    """Ask what counts, and answer as one would in an interview."""
    st.subheader("Which one would you ship?", anchor="ship")
    weights = _weights()
    rows = shootout_rows(columns_of(record, "shootout"))
    found, missing = Recommendation((), ()), _missing(record)
    try:
        found = recommend(rows, weights)
    except ConfigError as error:
        missing = str(error)
    left, right = st.columns([3, 2])
    with left:
        _ranking_card(record, found, weights, missing)
    with right, st.container(border=True, height="stretch", key="card_answer"):
        st.markdown("**The answer, in this run's numbers**")
        for said in found.sentences:
            st.markdown(said)
        if not found.sentences:
            st.caption(missing)


def _missing(record: RunRecord) -> str:
    """Return why there is no answer, where there is none."""
    if record.is_ended:
        return "There is none: this run ended before latency was measured."
    return (
        "It comes when the models are measured: latency and size are known at the end of the run."
    )


def _weights() -> dict[str, float]:
    """Ask how much each criterion counts."""
    with st.container(border=True, key="weights"):
        st.caption("How much does each count?")
        columns = st.columns(len(CRITERIA))
        return {
            name: column.slider(
                LABELS[name],
                0.0,
                1.0,
                USUAL_WEIGHTS[name],
                0.05,
                key=f"weight:{name}",
                help=HELP[name],
                persist_state="session",
            )
            for column, name in zip(columns, CRITERIA, strict=True)
        }


def _ranking_card(
    record: RunRecord, found: Recommendation, weights: dict[str, float], missing: str
) -> None:
    figure_card(
        "The ranking, and why",
        ranking_figure(found.ranking, weights) if found.ranking else None,
        lambda: pd.DataFrame(
            [{"model": each.model, "score": each.score, **each.parts} for each in found.ranking]
        ),
        key="ranking",
        computed_by="core.labs.recommendation:recommend",
        caption="Score: the weighted mean of the columns beside it, each from 0 (the worst here) "
        "to 1. A tie with the best counts as the best. The majority class is never recommended.",
        height=max(240, rows_height(len(found.ranking)) - 40),
        state=card_state(record),
        message=missing,
    )
