"""Which architecture would you ship on this text, and what would convince you?"""

import streamlit as st

from core.labs.about import about
from core.labs.sentiment_config import SentimentConfig
from core.runs.record import RunRecord
from pages.components.answer_cards import answers_section
from pages.components.cards_section import cards_section
from pages.components.claims_view import claims_section
from pages.components.data_cards import data_section
from pages.components.prepared_card import prepared_card
from pages.components.recommendation_section import recommendation_section
from pages.components.reproduce import reproduce_section
from pages.components.run_view import RunView, dial, run_bar, shown_run, watch, words_section
from pages.components.sentiment_cards import result_cards
from pages.components.sentiment_form import sentiment_form
from pages.components.sentiment_probes import probes_section
from pages.components.text_desk import text_desk

LAB = "sentiment"
RATES = (1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2)
THRESHOLDS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)

st.title("Which architecture would you ship on this text, and what would convince you?")
st.caption(
    "Classifiers learn the same labelled texts side by side, fold after fold; watch who is better, "
    "by how much, at which price, and where the difference is chance."
)
prepared_card(LAB)
view = shown_run(LAB)
config = view.config
assert isinstance(config, SentimentConfig)
sentiment_form(view)


def dials(view: RunView) -> None:
    """Show what may be changed while the models train."""
    with st.container(width=300):
        dial(view, "learning_rate", "Learning rate, live", RATES, help="Acts at the next update")
    with st.container(width=300):
        dial(view, "clip", "Clip threshold, live", THRESHOLDS, help="0 clips nothing")


run_bar(view, about=f"{about(config)}.", dials=dials)


def results(record: RunRecord, config: SentimentConfig = config) -> None:
    """Draw who is better, and at which price."""
    result_cards(record, config)
    words_section(record)
    recommendation_section(record)
    answers_section(record)


def reasons(record: RunRecord, config: SentimentConfig = config) -> None:
    """Draw what the models can and cannot do, and what they learned from."""
    probes_section(record, config)
    data_section(record)


watch(view, results)
text_desk(view, view.record)
watch(view, reasons)
claims_section(LAB)
cards_section(LAB)
reproduce_section(view)
