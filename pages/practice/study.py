"""What do I owe my memory today?"""

import streamlit as st

from core.errors import PracticeError
from pages.components.card_view import practice_styles
from pages.components.study_end import session_end
from pages.components.study_session import study_choice, study_session
from pages.components.study_view import progress_bar, study_card

st.title("Study")
st.caption(
    "Answer first, then look. What you rate comes back when you are about to forget it (FSRS)."
)
practice_styles()
choice = study_choice()
try:
    session = study_session(choice)
except PracticeError as error:
    st.error(f"Your progress cannot be read now: {error}", icon=":material/error:")
    st.stop()
progress_bar(session)
if session.card is None:
    session_end(session)
else:
    study_card(session, session.card)
