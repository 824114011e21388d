"""What is asked, and what is a good answer?"""

import streamlit as st

st.title("Cards")
