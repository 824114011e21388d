"""Which runs did I start, and what became of them?"""

from datetime import UTC, datetime

import streamlit as st

from core.errors import SeqScopeError
from core.labs.config import LABS
from core.runs.store import RunSummary
from pages.components import state
from pages.components.cache import delete_run, engine
from pages.components.run_view import WORDS

PAGES = {"gradient-flow": "pages/labs/gradient_flow.py", "clipping": "pages/labs/clipping.py"}
COLORS = {"done": "green", "running": "blue", "failed": "red", "interrupted": "orange"}


def delete(run_id: str) -> None:
    """Remove a run; what cannot be removed says why."""
    try:
        delete_run(run_id)
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/info:")


def row(run: RunSummary) -> None:
    """Show one run with its links."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.badge(WORDS[run.state], color=COLORS.get(run.state, "gray"))  # type: ignore[arg-type]
        started = datetime.fromtimestamp(run.created, tz=UTC)
        progress = f"update {run.step:,} of {run.total:,}" if run.total else ""
        title = LABS[run.lab].title if run.lab in LABS else run.lab  # a later version's lab
        st.markdown(f"**{title}** · {started:%d %b %H:%M} UTC · {progress}")
        if run.lab in PAGES:
            st.page_link(
                PAGES[run.lab],
                label="Open",
                icon=":material/open_in_new:",
                query_params={state.RUN_PARAMETER: run.id},
            )
        st.button(
            "",
            icon=":material/delete:",
            key=f"delete:{run.id}",
            help="Delete this run and its files",
            on_click=delete,
            args=(run.id,),
        )
        if run.cause:
            st.caption(run.cause)


st.title("Runs")
caps = engine().store.caps
st.caption(
    f"Your runs, newest first. Kept for {caps.days:g} days, {caps.runs} runs and "
    f"{caps.megabytes:,.0f} MB in all; the oldest go first."
)
runs = engine().store.listing(state.visitor())
if not runs:
    st.info("No runs yet. Train something in a lab and it is kept here.", icon=":material/info:")
for run in runs:
    row(run)
