"""What does a request cost in production, and what would you do first to make it cheaper?"""

import streamlit as st

from core.labs.about import about
from core.labs.serving_config import ServingConfig
from pages.components.claims_view import claims_section
from pages.components.reproduce import reproduce_section
from pages.components.run_view import RunView, run_bar, shown_run, words_section

LAB = "serving"

st.title("What does a request cost in production, and what would you do first?")
view = shown_run(LAB)
config = view.config
assert isinstance(config, ServingConfig)


def dials(view: RunView) -> None:
    """Show nothing: what is served is measured as it is."""


run_bar(view, about=f"{about(config)}.", dials=dials)
words_section(view.record)
claims_section(LAB)
reproduce_section(view)
