"""Who visits: an anonymous key in a signed cookie of the visitor's own browser."""

from typing import Any

import streamlit as st

from core.practice.visitor_key import new_key
from pages.components import state
from pages.components.cache import engine, key_ring

_CODE = """
const AGE = 400 * 24 * 3600;
const OLD = "seqscope-visitor";
const cookie = (name) => document.cookie.split("; ")
  .find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
const stored = (slot) => { try { return localStorage.getItem(slot); } catch { return null; } };
const store = (slot, value) => {
  try { value ? localStorage.setItem(slot, value) : localStorage.removeItem(slot); } catch { }
};

export default ({ data, setTriggerValue }) => {
  const kept = cookie(data.name) || stored(data.name);
  if (kept && kept !== data.token && kept !== data.refused && !data.chosen) {
    setTriggerValue("token", kept);
    return;
  }
  document.cookie = `${data.name}=${data.token}; path=/; max-age=${AGE}; samesite=lax`;
  store(data.name, data.token);
  const old = stored(OLD);
  if (old && !kept) setTriggerValue("old", old);
  store(OLD, null);
};
"""
_memory = st.components.v2.component("visitor", js=_CODE)


def recognise_visitor() -> None:
    """Take the visitor's key from the cookie, before anything is drawn for a stranger."""
    if not state.is_known():
        ring = key_ring()
        state.set_visitor(ring.key(st.context.cookies.get(ring.name)) or new_key())


def remember_visitor() -> None:
    """Let the browser keep this visitor's key, or take the one that it has kept elsewhere.

    Where cookies are blocked the browser's storage has it; where both are, it lasts as long as
    the session.
    """
    ring = key_ring()
    asked = {
        "name": ring.name,
        "token": ring.token(state.visitor()),
        "refused": state.refused_token(),
        "chosen": state.visitor_was_chosen(),
    }
    with st.container(key="visitor", height=1, border=False):
        told = _memory(
            key="visitor_key", data=asked, on_token_change=_nothing, on_old_change=_nothing
        )
    _take(told, ring.key(told.get("token")))


def _take(told: Any, key: str | None) -> None:
    """Go on as the visitor that the browser told of, if it is one of ours."""
    old = told.get("old")
    if key is None and old and engine().store.listing(str(old)):
        key = str(old)  # of a version that did not sign: whoever knows it owns its runs
    if key is not None and key != state.visitor():
        state.set_visitor(key)
        st.rerun()  # what was drawn above was drawn for a stranger
    if told.get("token") and key is None:
        state.refuse_token(str(told["token"]))
        st.rerun()


def _nothing() -> None:
    """What the browser tells is read from the component's return value."""
