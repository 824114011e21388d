"""Why does BLEU fall with length, and what repairs it?"""

import streamlit as st

from core.labs.about import about
from core.labs.translation_config import TranslationConfig
from core.runs.record import RunRecord
from pages.components.attention_preview import attention_preview
from pages.components.cards_section import cards_section
from pages.components.claims_view import claims_section
from pages.components.comparison_cards import ladder_section
from pages.components.diagnosis_cards import diagnosis_section
from pages.components.prepared_card import prepared_card
from pages.components.pretrained_section import pretrained_section
from pages.components.published_view import published_section
from pages.components.reproduce import reproduce_section
from pages.components.run_view import RunView, dial, run_bar, shown_run, watch, words_section
from pages.components.samples_view import samples_section
from pages.components.sentence_desk import sentence_desk
from pages.components.translation_cards import result_cards
from pages.components.translation_form import translation_form
from pages.components.verdict_cards import verdict_sentences

LAB = "translation"
RATES = (1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2, 2e-2)
THRESHOLDS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)

st.title("Why does BLEU fall with length, and what repairs it?")
st.caption(
    "Translators learn the same sentence pairs side by side; watch whose BLEU falls with the "
    "length of the sentence, and why."
)
prepared_card(LAB)
view = shown_run(LAB)
config = view.config
assert isinstance(config, TranslationConfig)
translation_form(view)


def dials(view: RunView) -> None:
    """Show what may be changed while the models train."""
    with st.container(width=300):
        dial(view, "learning_rate", "Learning rate, live", RATES, help="Acts at the next update")
    with st.container(width=300):
        dial(view, "clip", "Clip threshold, live", THRESHOLDS, help="0 clips nothing")


run_bar(view, about=f"{about(config)}.", dials=dials)


def results(record: RunRecord, config: TranslationConfig = config) -> None:
    """Draw how well each length is translated."""
    result_cards(record, config)
    words_section(record, but=verdict_sentences(record))
    if not record.checkpoints:
        attention_preview(record)


def reasons(record: RunRecord, config: TranslationConfig = config) -> None:
    """Draw why, and what helps."""
    diagnosis_section(record)
    ladder_section(record, config)
    samples_section(record)


watch(view, results)
sentence_desk(view, view.record)
watch(view, reasons)
published_section()
pretrained_section()
claims_section(LAB)
cards_section(LAB)
reproduce_section(view)
