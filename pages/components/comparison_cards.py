"""Translation models against their baseline: is the difference real, and what a remedy is worth."""

import pandas as pd
import streamlit as st

from core.labs.config import PRESETS
from core.labs.translation_config import TranslationConfig
from core.runs.record import RunRecord
from core.training.events import Columns
from pages.components.config_form import start_afresh
from pages.components.figure_card import figure_card
from pages.components.figures.comparison import BUDGETS, ladder_figure, paired_figure
from pages.components.figures.translation import translator_label
from pages.components.run_view import card_state

MOST_TOLD = 4
HOW_PAIRED = (
    "Paired bootstrap on the same sentences. Full: the 95 % interval leaves out 0. Hollow: may be "
    "chance. Another seed can still move a model by some points."
)


def paired_card(record: RunRecord) -> None:
    """Show how far each model is from the first one, and where that is more than chance."""
    view = record.tables.get(("paired", ""))
    columns: Columns = view.latest.columns if view else {}
    is_filled = bool(columns.get("model"))
    baseline = f" to {translator_label(columns['baseline'][0])}" if is_filled else ""
    figure_card(
        f"Difference{baseline}, by length",
        paired_figure(columns) if is_filled else None,
        lambda: pd.DataFrame(columns),
        key="paired",
        computed_by=[
            "core.labs.translation_scores:paired_columns",
            "core.metrics.paired:compare_systems",
        ],
        caption=" ".join([*_told(where_real(columns)), HOW_PAIRED]),
        state=card_state(record),
        message="" if is_filled or not record.is_ended else "One model alone has no other to beat.",
    )


def _told(sentences: list[str]) -> list[str]:
    """Of many models the picture and the table tell more than as many sentences."""
    return sentences if len(sentences) <= MOST_TOLD else []


def where_real(columns: Columns) -> list[str]:
    """Return one sentence a model: at which lengths it is better, worse, or maybe neither."""
    said = []
    names = ("model", "bucket", "difference", "real")
    rows = list(zip(*(columns.get(name, []) for name in names), strict=True))
    for model in dict.fromkeys(columns.get("model", [])):
        lengths: dict[str, list[str]] = {}
        for _, bucket, difference, is_real in (row for row in rows if row[0] == model):
            word = ("better" if difference > 0 else "worse") if is_real else "may be chance"
            lengths.setdefault(word, []).append(str(bucket))
        parts = [f"{word} at {', '.join(lengths[word])}" for word in lengths]
        said.append(f"{translator_label(model)}: {'; '.join(parts)} words.")
    return said


def middle_bucket(config: TranslationConfig) -> int:
    """Return the longest bucket that is trained on, or the first of all."""
    return min(config.trained or config.buckets[:1], key=lambda bucket: abs(bucket - 50))


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
        default=middle_bucket(config) if middle_bucket(config) in buckets else buckets[0],
        required=True,
        key="ladder_bucket",
    )
    models = len(set(columns.get("model", config.models)))
    figure_card(
        "What each remedy is worth",
        ladder_figure(columns, bucket) if columns.get("model") else None,
        lambda: pd.DataFrame(columns),
        key="ladder",
        computed_by=["core.labs.ladder:Ladder", "core.metrics.paired:compare_systems"],
        caption="Dots: as many updates for each. Diamonds: as many seconds. Bars: 95 % intervals.",
        height=max(340, 90 + 28 * models),
        state=card_state(record),
    )
    if columns.get("model"):
        table = pd.DataFrame(columns)
        table["budget"] = [BUDGETS.get(budget, budget) for budget in table["budget"]]
        shown = table[table["bucket"] == bucket].drop(columns=["model", "bucket"])
        st.dataframe(
            shown,
            hide_index=True,
            height="content",
            column_config={
                "label": "Remedy",
                "budget": "Budget",
                "bleu": st.column_config.NumberColumn("BLEU", format="%.1f"),
                "low": st.column_config.NumberColumn("From", format="%.1f"),
                "high": st.column_config.NumberColumn("To", format="%.1f"),
                "seconds": st.column_config.NumberColumn("Seconds", format="%.1f"),
                "updates": "Updates",
                "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
                "difference": st.column_config.NumberColumn("To baseline", format="%+.1f"),
                "verdict": "Verdict",
            },
        )


def _set_ladder() -> None:
    preset = PRESETS["translation"]["Ladder"]
    assert isinstance(preset, TranslationConfig)
    start_afresh(
        "translation",
        {
            "models": list(preset.models),
            "schedule": preset.schedule,
            "updates": preset.updates,
            "shortest": preset.shortest,
            "longest": preset.longest,
        },
    )
