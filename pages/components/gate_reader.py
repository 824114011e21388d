"""Type a text and see the gates of the trained model over it."""

import pandas as pd
import streamlit as st

from core.errors import SeqScopeError
from core.models.catalogue import find_spec, gates_first
from core.runs.record import RunRecord
from pages.components.cache import gates_over_text
from pages.components.figure_card import figure_card
from pages.components.figures.gradient_flow import gate_heatmap_figure, gate_name
from pages.components.run_view import RunView

SAMPLE = "And the evening and the morning were the first day."


def gate_reader(view: RunView, record: RunRecord) -> None:
    """Show the gates over a typed text, for a language model whose weights are stored."""
    weights = {c["model"]: c["file"] for c in record.checkpoints}
    if not weights or getattr(view.config, "task", "") != "language-model":
        return
    st.subheader("Read a text with the trained gates", anchor="read")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = st.selectbox(
            "Model",
            gates_first(weights),
            format_func=lambda name: find_spec(name).label,
            key="read_model",
        )
        text = st.text_input("Text", SAMPLE, max_chars=400, key="read_text")
    try:
        gates = gates_over_text(view.id, model, weights[model], text)
    except SeqScopeError as error:
        st.error(str(error))
        return
    unknown = gates["unknown"]
    note = f" {unknown} characters were never seen in training." if unknown else ""
    closing = pd.DataFrame(gates["closing"])
    closing["symbol"] = [text[step] for step in closing["step"]]
    figure_card(
        f"{gate_name(model)} reads your text",
        gate_heatmap_figure(gates["gate"], {"unit": gates["unit"], "symbol": gates["symbol"]}),
        closing,
        key="read_gates",
        computed_by=[
            "core.labs.what_if:gates_over_text",
            "core.diagnostics.gradient_flow:gate_heatmap",
        ],
        caption="Yellow keeps, blue forgets; the table lists where the gates close." + note,
    )
