"""All guided demos as cards: the question, what it comes to, and how long it takes."""

import streamlit as st

from core.labs.config import LABS
from core.practice.demo import Demo, demos
from pages.components import demo_link

ACROSS = 3
VIEWS = (
    ("Show it", ":material/play_arrow:", False),
    ("Present it", ":material/co_present:", True),
)
VIEWS_HELP = {False: "what an audience sees", True: "large type and speaker notes"}


def demo_list() -> None:
    """Show the demos, each with what opens it."""
    st.title("Guided demos")
    st.caption(
        "Six demos, one a lab: each step has a sentence to say, a chart to look at and one button. "
        "Everything is trained while you talk; the last sentence is told from that run's numbers."
    )
    known = list(demos().values())
    for start in range(0, len(known), ACROSS):
        for column, demo in zip(st.columns(ACROSS), known[start : start + ACROSS], strict=False):
            with column, st.container(border=True, height="stretch", key=f"demo_{demo.name}"):
                _card(demo)


def _card(demo: Demo) -> None:
    st.markdown(f"**{demo.title}**")
    st.caption(f"{LABS[demo.lab].title} · {len(demo.steps)} steps · about {demo.seconds} s")
    st.markdown(f"*{demo.question}*")
    st.markdown(demo.promise)
    with st.container(horizontal=True):
        for label, icon, is_presenter in VIEWS:
            st.button(
                label,
                icon=icon,
                key=f"demo_open:{demo.name}:{is_presenter}",
                help=f"{demo.title}: {VIEWS_HELP[is_presenter]}",
                on_click=demo_link.open_demo,
                args=(demo.name, is_presenter),
            )
