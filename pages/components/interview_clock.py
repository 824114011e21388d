"""The clock of an interview: it ticks in the browser, and tells the script once when time is up.

The deadlines are the interview's own, kept with it; the browser only counts what is left of them
from when this was drawn, so that neither its clock nor a refresh matters.
"""

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core.practice.clock import clock_rate
from core.practice.interview import Interview

_HTML = """
<div class="interview-clock">
  <div class="part question"><span class="name">This question</span>
    <span class="time" role="timer" aria-live="off"></span>
    <span class="bar" aria-hidden="true"><i></i></span></div>
  <div class="part whole"><span class="name">Interview</span>
    <span class="time" role="timer" aria-live="off"></span>
    <span class="bar" aria-hidden="true"><i></i></span></div>
  <p class="aloud" role="status" aria-live="polite"></p>
</div>
"""
_CSS = """
.st-key-interview_question p { font-size: clamp(1.25rem, 1rem + 1vw, 1.7rem); line-height: 1.35;
  font-weight: 600; text-wrap: pretty; }
.interview-clock { display: grid; grid-template-columns: 1fr 1fr; gap: 0.25rem 2rem;
  font-family: var(--st-font); color: var(--st-text-color); }
.interview-clock .part { display: grid; grid-template-columns: 1fr auto; align-items: baseline;
  gap: 0.3rem 0.75rem; }
.interview-clock .name { font-size: 0.875rem; opacity: 0.8; }
.interview-clock .time { font-variant-numeric: tabular-nums; font-size: 1.1rem; }
.interview-clock .question .time { font-size: 1.6rem; font-weight: 600; line-height: 1.1; }
.interview-clock .bar { grid-column: 1 / -1; height: 4px; border-radius: 2px; overflow: hidden;
  background: color-mix(in srgb, var(--st-text-color) 14%, transparent); }
.interview-clock .bar i { display: block; height: 100%; width: 100%; transform-origin: left;
  background: var(--st-primary-color); }
.interview-clock .late .time { color: var(--st-orange-color, #b85100); }
.interview-clock .late .bar i { background: var(--st-orange-color, #b85100); }
.interview-clock .aloud { position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0;
  overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 480px) { .interview-clock { gap: 0.25rem 1rem; } }
"""
_CODE = """
const clocks = new WeakMap(); // parent element -> its clock
const AGAIN = 4; // seconds until a time that is up is told again, if nothing came of it

export default ({ data, parentElement, setTriggerValue }) => {
  let clock = clocks.get(parentElement);
  if (!clock) {
    clock = { said: "", number: 0, told: 0 };
    clocks.set(parentElement, clock);
    clock.timer = setInterval(() => clock.tick(), 200);
  }
  const began = performance.now();
  const [question, whole] = parentElement.querySelectorAll(".part");
  const aloud = parentElement.querySelector(".aloud");
  if (clock.number !== data.number) {
    Object.assign(clock, { number: data.number, said: "", told: 0 });
    aloud.textContent = "";
  }

  clock.tick = () => {
    const passed = (performance.now() - began) / 1000 * data.rate;
    const left = data.question_left - passed, all = data.whole_left - passed;
    const grace = data.grace + Math.min(0, left);
    const late = left <= 0;
    show(question, late ? Math.max(0, grace) : left, late ? data.grace : data.budget, late);
    question.querySelector(".name").textContent = late ? "Time is up" : data.name;
    show(whole, Math.max(0, all), data.length, all <= 60);
    say(late ? "Time is up. Finish your sentence."
      : all <= 60 ? "One minute is left of the interview."
      : left <= 60 && data.budget > 60 ? "One minute is left for this question." : "");
    if (Math.min(left + data.grace, all) > 0) clock.told = 0;
    else if (performance.now() - clock.told > AGAIN * 1000 || !clock.told) {
      clock.told = performance.now();
      const area = document.querySelector(`.st-key-${data.field} textarea`);
      setTriggerValue("up", { number: data.number, text: area ? area.value : null });
    }
  };
  const say = (sentence) => {
    if (sentence && sentence !== clock.said) aloud.textContent = clock.said = sentence;
  };
  clock.tick();
  return () => { // Streamlit also calls this when newer data overtook this call
    if (!parentElement.isConnected) clearInterval(clock.timer);
  };
};

function show(part, seconds, of, late) {
  const left = Math.ceil(Math.max(0, seconds));
  const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  const time = part.querySelector(".time");
  if (time.textContent !== text) {
    time.textContent = text;
    part.querySelector("i").style.transform = `scaleX(${Math.min(1, Math.max(0, seconds) / of)})`;
  }
  part.classList.toggle("late", late);
}
"""
_clock = st.components.v2.component(
    "interview_clock", html=_HTML, css=_CSS, js=_CODE, isolate_styles=False
)


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The browser says that the time of question `number` is up; `text` is what stands there."""

    number: int
    text: str | None


def interview_clock(interview: Interview, *, at: datetime, field: str) -> TimeUp | None:
    """Show what is left of the open question and of the interview.

    Args:
        interview: one with an open question.
        at: what time it is.
        field: the key of the text area whose text comes with the word that time is up.
    """
    current = interview.current
    assert current is not None, "an interview that has ended has no clock"
    deadline = min(current.deadline, interview.deadline)
    told = _clock(
        key="interview_clock",
        data={
            "number": interview.number,
            "name": "This follow-up" if current.follow_up else "This question",
            "question_left": (deadline - at).total_seconds(),
            "budget": current.budget,
            "grace": (interview.last_moment - deadline).total_seconds(),
            "whole_left": (interview.deadline - at).total_seconds(),
            "length": interview.setup.minutes * 60,
            "rate": clock_rate(),
            "field": field,
        },
        on_up_change=_nothing,
    ).get("up")
    if not isinstance(told, dict) or not isinstance(told.get("number"), int):
        return None
    text = told.get("text")
    return TimeUp(told["number"], text if isinstance(text, str) else None)


def _nothing() -> None:
    """What the browser tells is read from the component's return value."""
