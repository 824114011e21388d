"""How do I show it in ninety seconds?"""

import streamlit as st

st.title("Guided demos")
