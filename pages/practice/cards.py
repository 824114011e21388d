"""What is asked, and what is a good answer?"""

import streamlit as st

from core.errors import ConfigError
from core.practice.deck import find_card
from pages.components import state
from pages.components.card_page import all_cards, one_card
from pages.components.card_view import practice_styles

st.title("Cards")
practice_styles()
asked = state.linked("card")
if asked is None:
    all_cards()
else:
    try:
        card = find_card(asked)
    except ConfigError as error:
        st.warning(str(error), icon=":material/link_off:")
        state.put_in_link(card=None)
        all_cards()
    else:
        one_card(card)
