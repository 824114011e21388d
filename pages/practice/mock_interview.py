"""Can I hold an interview of half an hour?"""

import streamlit as st

st.title("Mock interview")
