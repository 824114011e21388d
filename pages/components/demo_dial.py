"""A live setting of a demo's run: turned by hand, or by the button of a step."""

import streamlit as st

from pages.components import state
from pages.components.run_view import RunView, command

DIALS: dict[str, tuple[str, tuple[float, ...]]] = {
    "threshold": (
        "Clip threshold, live",
        (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    ),
    "learning_rate": (
        "Learning rate, live",
        (1e-4, 3e-4, 1e-3, 3e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5),
    ),
    "clip": ("Clip threshold, live", (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)),
}


def turn(view: RunView, name: str, value: float) -> None:
    """Turn a live setting, and have its slider say so."""
    command(view.id, "turn", name, value)
    state.put_setting(_key(view, name), value, over=True)


def demo_dial(view: RunView, name: str) -> None:
    """Show the slider of a live setting; turning it acts at the run's next update."""
    label, values = DIALS[name]
    turned = [float(s["value"]) for s in view.record.settings if s["name"] == name]
    been = [view.config.dials()[name], *turned]
    key = _key(view, name)
    state.put_setting(key, been[-1])

    def turned_by_hand() -> None:
        command(view.id, "turn", name, float(state.setting(key, been[-1])))

    st.select_slider(
        label,
        sorted({*values, *been, float(state.setting(key, been[-1]))}),
        format_func=lambda value: f"{value:g}",
        key=key,
        on_change=turned_by_hand,
        disabled=not view.is_steerable,
        help="Acts at the next update",
    )


def _key(view: RunView, name: str) -> str:
    return f"demo_dial:{view.id}:{name}"
