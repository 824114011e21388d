"""What do I owe my memory today?"""

import streamlit as st

st.title("Study")
