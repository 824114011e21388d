"""What is this, and where do I begin?"""

import streamlit as st

from core.errors import SeqScopeError
from core.runs.record import RunRecord
from core.runs.tables import model_tables, series_table, stacked_table
from pages.components.figure_card import figure_card
from pages.components.figures.gradient_flow import flow_figure
from pages.components.gradient_flow_cards import training_loss_figure
from pages.components.run_view import RunView, card_state, open_view, run_status, watch
from pages.components.start_training import start_page_run
from pages.components.ways import lab_links, ways

CHART_HEIGHT = 300


def begin_anew() -> None:
    """Train once more, with another seed; for a button's callback."""
    try:
        start_page_run(anew=True)
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/error:")


def bar(view: RunView) -> None:
    """Show how far the training is, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", key="start_bar"):
        with st.container(key="start_status"):
            run_status(view)
        st.button(
            "Train again",
            icon=":material/replay:",
            key="start_again",
            help="With another seed, now",
            on_click=begin_anew,
        )
        st.page_link(
            "pages/labs/gradient_flow.py",
            label="Open in its lab",
            icon=":material/waves:",
            query_params={"run": view.id},
        )


def draw(record: RunRecord) -> None:
    """Draw the two charts that tell most of the run."""
    state = card_state(record)
    left, right = st.columns([2, 3])
    with left:
        figure_card(
            "Which of the two learns it?",
            training_loss_figure(record),
            lambda: series_table(record, ["loss"]),
            key="start_loss",
            computed_by="core.training.loop:train",
            caption="Both read 100 steps and are then asked for the number of the first. Guessing "
            "costs about 0.35. Same batches for both.",
            height=CHART_HEIGHT,
            state=state,
        )
    with right:
        flows = model_tables(record, "gradient_flow")
        figure_card(
            "How much of the gradient reaches back",
            flow_figure(flows) if flows else None,
            lambda: stacked_table(record, "gradient_flow"),
            key="home_flow",
            computed_by="core.diagnostics.products:gradient_products",
            caption="Looked at every 50 updates. Solid is exact, dashed what the textbook's "
            "formula says, pale before training.",
            height=CHART_HEIGHT,
            state=state,
        )


st.title("SeqScope")
st.markdown(
    "Train small sequence models in front of your eyes, and see *why* they behave as they do. "
    "Every claim of an interview answer is an experiment here: run it, and watch it hold or fail."
)
try:
    view = open_view(start_page_run())
except (SeqScopeError, OSError) as error:
    st.error(f"Nothing can be trained now: {error}", icon=":material/error:")
else:
    bar(view)
    watch(view, draw)
st.subheader("Three ways to use it", anchor="ways")
ways()
st.subheader("The labs", anchor="labs")
lab_links()
