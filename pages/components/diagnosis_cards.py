"""Why a translator fails, with the evidence: the lab's diagnosis for one record of a run."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.runs.record import RunRecord
from core.runs.tables import model_tables, stacked_table
from pages.components.figure_card import figure_card
from pages.components.figures import diagnosis as figures
from pages.components.figures.diagnosis import CAUSES, QUALITIES
from pages.components.figures.style import Figure
from pages.components.figures.translation import translator_label
from pages.components.run_view import card_state
from pages.components.verdict_cards import verdict_cards, verdict_sentences

BOTTLENECK = "core.diagnostics.bottleneck"
EXPOSURE = "core.diagnostics.exposure"
LENGTH_TABLE = "core.diagnostics.length_effects:length_effects_table"
QUALITY_TABLE = "core.diagnostics.attention_quality:attention_quality_table"
NAMED_MARK = " ●"
COST_CAPTION = (
    "The share of words that each cause costs, and the threshold above which it is named. Pale "
    "bars are not named."
)


def diagnosis_section(record: RunRecord) -> None:
    """Say what dominates for each model, and show the evidence of one cause at a time."""
    st.subheader("Diagnosis", anchor="diagnosis")
    verdict_cards(record)
    left, right = st.columns([4, 7])
    with left:
        tables = _filled(record, "diagnosis", "cause")
        _card(
            record,
            "What each cause costs",
            figures.cost_figure(tables) if tables else None,
            "diagnosis",
            key="costs",
            computed_by=["core.diagnostics.diagnosis:diagnose", "core.diagnostics.diagnosis:weigh"],
            caption=COST_CAPTION,
        )
    with right:
        _findings(record)
    cause = st.segmented_control(
        "Evidence for",
        list(CAUSES),
        default="bottleneck",
        required=True,
        format_func=CAUSES.__getitem__,
        key="evidence",
    )
    evidence: Mapping[str, Callable[[RunRecord], None]] = {
        "bottleneck": _bottleneck_cards,
        "attention": _attention_cards,
        "exposure": _exposure_cards,
        "length": _length_cards,
    }
    _in_words(record, cause)
    evidence[cause](record)


def _findings(record: RunRecord) -> None:
    """Show what was measured for each cause, in words, in a card as high as its neighbour."""
    with st.container(border=True, height="stretch", key="card_findings"):
        st.markdown("**What was measured**")
        tables = _filled(record, "diagnosis", "cause")
        if not tables:
            st.caption("Nothing yet: each cause is measured at the end of the run.")
            return
        table = pd.concat(
            [
                pd.DataFrame({"model": translator_label(model), **view.latest.columns})
                for model, view in tables.items()
            ],
            ignore_index=True,
        )
        table["cause"] = [
            CAUSES.get(cause, cause) + (NAMED_MARK if is_named else "")
            for cause, is_named in zip(table["cause"], table["named"], strict=True)
        ]
        table["cost"] = ["" if cost is None else f"{cost:.0%}" for cost in _present(table["cost"])]
        st.dataframe(
            table,
            hide_index=True,
            height=400,
            column_order=["model", "cause", "cost", "measured"],
            column_config={
                "model": st.column_config.TextColumn("Model", width=90),
                "cause": st.column_config.TextColumn("Cause", width=104),
                "cost": st.column_config.TextColumn("Lost", width=48),
                "measured": st.column_config.TextColumn("Measured", width=330),
            },
        )
        st.caption(f"{NAMED_MARK.strip()} named: at or above its threshold.")


def _present(costs: Iterable[Any]) -> list[float | None]:
    return [None if pd.isna(cost) else float(cost) for cost in costs]


def _in_words(record: RunRecord, cause: str) -> None:
    """Say of each model what was found for one cause, where its verdict does not say it."""
    verdicts = tuple(verdict_sentences(record))
    for model, view in _filled(record, "diagnosis", "cause").items():
        columns = view.latest.columns
        for each, sentence in zip(columns["cause"], columns["sentence"], strict=True):
            if each == cause and not any(said.startswith(sentence[1:]) for said in verdicts):
                st.markdown(f"**{translator_label(model)}.** {sentence}")


def _bottleneck_cards(record: RunRecord) -> None:
    left, right = st.columns(2)
    swaps = _filled(record, "bottleneck", "bucket")
    with left:
        _card(
            record,
            "Swap test: decode from another sentence's state",
            figures.bucket_figure(swaps, figures.SWAP, "word accuracy, gold prefix")
            if swaps
            else None,
            "bottleneck",
            key="swap",
            computed_by=f"{BOTTLENECK}:bottleneck_table",
            caption="Solid: its own state. Dashed: another's. A gap says that all it knows of the "
            "source passes through that vector; no gap, that it looks elsewhere.",
        )
    with right:
        cosine: tuple[figures.Curve, ...] = (("cosine", "", "exact"),)
        has_cosine = any(
            value is not None
            for view in swaps.values()
            for value in view.latest.columns.get("cosine", [])
        )
        _card(
            record,
            "The usual test: are the last states alike?",
            figures.bucket_figure(swaps, cosine, "mean cosine of two states")
            if has_cosine
            else None,
            "bottleneck",
            key="cosine",
            computed_by=f"{BOTTLENECK}:bottleneck_table",
            caption="It takes similar states for a bottleneck, and so accuses the healthy model: "
            "where attention makes the state superfluous, states are most alike.",
        )
    probes = _filled(record, "probe", "position")
    _card(
        record,
        "What a linear probe reads from the last state",
        figures.probe_figure(probes) if probes else None,
        "probe",
        key="probe",
        computed_by=f"{BOTTLENECK}:probe_table",
        caption="Solid: word k from the trained state. Dashed: from an untrained model. Grey: "
        "always the most frequent word. It tells capacity, not dependence.",
    )


def _attention_cards(record: RunRecord) -> None:
    quality = st.segmented_control(
        "Quality",
        list(QUALITIES),
        default="never_attended",
        required=True,
        format_func=lambda name: QUALITIES[name][0],
        key="attention_quality",
    )
    tables = {
        model: view
        for model, view in _filled(record, "attention_quality", "bucket").items()
        if any(value is not None for value in view.latest.columns.get(quality, []))
    }
    _card(
        record,
        f"{QUALITIES[quality][0]}, by length",
        figures.quality_figure(tables, quality) if tables else None,
        "attention_quality",
        key="quality",
        computed_by=QUALITY_TABLE,
        caption="A sharp attention can be sharply wrong: coverage, recency and diagonality expose "
        "a model that entropy clears.",
        message="" if tables or not record.is_ended else "No model here has this to show.",
    )


def _exposure_cards(record: RunRecord) -> None:
    left, right = st.columns(2)
    positions = _filled(record, "positions", "position")
    with left:
        _card(
            record,
            "Fed the gold words, fed its own",
            figures.position_figure(positions) if positions else None,
            "positions",
            key="positions",
            computed_by=f"{EXPOSURE}:position_table",
            caption="Solid: gold prefix. Dashed: its own. Until the first error both are the "
            "same; a skipped word then spoils every later place.",
        )
    errors = _filled(record, "exposure", "bucket")
    with right:
        _card(
            record,
            "Errors with its own prefix and with the gold one",
            figures.bucket_figure(errors, figures.ERRORS, "errors a word") if errors else None,
            "exposure",
            key="exposure",
            computed_by=f"{EXPOSURE}:exposure_table",
            caption="Solid: edits of its own output. Dashed: words wrong with a gold prefix, "
            "which exposure bias cannot explain.",
        )
    left, right = st.columns(2)
    with left:
        _card(
            record,
            "After a planted error: its own words",
            figures.bucket_figure(errors, figures.PLANTED, "edits a word") if errors else None,
            "exposure",
            key="planted",
            computed_by=f"{EXPOSURE}:exposure_table",
            caption="Solid: it goes on from a wrong word. Dashed: from the right one. The gap is "
            "what one error brings.",
        )
    recovery = _filled(record, "recovery", "distance")
    with right:
        _card(
            record,
            "After a planted error: gold words again",
            figures.recovery_figure(recovery) if recovery else None,
            "recovery",
            key="recovery",
            computed_by=f"{EXPOSURE}:recovery_table",
            caption="Solid: one word of the prefix is wrong. Dashed: none is. Where they meet, it "
            "has recovered.",
        )


def _length_cards(record: RunRecord) -> None:
    left, right = st.columns(2)
    effects = _filled(record, "length_effects", "bucket")
    with left:
        _card(
            record,
            "Does it stop too early?",
            figures.bucket_figure(
                effects, (("brevity_penalty", "", "exact"),), "brevity penalty (1: none)"
            )
            if effects
            else None,
            "length_effects",
            key="brevity",
            computed_by=LENGTH_TABLE,
            caption="BLEU is multiplied by this: below 1, hypotheses are shorter than references.",
        )
    with right:
        _card(
            record,
            "Would another search help?",
            figures.bucket_figure(effects, figures.REPAIRS, "BLEU", best=100) if effects else None,
            "length_effects",
            key="search",
            computed_by=[LENGTH_TABLE, "core.decoding.beam:beam_search"],
            caption="Solid: greedy. Pale: beam. Dashed: greedy without the brevity penalty. The "
            "table has the share of sentences whose beam is likelier than greedy.",
        )


def _card(
    record: RunRecord,
    title: str,
    figure: Figure | None,
    name: str,
    *,
    key: str,
    computed_by: str | list[str],
    caption: str,
    message: str = "",
) -> None:
    figure_card(
        title,
        figure,
        lambda: stacked_table(record, name),
        key=key,
        computed_by=computed_by,
        caption=caption,
        state=card_state(record),
        message=message,
    )


def _filled(record: RunRecord, name: str, column: str) -> dict[str, Any]:
    """Return the tables called `name` that have rows, by model."""
    return {
        model: view
        for model, view in model_tables(record, name).items()
        if view.latest.columns.get(column)
    }
