"""The charts of the translation lab, for one record of a run."""

import streamlit as st

from core.labs.translation_config import TranslationConfig
from core.metrics.buckets import LEAST_SENTENCES
from core.runs.record import RunRecord
from core.runs.tables import model_tables, series_table, stacked_table
from pages.components.comparison_cards import middle_bucket, paired_card
from pages.components.figure_card import State, figure_card
from pages.components.figures import translation as figures
from pages.components.figures.series import loss_figure
from pages.components.figures.style import HEIGHT, model_color
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
        bleu_card(record, config, state)
    with narrow:
        progress_card(record, config, state)
    wide, narrow = st.columns([3, 2])
    with wide:
        paired_card(record)
    with narrow:
        loss_card(record, state)


def bleu_card(record: RunRecord, config: TranslationConfig, state: State) -> None:
    """Show BLEU, or another measure, against the length of the reference."""
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
            height=BLEU_HEIGHT,
        )
        if tables
        else None,
        lambda: stacked_table(record, "bleu"),
        key="bleu",
        computed_by=["core.metrics.bleu:score_buckets", "core.metrics.bleu:floor"],
        caption=f"{METRIC_NOTES[metric]}Shaded: lengths trained on; squares lie beyond. Hollow "
        f"grey: fewer than {LEAST_SENTENCES} sentences.{_signature(record, metric)}",
        height=BLEU_HEIGHT,
        state=state,
    )


def _signature(record: RunRecord, metric: str) -> str:
    """Return how BLEU was counted, as sacreBLEU says it, once the run has ended."""
    rows = record.result["results"] if record.result and metric == "bleu" else []
    said = next((row["bleu_signature"] for row in rows if row.get("bleu_signature")), None)
    return f" sacreBLEU: `{said}`" if said else ""


def progress_card(record: RunRecord, config: TranslationConfig, state: State) -> None:
    """Show BLEU at one length as the models train."""
    tables = model_tables(record, "progress")
    bucket = st.segmented_control(
        "At length",
        list(config.buckets),
        default=middle_bucket(config),
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


def loss_card(record: RunRecord, state: State, *, height: int = HEIGHT) -> None:
    """Show the training loss of each model over its own updates."""
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
        height=height,
        state=state,
    )
