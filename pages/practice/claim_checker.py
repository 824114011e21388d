"""Which of the usual answers hold?"""

import streamlit as st

from core.claims.catalogue import CLAIMS
from pages.components.claim_board import claim_board

st.title("Which of the usual answers hold?")
st.caption(
    f"{len(CLAIMS)} claims that interview answers make, each put to the test by an experiment on "
    "this machine. A verdict is only ever that of a run of yours, with the number that decided it."
)
claim_board()
