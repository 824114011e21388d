"""Why do LSTMs keep a gradient that RNNs lose?"""

import streamlit as st

from core.labs.about import about
from core.labs.config import GradientFlowConfig
from core.runs.record import RunRecord
from pages.components.cards_section import cards_section
from pages.components.claims_view import claims_section
from pages.components.gate_reader import gate_reader
from pages.components.gradient_flow_cards import gradient_flow_cards
from pages.components.gradient_flow_form import gradient_flow_form
from pages.components.prepared_card import prepared_card
from pages.components.reproduce import reproduce_section
from pages.components.run_view import RunView, dial, run_bar, shown_run, watch
from pages.components.what_if import what_if_section

LAB = "gradient-flow"
RATES = (1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2)
THRESHOLDS = (0.0, 0.01, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)

st.title("Why do LSTMs keep a gradient that RNNs lose?")
st.caption(
    "Models learn the same task side by side; watch what reaches back through time in each, "
    "exactly and as textbooks have it."
)
prepared_card(LAB)
view = shown_run(LAB)
assert isinstance(view.config, GradientFlowConfig)
gradient_flow_form(view)


def dials(view: RunView) -> None:
    """Show what may be changed while the models train."""
    with st.container(width=300):
        dial(view, "learning_rate", "Learning rate, live", RATES, help="Acts at the next update")
    with st.container(width=300):
        dial(view, "clip", "Clip threshold, live", THRESHOLDS, help="0 clips nothing")


run_bar(view, about=f"{about(view.config)}.", dials=dials)


def draw(record: RunRecord) -> None:
    """Draw the charts of the run that is shown."""
    gradient_flow_cards(record, view.config)  # type: ignore[arg-type]


watch(view, draw)
gate_reader(view, view.record)
what_if_section()
claims_section(LAB)
cards_section(LAB)
reproduce_section(view)
