"""What if: the gradient before any training, redrawn at once as sliders move."""

import pandas as pd
import streamlit as st

from core.errors import SeqScopeError
from core.training.events import number
from pages.components.cache import gradient_picture
from pages.components.figure_card import figure_card
from pages.components.figures.gradient_flow import what_if_figure

CAPTION = (
    "At initialization, nothing trained. Dashed is the textbook's product, solid the exact "
    "gradient: cell (thick) and hidden (thin) of the LSTM. The RNN's matrix is orthogonal, so the "
    "gain is its norm."
)


def what_if_section() -> None:
    """Show the sliders and the picture they give; only this part runs again when one moves."""
    st.subheader("What if? Before any training", anchor="what-if")
    st.fragment(_what_if)()


def _what_if() -> None:
    with st.container(border=True, key="what_if_sliders"):
        columns = st.columns(4)
        settings = {
            "forget_bias": columns[0].slider(
                "Forget bias", -2.0, 5.0, 1.0, 0.25, key="wi_bias", help="Of the LSTM and the GRU"
            ),
            "gain": columns[1].slider(
                "Recurrent gain", 0.1, 4.0, 1.0, 0.1, key="wi_gain", help="Multiplies every W_hh"
            ),
            "input_scale": columns[2].slider(
                "Input scale", 0.0, 4.0, 1.0, 0.1, key="wi_input", help="Standard deviation"
            ),
            "length": columns[3].slider("Length (steps)", 10, 400, 100, 10, key="wi_length"),
        }
    try:
        pictures = gradient_picture(settings)
    except SeqScopeError as error:
        st.error(str(error))
        return
    table = pd.concat(
        [
            pd.DataFrame({"model": model} | {name: map(number, c) for name, c in columns.items()})
            for model, columns in pictures.items()
        ],
        ignore_index=True,
    )
    figure_card(
        "Gradient at initialization",
        what_if_figure(pictures),
        table,
        key="what_if",
        computed_by=[
            "core.labs.what_if:gradient_picture",
            "core.diagnostics.products:gradient_products",
        ],
        caption=CAPTION,
    )
