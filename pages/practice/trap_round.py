"""Is it true, or a trap?"""

import streamlit as st

from core.errors import PracticeError, SeqScopeError
from core.practice.trap_round import open_round
from pages.components import state
from pages.components.cache import practice_store
from pages.components.card_view import practice_styles
from pages.components.trap_room import ROUND, trap_room, trap_setup

st.title("True, or a trap?")
practice_styles()
name = st.query_params.get(ROUND)
try:
    if name:
        trap_room(open_round(name))
    else:
        st.caption(
            "A statement that interview answers make, or its contrary. Say which; then an "
            "experiment runs, here and now, and decides."
        )
        trap_setup(practice_store().trap_answers(state.practiser()))
except PracticeError as error:
    st.warning(str(error), icon=":material/link_off:")
    st.page_link("pages/practice/trap_round.py", label="A new round", icon=":material/replay:")
except SeqScopeError as error:
    st.error(str(error), icon=":material/error:")
