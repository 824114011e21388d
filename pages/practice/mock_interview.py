"""Can I hold an interview of half an hour?"""

import streamlit as st

from core.errors import SeqScopeError
from core.practice.interview import Interview
from pages.components import state
from pages.components.interview_review import interview_review
from pages.components.interview_room import interview_room
from pages.components.interview_setup import interview_setup
from pages.components.interview_shelf import open_interview


def linked_interview() -> Interview | None:
    """Return the interview of the link, or the one under way; an unknown one is said so."""
    interview_id = state.followed_interview()
    if interview_id is None:
        return None
    try:
        return open_interview(interview_id)
    except SeqScopeError as error:
        st.warning(str(error), icon=":material/link_off:")
        state.leave_interview()
        return None


st.title("Mock interview")
try:
    found = linked_interview()
    if found is None:
        interview_setup()
    elif found.ended is None:
        state.follow_interview(found.id)
        interview_room(found)
    else:
        state.leave_interview(keep_link=True)
        interview_review(found)
except SeqScopeError as error:
    st.error(str(error), icon=":material/error:")
