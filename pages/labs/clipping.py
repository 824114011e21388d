"""When does clipping save a run, and what does it change?"""

import streamlit as st

from core.labs.about import about
from core.labs.config import ClippingConfig
from core.runs.record import RunRecord
from pages.components.cards_section import cards_section
from pages.components.claims_view import claims_section
from pages.components.clipping_cards import clipping_cards
from pages.components.clipping_form import clipping_form
from pages.components.prepared_card import prepared_card
from pages.components.reproduce import reproduce_section
from pages.components.run_view import RunView, command, dial, run_bar, shown_run, watch

LAB = "clipping"
THRESHOLDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
RATES = (1e-4, 1e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)

st.title("When does clipping save a run, and what does it change?")
st.caption(
    "Twins with the same seed and the same data, one without clipping and one with. Drag the "
    "threshold while they train."
)
prepared_card(LAB)
view = shown_run(LAB)
assert isinstance(view.config, ClippingConfig)
clipping_form(view)


def dials(view: RunView) -> None:
    """Show what may be changed while the twins train."""
    with st.container(width=300):
        dial(view, "threshold", "Clip threshold, live", THRESHOLDS, help="Acts at the next update")
    with st.container(width=240):
        dial(view, "learning_rate", "Learning rate, live", RATES, help="Acts at the next update")
    for kind, value in (("infinity", 1.0), ("NaN", 2.0)):
        st.button(
            f"Plant {kind}",
            key=f"plant_{kind}",
            icon=":material/bolt:",
            help=f"Makes one element of the next gradient {kind}, in both twins",
            disabled=not view.is_steerable,
            on_click=command,
            args=(view.id, "turn", "inject", value),
        )


run_bar(view, about=f"{about(view.config)}.", dials=dials)


def draw(record: RunRecord) -> None:
    """Draw the charts of the run that is shown."""
    assert isinstance(view.config, ClippingConfig)
    clipping_cards(record, view.config)


watch(view, draw)
claims_section(LAB)
cards_section(LAB)
reproduce_section(view)
