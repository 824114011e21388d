"""Is it true, or a trap?"""

import streamlit as st

st.title("True or trap?")
