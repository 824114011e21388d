"""A part of the page that is drawn again and again, at a place that outlasts it."""

from collections.abc import Callable

import streamlit as st


def poll(draw: Callable[[], None], seconds: float | None) -> None:
    """Draw now, and again every `seconds`; None draws once.

    Where such a part is due just when the page has been drawn, Streamlit throws away what the page
    said of it and has not sent yet. The browser then takes the place away as stale, all that stands
    behind it moves up, and what comes for it finds another thing, or nothing: "Cannot set a node
    at a delta path", a white page. A column stays when it is empty; a container does not.
    """
    with st.columns(1)[0]:
        st.fragment(draw, run_every=seconds)()
