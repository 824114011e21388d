"""Keeps what is typed but not yet given: a draft outlives a refresh, a crash and a lost connection.

The browser stores every keystroke's text at once, in its own storage and nowhere else. When the
same draft is shown again, what was stored is put back into its text area.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.components import state

_CODE = """
const STORE = "seqscope-drafts", MOST = 60, DAYS = 3;
const read = () => {
  try { return JSON.parse(localStorage.getItem(STORE)) ?? {}; } catch { return {}; }
};
const write = (slot, text) => {
  const since = Date.now() - DAYS * 864e5;
  const others = Object.entries(read()).filter(([key, [, at]]) => key !== slot && at > since);
  const kept = others.sort(([, a], [, b]) => b[1] - a[1]).slice(0, MOST);
  if (text) kept.push([slot, [text, Date.now()]]);
  try { localStorage.setItem(STORE, JSON.stringify(Object.fromEntries(kept))); } catch { }
};

const keepers = new WeakMap(); // parent element -> what listens
export default ({ data, parentElement, setTriggerValue }) => {
  const find = () => document.querySelector(`.st-key-${data.field} textarea`);
  const known = keepers.get(parentElement);
  const keeper = known ?? { slot: null, pause: 0, waits: 0 };
  if (!known) {
    keepers.set(parentElement, keeper);
    keeper.listen = ({ target }) => keeper.typed(target);
    document.addEventListener("input", keeper.listen, true);
  }
  keeper.typed = (target) => {
    if (target !== find()) return;
    write(data.slot, target.value);
    clearTimeout(keeper.pause);
    if (!data.pause) return;
    const told = { slot: data.slot, text: target.value };
    keeper.pause = setTimeout(() => setTriggerValue("draft", told), data.pause * 1000);
  };
  const begin = () => {
    const area = find();
    if (!area) {
      if (parentElement.isConnected && keeper.waits++ < 100) setTimeout(begin, 50);
      return;
    }
    if (data.focus && matchMedia("(pointer: fine)").matches) area.focus();
    const [text] = read()[data.slot] ?? [""];
    if (text && text !== area.value) setTriggerValue("restored", { slot: data.slot, text });
  };
  if (keeper.slot !== data.slot) {
    clearTimeout(keeper.pause);
    Object.assign(keeper, { slot: data.slot, waits: 0 });
    begin();
  }
  return () => { // Streamlit also calls this when newer data overtook this call
    if (parentElement.isConnected) return;
    clearTimeout(keeper.pause);
    document.removeEventListener("input", keeper.listen, true);
  };
};
"""
_keeper = st.components.v2.component("draft_keeper", js=_CODE, isolate_styles=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the browser has just told of a draft; `restored` after a refresh."""

    text: str
    restored: bool


def keep_draft(
    field: str, slot: str, *, pause: float | None = None, focus: bool = False
) -> Draft | None:
    """Keep what is typed into the text area with the key `field` as the draft `slot`.

    To be called before the text area is drawn: a draft that the browser has is put into it.

    Args:
        field: the key of the text area: small letters, digits and underscores.
        slot: whose draft it is; another slot, another draft. A slot that is over (an answer
            given, a card rated) should not come again: its old draft would.
        pause: how long, in seconds, nothing must be typed until the text is told to the script
            and returned here, so that the server knows it too; None keeps it in the browser.
        focus: whether the text area takes the keyboard when the slot is shown first.
    """
    asked = {"field": field, "slot": slot, "pause": pause, "focus": focus}
    with st.container(key=f"drafts_{field}", height=1, border=False):
        told = _keeper(
            key=f"draft_keeper_{field}",
            data=asked,
            on_draft_change=_nothing,
            on_restored_change=_nothing,
        )
    restored = _text_of(told.get("restored"), slot)
    if restored is not None:
        state.put_setting(field, restored, over=True)
        return Draft(restored, restored=True)
    typed = _text_of(told.get("draft"), slot)
    return None if typed is None else Draft(typed, restored=False)


def _text_of(told: Any, slot: str) -> str | None:
    """Return the text that the browser told, if it is of this slot."""
    if not isinstance(told, dict) or told.get("slot") != slot:
        return None
    text = told.get("text")
    return text if isinstance(text, str) else None


def _nothing() -> None:
    """What the browser tells is read from the component's return value."""
