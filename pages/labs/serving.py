"""What does a request cost in production, and what would you do first to make it cheaper?"""

import streamlit as st

from core.labs.about import about
from core.labs.serving_config import ServingConfig
from core.runs.record import RunRecord
from pages.components.cards_section import cards_section
from pages.components.claims_view import claims_section
from pages.components.prepared_card import prepared_card
from pages.components.reproduce import reproduce_section
from pages.components.run_view import RunView, run_bar, shown_run, watch, words_section
from pages.components.serving_cards import measure_section, serve_section
from pages.components.serving_desk import serving_desk
from pages.components.serving_form import serving_form
from pages.components.shrink_cards import shrink_section

LAB = "serving"

st.title("What does a request cost in production, and what would you do first?")
st.caption(
    "A model is timed on this machine, alone and in batches; a queue of requests is simulated "
    "from these times and checked with real passes; and whatever is said to shrink it is tried."
)
prepared_card(LAB)
view = shown_run(LAB)
config = view.config
assert isinstance(config, ServingConfig)
serving_form(view)


def dials(view: RunView) -> None:
    """Show nothing: what is served is measured as it is."""


run_bar(view, about=f"{about(config)}.", dials=dials)


def costs(record: RunRecord, config: ServingConfig = config) -> None:
    """Draw what a pass takes, and what a stream of requests makes of it."""
    with st.container(border=True, key="serving_words"):
        words_section(record)
    measure_section(record, config)
    serve_section(record, config)


def remedies(record: RunRecord, config: ServingConfig = config) -> None:
    """Draw what makes the model smaller or faster."""
    shrink_section(record, config)


watch(view, costs)
serving_desk(view)
watch(view, remedies)
claims_section(LAB)
cards_section(LAB)
reproduce_section(view)
