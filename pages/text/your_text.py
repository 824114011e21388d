"""What becomes of a text of mine?"""

import streamlit as st

from pages.components import state
from pages.components.text_picker import text_picker

st.title("Your text")
st.caption(
    "Paste or upload a text and every lab that reads text can train on it. It stays in this "
    "session and in the runs you start on it; nobody else sees it unless you share a run's link."
)
with st.container(border=True):
    text_picker("text_page")
if state.own_text():
    st.success("Choose it as the text in a lab:", icon=":material/check:")
    with st.container(horizontal=True):
        st.page_link("pages/labs/gradient_flow.py", label="Gradient flow", icon=":material/waves:")
        st.page_link("pages/labs/clipping.py", label="Clipping", icon=":material/content_cut:")
