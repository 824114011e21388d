"""What becomes of a text of mine?"""

import streamlit as st

from core.labs.config import TASK_DEFAULTS
from pages.components import state
from pages.components.config_form import start_afresh
from pages.components.text_picker import text_picker

LANGUAGE_MODEL = {
    **TASK_DEFAULTS["language-model"],
    "task": "language-model",
    "bidirectional": False,  # it would read what it must predict
}

st.title("Your text")
st.caption(
    "Paste or upload a text and every lab that reads text can train on it. It stays in this "
    "session and in the runs you start on it; nobody else sees it unless you share a run's link."
)
with st.container(border=True):
    text_picker("text_page")
if state.own_text():
    with st.container(horizontal=True):
        if st.button(
            "Train on it in Gradient flow", icon=":material/waves:", key="own_in_gradient_flow"
        ):
            start_afresh("gradient-flow", {**LANGUAGE_MODEL, "corpus": "own"})
            st.switch_page("pages/labs/gradient_flow.py")
        if st.button(
            "Train on it in Clipping", icon=":material/content_cut:", key="own_in_clipping"
        ):
            start_afresh("clipping", {"corpus": "own"})
            st.switch_page("pages/labs/clipping.py")
        if st.button("Train on it in Length", icon=":material/straighten:", key="own_in_length"):
            start_afresh("length", {"task": "language-model", "corpus": "own"})
            st.switch_page("pages/labs/length.py")
