"""What do I know by now, and what will I still know next month?"""

import streamlit as st

from core.errors import SeqScopeError
from core.practice.clock import now
from core.practice.deck import deck
from core.practice.progress import today
from pages.components import state
from pages.components.cache import practice_store
from pages.components.keeping import keeping_section, taken_over
from pages.components.progress_cards import progress_cards, today_figures

st.title("What do you know by now?")
taken_over()
who, at, zone = state.practiser(), now(), state.time_zone()
try:
    schedules, reviews = practice_store().schedules(who), practice_store().reviews(who)
except SeqScopeError as error:
    st.error(str(error), icon=":material/error:")
    st.stop()
found = today(deck(), schedules, reviews, at, zone)
today_figures(found)
if found.due:
    label = f"Study what is due ({found.due})"
else:
    label = "Nothing is due: learn new cards" if found.seen else "Rate your first card"
with st.container(border=True, width="content", key="to_study"):
    st.page_link("pages/practice/study.py", label=f"**{label}**", icon=":material/school:")
progress_cards(schedules, reviews, at, zone)
keeping_section(who)
