"""Why does it fail on sequences longer than those it was trained on, and what helps?"""

import streamlit as st

from core.labs.about import about
from core.labs.length_config import LengthConfig
from core.runs.record import RunRecord
from pages.components.cards_section import cards_section
from pages.components.claims_view import claims_section
from pages.components.length_cards import length_cards
from pages.components.length_form import length_form
from pages.components.prepared_card import prepared_card
from pages.components.remedy_cards import remedies_section
from pages.components.reproduce import reproduce_section
from pages.components.run_view import RunView, dial, run_bar, shown_run, watch, words_section
from pages.components.state_cards import states_section

LAB = "length"
RATES = (1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2)
THRESHOLDS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)

st.title("Why does it fail on longer sequences, and what helps?")
st.caption(
    "Models learn a task on some lengths and are tested on lengths up to five times as long; then "
    "everything that answers propose is tried, beside as much more training of the same."
)
prepared_card(LAB)
view = shown_run(LAB)
config = view.config
assert isinstance(config, LengthConfig)
length_form(view)


def dials(view: RunView) -> None:
    """Show what may be changed while the models train."""
    with st.container(width=300):
        dial(view, "learning_rate", "Learning rate, live", RATES, help="Acts at the next update")
    with st.container(width=300):
        dial(view, "clip", "Clip threshold, live", THRESHOLDS, help="0 clips nothing")


run_bar(view, about=f"{about(config)}.", dials=dials)


def draw(record: RunRecord, config: LengthConfig = config) -> None:
    """Draw how far each model's skill reaches, what helps, and what happens inside."""
    length_cards(record, config)
    remedies_section(record, config)
    states_section(record, config)
    words_section(record)  # last: they grow with every remedy, and nothing may move


watch(view, draw)
claims_section(LAB)
cards_section(LAB)
reproduce_section(view)
