"""What do I know by now?"""

import streamlit as st

st.title("Progress")
