"""The time that a demo has taken, counted in the browser; and the keys that a speaker presses.

Right and left are shortcuts of the buttons. Space, and in the speaker's view the two keys of a
presenter's remote (page down and page up), press the same buttons from here.
"""

import streamlit as st

_HTML = """
<div class="demo-clock" role="timer" aria-live="off">
  <span class="time"></span><span class="of"></span>
</div>
"""
_CSS = """
.demo-clock { display: flex; align-items: baseline; gap: 0.4rem; white-space: nowrap;
  font-family: var(--st-font); color: var(--st-text-color); font-variant-numeric: tabular-nums; }
.demo-clock .time { font-size: 1.25rem; font-weight: 600; }
.demo-clock .of { font-size: 0.875rem; opacity: 0.75; }
.demo-clock.late .time { color: var(--st-orange-color, #b85100); }
"""
_CODE = """
const clocks = new WeakMap(); // parent element -> what ticks and listens
const said = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
const own = "input, textarea, select, [contenteditable=true], [role=combobox], [role=slider]";
const pressable = "button, a, summary, [role=radio], [role=button], [role=tab]";

export default ({ data, parentElement }) => {
  let clock = clocks.get(parentElement);
  if (!clock) {
    clock = { shown: "" };
    clocks.set(parentElement, clock);
    clock.timer = setInterval(() => clock.tick(), 250);
    clock.listen = (event) => clock.press(event);
    document.addEventListener("keydown", clock.listen, true);
  }
  const began = performance.now();
  const place = parentElement.querySelector(".demo-clock");
  place.querySelector(".of").textContent = `of about ${said(data.target)}`;
  clock.tick = () => {
    const passed = data.ticking ? (performance.now() - began) / 1000 : 0;
    const text = said(data.elapsed + passed);
    if (text !== clock.shown) place.querySelector(".time").textContent = clock.shown = text;
    place.classList.toggle("late", data.elapsed + passed > data.target);
  };
  clock.press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat) return;
    const { target } = event;
    if (target.closest?.(own) || document.querySelector("[role=dialog]")) return;
    const isSpace = event.key === " " && !target.closest?.(pressable);
    const key = isSpace || (data.remote && event.key === "PageDown") ? data.next
      : data.remote && event.key === "PageUp" ? data.back : "";
    const button = key && document.querySelector(`.st-key-${key} button`);
    if (!button) return;
    event.preventDefault();
    if (!button.disabled) button.click();
  };
  clock.tick();
  return () => { // Streamlit also calls this when newer data overtook this call
    if (parentElement.isConnected) return;
    clearInterval(clock.timer);
    document.removeEventListener("keydown", clock.listen, true);
  };
};
"""
_clock = st.components.v2.component(
    "demo_clock", html=_HTML, css=_CSS, js=_CODE, isolate_styles=False
)


def demo_clock(
    elapsed: float, *, target: float, ticking: bool, following: str, back: str, remote: bool
) -> None:
    """Show the time that has passed, and of about how many seconds; listen for the keys.

    Args:
        elapsed: seconds that have passed by now.
        target: about how long the demo takes.
        ticking: whether time goes on.
        following: the key of the button that goes on.
        back: the key of the button that goes back.
        remote: whether page down and page up press them too.
    """
    _clock(
        key="demo_clock",
        data={
            "elapsed": elapsed,
            "target": target,
            "ticking": ticking,
            "next": following,
            "back": back,
            "remote": remote,
        },
    )
