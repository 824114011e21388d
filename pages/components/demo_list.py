"""All guided demos as cards: the question, what it comes to, and how long it takes."""

import streamlit as st

from core.labs.config import LABS
from core.practice.demo import Demo, demos
from pages.components import demo_link

PAGE = "pages/practice/guided_demos.py"
ACROSS = 3


def demo_list() -> None:
    """Show the demos, each with its links."""
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
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.page_link(
            PAGE,
            label="Show it",
            icon=":material/play_arrow:",
            query_params={demo_link.DEMO: demo.name},
            width="content",
        )
        st.page_link(
            PAGE,
            label="Present it",
            icon=":material/co_present:",
            query_params={demo_link.DEMO: demo.name, demo_link.VIEW: demo_link.PRESENTER},
            width="content",
        )
