"""The charts of the translation lab, for one record of a run."""

import pandas as pd
import streamlit as st

from core.labs.config import PRESETS
from core.labs.translation_config import TranslationConfig
from core.metrics.buckets import LEAST_SENTENCES
from core.runs.record import RunRecord
from core.runs.tables import model_tables, series_table, stacked_table
from pages.components.config_form import start_afresh
from pages.components.figure_card import State, figure_card
from pages.components.figures import translation as figures
from pages.components.figures.series import loss_figure
from pages.components.figures.style import model_color
from pages.components.figures.translation import METRICS, translator_label
from pages.components.run_view import card_state

LAB = "translation"
METRIC_NAMES = {
    "bleu": "BLEU",
    "chrf": "chrF",
    "token_accuracy": "Words right",
    "exact_match": "Sentences right",
}
METRIC_NOTES = {
    "bleu": "Corpus BLEU of each bucket with its bootstrap interval; the dashed floor is another "
    "sentence of the same length. ",
    "chrf": "Character n-grams: kinder to nearly right words. ",
    "token_accuracy": "The share of words right at their place: one word skipped spoils the rest. ",
    "exact_match": "The share of sentences without any error. ",
}
BLEU_HEIGHT = 420


def result_cards(record: RunRecord, config: TranslationConfig) -> None:
    """Show how well each length is translated, in a grid that holds its shape while it fills."""
    state = card_state(record)
    wide, narrow = st.columns([3, 2])
    with wide:
        _bleu_card(record, config, state)
    with narrow:
        _progress_card(record, config, state)
    _loss_card(record, state)


def _bleu_card(record: RunRecord, config: TranslationConfig, state: State) -> None:
    metric = st.segmented_control(
        "Measured as",
        list(METRICS),
        default="bleu",
        required=True,
        format_func=METRIC_NAMES.__getitem__,
        key="bleu_metric",
    )
    tables = model_tables(record, "bleu")
    figure_card(
        f"{METRIC_NAMES[metric]} against reference length",
        figures.bleu_figure(
            tables,
            record.tables.get(("floor", "")),
            metric=metric,
            trained=(config.shortest, config.longest),
        )
        if tables
        else None,
        lambda: stacked_table(record, "bleu"),
        key="bleu",
        computed_by=["core.metrics.bleu:score_buckets", "core.metrics.bleu:floor"],
        caption=f"{METRIC_NOTES[metric]}Shaded: lengths trained on. Hollow grey: fewer than "
        f"{LEAST_SENTENCES} sentences.",
        height=BLEU_HEIGHT,
        state=state,
    )


def _progress_card(record: RunRecord, config: TranslationConfig, state: State) -> None:
    tables = model_tables(record, "progress")
    bucket = st.segmented_control(
        "At length",
        list(config.buckets),
        default=_middle(config),
        required=True,
        key="progress_bucket",
    )
    has_rows = bucket in figures.buckets_of(tables)
    figure_card(
        "BLEU as they train",
        figures.progress_figure(tables, bucket, total=record.total) if has_rows else None,
        lambda: stacked_table(record, "progress"),
        key="progress",
        computed_by="core.metrics.bleu:score_buckets",
        caption=f"At {bucket} words, on the {config.test_pairs} test pairs that are looked at "
        "under way; the end of the run tests more.",
        height=BLEU_HEIGHT,
        state=state,
    )


def _middle(config: TranslationConfig) -> int:
    """Return the longest bucket that is trained on, or the first of all."""
    return min(config.trained or config.buckets[:1], key=lambda bucket: abs(bucket - 50))


def _loss_card(record: RunRecord, state: State) -> None:
    series = {m: c for m in list(record.series) if (c := record.columns(m)).get("step")}
    figure_card(
        "Training loss",
        loss_figure(
            series,
            settings=record.settings,
            marks=[mark for mark in record.marks if mark["model"] in series],
            names={m: translator_label(m) for m in series},
            colors={m: model_color(m) for m in series},
            total=record.total,
            title="loss (nats per word)",
        )
        if series
        else None,
        lambda: series_table(record, ["loss", "norm_before"]),
        key="loss",
        computed_by="core.training.loop:train",
        caption="Each model over its own updates, on a log axis, with the gold words before: a "
        "low loss can still go with a low BLEU.",
        state=state,
    )


def ladder_section(record: RunRecord, config: TranslationConfig) -> None:
    """Show every remedy at equal updates and at equal compute, or how to have them measured."""
    st.subheader("The ladder of remedies", anchor="ladder")
    view = record.tables.get(("ladder", ""))
    if config.schedule != "ladder" and view is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("This run compares its own models only. The ladder trains every remedy.")
            st.button(
                "Set up the ladder",
                icon=":material/stairs:",
                key="set_ladder",
                on_click=_set_ladder,
                help="Fills the form with the preset; it trains when you say so",
            )
        return
    columns = view.latest.columns if view else {}
    buckets = sorted(set(columns.get("bucket", []))) or list(config.buckets)
    bucket = st.segmented_control(
        "Remedies at length",
        buckets,
        default=_middle(config) if _middle(config) in buckets else buckets[0],
        required=True,
        key="ladder_bucket",
    )
    models = len(set(columns.get("model", config.models)))
    figure_card(
        "What each remedy is worth",
        figures.ladder_figure(columns, bucket) if columns.get("model") else None,
        lambda: pd.DataFrame(columns),
        key="ladder",
        computed_by=["core.labs.ladder:Ladder", "core.metrics.paired:compare_systems"],
        caption="Dots: as many updates for each. Diamonds: as many seconds. Bars: 95 % intervals.",
        height=max(340, 90 + 28 * models),
        state=card_state(record),
    )
    if columns.get("model"):
        table = pd.DataFrame(columns)
        st.dataframe(
            table[table["bucket"] == bucket].drop(columns=["model", "bucket"]),
            hide_index=True,
            column_config={
                "label": "Remedy",
                "budget": "Budget",
                "bleu": st.column_config.NumberColumn("BLEU", format="%.1f"),
                "low": st.column_config.NumberColumn("from", format="%.1f"),
                "high": st.column_config.NumberColumn("to", format="%.1f"),
                "seconds": st.column_config.NumberColumn("Seconds", format="%.0f"),
                "updates": "Updates",
                "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
                "difference": st.column_config.NumberColumn("To baseline", format="%+.1f"),
                "verdict": "Verdict",
            },
        )


def _set_ladder() -> None:
    preset = PRESETS[LAB]["Ladder"]
    assert isinstance(preset, TranslationConfig)
    start_afresh(
        LAB,
        {
            "models": list(preset.models),
            "schedule": preset.schedule,
            "updates": preset.updates,
            "shortest": preset.shortest,
            "longest": preset.longest,
        },
    )
