"""Who visits: an anonymous key that the visitor's own browser remembers, and nobody else."""

import streamlit as st

from pages.components import state

_CODE = """
export default ({ data, setTriggerValue }) => {
  const slot = "seqscope-visitor";
  try {
    const kept = localStorage.getItem(slot);
    if (!kept) localStorage.setItem(slot, data.key);
    else if (kept !== data.key) setTriggerValue("key", kept);
  } catch (error) { /* a browser without storage: the key lasts as long as the session */ }
};
"""
_memory = st.components.v2.component("visitor", js=_CODE)


def remember_visitor() -> None:
    """Let the browser keep this visitor's key, or take the one it has kept."""
    with st.container(key="visitor", height=1, border=False):
        result = _memory(key="visitor_key", data={"key": state.visitor()}, on_key_change=_nothing)
    kept = result.get("key")
    if kept and kept != state.visitor():
        state.set_visitor(str(kept))
        st.rerun()  # what was drawn above was drawn for a stranger


def _nothing() -> None:
    """The key is read from the component's return value."""
