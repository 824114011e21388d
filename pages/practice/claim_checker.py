"""Which of the usual answers hold?"""

import streamlit as st

st.title("Claim checker")
