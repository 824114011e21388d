"""What is this, and where do I begin?"""

import streamlit as st

from core.runs.record import RunRecord
from core.runs.tables import model_tables, stacked_table
from pages.components.figure_card import figure_card
from pages.components.figures.gradient_flow import flow_figure
from pages.components.run_view import card_state, example_view, watch

LABS = (
    (
        "pages/labs/gradient_flow.py",
        "Gradient flow",
        ":material/waves:",
        "Why do LSTMs keep a gradient that RNNs lose? Forget gates against the exact Jacobian.",
    ),
    (
        "pages/labs/clipping.py",
        "Clipping",
        ":material/content_cut:",
        "When does clipping save a run? Drag the threshold while twins train.",
    ),
    (
        "pages/labs/translation.py",
        "Translation",
        ":material/translate:",
        "Why does BLEU fall with length, and what repairs it? Watch one curve fall and one hold.",
    ),
    (
        "pages/labs/sentiment.py",
        "Sentiment",
        ":material/thumbs_up_down:",
        "Which architecture would you ship on this text? Accuracy, latency and size, measured.",
    ),
    (
        "pages/labs/length.py",
        "Length",
        ":material/straighten:",
        "Why does it fail on longer sequences, and what helps? Every remedy, beside its control.",
    ),
    (
        "pages/labs/serving.py",
        "Serving",
        ":material/speed:",
        "What does a request cost? A queue on this machine's numbers, and what makes it cheaper.",
    ),
    (
        "pages/text/your_text.py",
        "Your text",
        ":material/description:",
        "Paste or upload a text and train on it.",
    ),
)
CARDS_ACROSS = 4

st.title("SeqScope")
st.markdown(
    "Train small sequence models in front of your eyes, and see *why* they behave as they do. "
    "Every claim of an interview answer is an experiment here: run it, and watch it hold or fail."
)
for start in range(0, len(LABS), CARDS_ACROSS):
    some = LABS[start : start + CARDS_ACROSS]
    for column, (page, label, icon, about) in zip(st.columns(CARDS_ACROSS), some, strict=False):
        with column, st.container(border=True, height="stretch"):
            st.page_link(page, label=f"**{label}**", icon=icon)
            st.caption(about)
view = example_view("gradient-flow")


def draw(record: RunRecord) -> None:
    """Draw the example's most telling chart."""
    flows = model_tables(record, "gradient_flow")
    figure_card(
        "An RNN and an LSTM, asked for a number they saw 100 steps ago",
        flow_figure(flows) if flows else None,
        lambda: stacked_table(record, "gradient_flow"),
        key="home_flow",
        computed_by="core.diagnostics.products:gradient_products",
        caption="A real run of this machine, made as an example: how much of the gradient is left "
        "the further back one looks. Dashed is what the textbook's formula says.",
        state=card_state(record),
    )
    for sentence in record.words:
        st.markdown(sentence)


watch(view, draw)
