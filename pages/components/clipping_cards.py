"""The charts of the clipping lab, for one record of a run."""

import pandas as pd
import streamlit as st

from core.labs.clip_tables import clip_rate_columns, layer_norm_columns, layer_norm_table
from core.labs.config import ClippingConfig
from core.runs.record import RunRecord
from core.runs.tables import first_updates_table, model_tables, series_table, stacked_table
from core.training.events import Columns
from pages.components.figure_card import State, figure_card
from pages.components.figures import clipping as figures
from pages.components.figures.series import loss_figure
from pages.components.figures.style import HEIGHT
from pages.components.run_view import card_state, words_section

Series = dict[str, Columns]
CLIPPER = "core.training.clipping:Clipper"
UPDATE = "core.training.learner:Learner"


def clipping_cards(record: RunRecord, config: ClippingConfig) -> None:
    """Show the lab's charts in a grid that holds its shape while they fill."""
    state = card_state(record)
    series = {twin: c for twin in figures.TWIN_NAMES if (c := record.columns(twin))}
    wide, narrow = st.columns([3, 2])
    with wide:
        norm_card(record, config, series, state)
    with narrow:
        first_card(record, series, state)
    left, right = st.columns(2)
    with left:
        loss_card(record, series, state)
    with right:
        coefficient_card(record, series, state)
    _layer_cards(record, series, state)
    left, right = st.columns(2)
    with left:
        _size_card(record, series, state)
    with right:
        _cosine_card(record, series, state)
    words_section(record)


def norm_card(
    record: RunRecord, config: ClippingConfig, series: Series, state: State, *, height: int = HEIGHT
) -> None:
    """Show the gradient norms of both twins before and after clipping."""
    figure_card(
        "Gradient norm before and after clipping",
        figures.norm_figure(
            series,
            rule=config.rule,
            settings=record.settings,
            marks=record.marks,
            total=record.total,
        )
        if series
        else None,
        lambda: series_table(record, ["norm_before", "norm_after", "coefficient", "threshold"]),
        key="norms",
        computed_by=[CLIPPER, "core.training.clipping:gradient_norms"],
        caption="Pale is the norm before clipping, full the norm after it, the thin line the "
        "threshold. The unclipped twin ends where its loss or gradient stops being finite.",
        height=height,
        state=state,
    )


def first_card(record: RunRecord, series: Series, state: State, *, height: int = HEIGHT) -> None:
    """Show norms and losses of the first updates."""
    figure_card(
        "The first updates",
        figures.first_updates_figure(series, marks=record.marks) if series else None,
        lambda: first_updates_table(record, ["loss", "norm_before", "norm_after"]),
        key="first",
        computed_by=UPDATE,
        caption="Solid: norms. Dashed: losses. A recurrent model that diverges usually does it "
        "here, not in the middle of a run.",
        height=height,
        state=state,
    )


def loss_card(record: RunRecord, series: Series, state: State, *, height: int = HEIGHT) -> None:
    """Show the losses of both twins."""
    figure_card(
        "Loss of both twins",
        loss_figure(
            series,
            settings=record.settings,
            marks=record.marks,
            names=figures.TWIN_NAMES,
            colors=figures.TWIN_COLORS,
            total=record.total,
            title="loss (nats per character)",
        )
        if series
        else None,
        lambda: series_table(record, ["loss"]),
        key="loss",
        computed_by="core.training.loop:train",
        caption="Same seed, same weights, same batches: clipping is the only difference.",
        height=height,
        state=state,
    )


def coefficient_card(
    record: RunRecord, series: Series, state: State, *, height: int = HEIGHT
) -> None:
    """Show how often and how hard it clips."""
    rates = clip_rate_columns(series.get("clipped", {}))
    figure_card(
        "How often and how hard it clips",
        figures.coefficient_figure(rates, settings=record.settings, total=record.total)
        if rates["step"]
        else None,
        lambda: pd.DataFrame(rates),
        key="coefficient",
        computed_by="core.labs.clip_tables:clip_rate_columns",
        caption="Dots: what each gradient was multiplied by (1 leaves it alone). Line: the share "
        "of the last 50 updates that were clipped.",
        height=height,
        state=state,
    )


def _layer_cards(record: RunRecord, series: Series, state: State) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        twin = st.segmented_control(
            "Layers of the twin",
            list(figures.TWIN_NAMES),
            default="clipped",
            required=True,
            format_func=figures.TWIN_NAMES.__getitem__,
            key="layers_of",
        )
    layers = layer_norm_columns(series.get(twin, {}))
    wide, narrow = st.columns([3, 2])
    with wide:
        figure_card(
            "Gradient norm by layer",
            figures.layer_figure(layers) if layers["step"] else None,
            lambda: layer_norm_table(layers),
            key="layers",
            computed_by=[
                "core.training.clipping:gradient_norms",
                "core.labs.clip_tables:layer_norm_columns",
            ],
            caption="Before clipping, one row a parameter: an explosion shows in which it starts.",
            state=state,
        )
    with narrow:
        percentiles = model_tables(record, "percentiles")
        figure_card(
            "What the percentile rule would choose",
            figures.percentile_figure(percentiles) if percentiles else None,
            lambda: stacked_table(record, "percentiles"),
            key="percentiles",
            computed_by="core.labs.clipping:percentile_columns",
            caption="The usual advice: the 90th percentile of unclipped norms. A diverging run "
            "has none to read; a triangle is infinite.",
            state=state,
        )


def _size_card(record: RunRecord, series: Series, state: State) -> None:
    figure_card(
        "Size of the update",
        figures.update_size_figure(series, total=record.total) if series else None,
        lambda: series_table(record, ["update_size"]),
        key="update_size",
        computed_by=UPDATE,
        caption="How far all weights together moved, every 10th update. Under Adam clipping "
        "hardly shortens it.",
        state=state,
    )


def _cosine_card(record: RunRecord, series: Series, state: State) -> None:
    figure_card(
        "Direction: raw against clipped gradient",
        figures.cosine_figure(series, total=record.total) if series else None,
        lambda: series_table(record, ["cosine"]),
        key="cosine",
        computed_by=UPDATE,
        caption="1 is the same direction: norm clipping keeps it, value clipping and AGC do not.",
        state=state,
    )
