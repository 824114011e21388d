"""The keys of the study page that Streamlit's own shortcuts do not cover, and where the focus goes.

Space and 1 to 4 are shortcuts of buttons, which Streamlit leaves alone while something is typed.
Here are A (write an answer), Escape (leave the text) and Ctrl+Enter (leave it and reveal). After
each step the new part of the card takes the focus, so that a reader hears it, and the keys work.
"""

import streamlit as st

_CODE = """
let shown = null;
let keys = new AbortController();
const find = (key, what = "") => document.querySelector(`.st-key-${key} ${what}`);
const isTyping = (target) => target.isContentEditable
  || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

const pressed = (event, data) => {
  const { target, key } = event;
  const area = find(data.field, "textarea");
  const command = event.ctrlKey || event.metaKey;
  if (area && target === area) {
    if (key === "Escape") area.blur();
    if (key === "Enter" && command) {
      area.blur(); // which gives the text; the button, pressed next, finds it given
      setTimeout(() => find(data.reveal, "button")?.click(), 0);
    }
    return;
  }
  const plain = !(command || event.altKey || event.repeat || isTyping(target));
  if (plain && area?.offsetParent && key.toLowerCase() === "a") {
    event.preventDefault();
    area.focus();
  }
};

const show = (data, waits = 0) => {
  const place = find(data.focus, ":is(h2, h3, h4)") ?? find(data.focus);
  if (!place || place.closest('[data-stale="true"]')) {
    if (waits < 60) setTimeout(() => show(data, waits + 1), 50);
    return;
  }
  place.tabIndex = -1;
  place.style.outline = "none";
  place.style.scrollMarginTop = "4.5rem"; // below the header
  place.focus({ preventScroll: true });
  const isFar = place.getBoundingClientRect().top < 60
    || place.getBoundingClientRect().top > innerHeight / 2;
  if (isFar) place.scrollIntoView({ block: "start" });
};

export default ({ data, parentElement }) => {
  keys.abort();
  const mine = keys = new AbortController();
  const listening = { capture: true, signal: mine.signal };
  document.addEventListener("keydown", (event) => pressed(event, data), listening);
  if (shown !== data.step) {
    const isFirst = shown === null;
    shown = data.step;
    if (!isFirst || data.revealed) show(data);
  }
  parentElement.dataset.step = data.step; // a test sees that the keys work
  return () => mine.abort();
};
"""
_keys = st.components.v2.component("study_keys", js=_CODE, isolate_styles=False)


FOCUS = "study_focus"
"""The key of the container whose heading takes the focus."""


def study_keys(
    step: str, *, focus: str, revealed: bool, field: str = "none", reveal: str = "none"
) -> None:
    """Listen for the keys, and move the focus when `step` is another than before.

    Args:
        step: what is shown: a card, hidden or revealed, the end, or the card of a lab.
        focus: the key of the container whose heading, or which itself, takes the focus.
        revealed: whether the answer is shown.
        field: the key of the text area.
        reveal: the key of the button that reveals.
    """
    asked = {"step": step, "field": field, "reveal": reveal, "focus": focus, "revealed": revealed}
    with st.container(key="study_keys", height=1, border=False):
        _keys(key="study_key_listener", data=asked)
