"""Which runs did I start, and what became of them?"""

from datetime import UTC, datetime

import streamlit as st

from core.errors import ConfigError, SeqScopeError
from core.labs.about import about
from core.labs.config import LABS
from core.labs.config_json import config_from_json
from core.runs.store import RunSummary
from pages.components import state
from pages.components.cache import delete_run, engine
from pages.components.run_view import STEPS, WORDS

PAGES = {
    "gradient-flow": "pages/labs/gradient_flow.py",
    "clipping": "pages/labs/clipping.py",
    "translation": "pages/labs/translation.py",
    "sentiment": "pages/labs/sentiment.py",
    "length": "pages/labs/length.py",
    "serving": "pages/labs/serving.py",
}
COLORS = {"done": "green", "running": "blue", "failed": "red", "interrupted": "orange"}


def delete(run_id: str) -> None:
    """Remove a run; what cannot be removed says why."""
    try:
        delete_run(run_id)
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/info:")


@st.dialog("Delete this run?")
def ask_to_delete(run: RunSummary) -> None:
    """Ask once more; a run that cannot be removed leaves the question open."""
    st.markdown(title_of(run))
    st.caption(f"{settings_of(run)} Its charts, tables and weights go with it.")
    asked = st.button(
        "Delete",
        icon=":material/delete:",
        type="primary",
        key=f"delete_for_good:{run.id}",
        on_click=delete,
        args=(run.id,),
    )
    if asked and run.id not in engine().store.ids():
        st.rerun()


def title_of(run: RunSummary) -> str:
    """Return the lab, when the run was started, and how far it came."""
    title = LABS[run.lab].title if run.lab in LABS else run.lab  # a later version's lab
    parts = [f"**{title}**", f"{datetime.fromtimestamp(run.created, tz=UTC):%d %b %H:%M} UTC"]
    if run.total:
        counted = STEPS.get(run.lab, "update")
        parts.append(f"{counted} {run.step:,} of {run.total:,}")
    return " · ".join(parts)


def settings_of(run: RunSummary) -> str:
    """Return the run's settings in a line, or why they cannot be read."""
    try:
        return f"{about(config_from_json(run.lab, run.config))}."
    except ConfigError as error:
        return f"Its settings cannot be read by this version of SeqScope. {error}"


def row(run: RunSummary) -> None:
    """Show one run: its state, which it is, and what can be done with it."""
    with st.container(border=True):
        badge, text, link, end = st.columns((2, 14, 2, 1), vertical_alignment="center")
        badge.badge(WORDS[run.state], color=COLORS.get(run.state, "gray"))  # type: ignore[arg-type]
        with text.container(gap="xxsmall"):
            st.markdown(title_of(run))
            st.caption(settings_of(run))
            if run.cause:
                st.caption(run.cause)
        if run.lab in PAGES:
            link.page_link(
                PAGES[run.lab],
                label="Open",
                icon=":material/open_in_new:",
                query_params={state.RUN_PARAMETER: run.id},
            )
        if end.button(
            "",
            icon=":material/delete:",
            key=f"delete:{run.id}",
            help="Delete this run and its files",
        ):
            ask_to_delete(run)


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
