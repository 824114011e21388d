"""The settings of the serving lab: what is served, to how many requests, and what shrinks it."""

import streamlit as st

from core.labs.serving_config import SIZES, ServingConfig
from core.serving.variants_catalogue import VARIANTS
from pages.components.config_form import PLACE_FIELDS, Field, SettingsForm, settings_end
from pages.components.run_view import RunView, machine_scale
from pages.components.served_picker import onnx_picker, run_picker

LAB = "serving"
SOURCES = {
    "fresh": "A fresh LSTM",
    "run": "A model of a sentiment run",
    "onnx": "Your own ONNX file",
}
SIZE_LABELS = {
    name: f"{name}: {hidden} units, {layers} layer{'s' * (layers > 1)}"
    for name, (_, hidden, layers) in SIZES.items()
}
SOURCE = Field(
    name="source", label="What is served", kind="choice", options=list(SOURCES), labels=SOURCES
)
SIZE = Field(
    name="size", label="Its size", kind="choice", options=list(SIZE_LABELS), labels=SIZE_LABELS
)
WORDS = Field(name="words", label="Words in a request", kind="number", low=5, high=400, step=25)
STREAM = (
    Field(name="rate", label="Requests a second", kind="number", low=0.1, high=100_000, step=100),
    Field(name="replicas", label="Replicas", kind="number", low=1, high=1000),
    Field(
        name="max_batch",
        label="Batch cap",
        kind="number",
        low=1,
        high=128,
        help="So many requests at most are answered in one pass.",
    ),
    Field(
        name="max_wait_ms",
        label="Wait at most (ms)",
        kind="number",
        low=0,
        high=1000,
        step=1,
        help="0: a free replica takes what is there. More: it waits for a fuller batch.",
    ),
    Field(name="deadline_ms", label="Deadline (ms)", kind="number", low=0.1, high=60_000, step=10),
)
SHRINKERS = Field(
    name="variants",
    label="What may shrink it",
    kind="list",
    options=list(VARIANTS),
    labels={name: variant.label for name, variant in VARIANTS.items()},
    help="Each is measured beside what is served; those that learn take the longest.",
)
MORE = (
    Field(
        name="calls",
        label="Passes timed",
        kind="number",
        low=5,
        high=1000,
        step=10,
        help="Of each batch size and length. More of them make a 99th percentile worth more.",
    ),
    Field(
        name="requests",
        label="Requests simulated",
        kind="number",
        low=1000,
        high=1_000_000,
        step=10_000,
    ),
    Field(
        name="replayed",
        label="Requests answered really",
        kind="number",
        low=100,
        high=20_000,
        step=500,
        help="By real passes, to check the simulation.",
    ),
    Field(
        name="rows",
        label="Sentences to learn from",
        kind="number",
        low=0,
        high=1_000_000,
        step=500,
        help="0 uses all film sentences.",
    ),
    Field(name="epochs", label="Epochs", kind="slider", low=1, high=20),
    Field(
        name="students",
        label="Seeds of the student",
        kind="slider",
        low=1,
        high=10,
        help="An interval needs three or more.",
    ),
    Field(
        name="threads",
        label="Threads",
        kind="number",
        low=1,
        high=64,
        step=1,
        help="Of one pass. Several replicas on one machine want one each.",
    ),
    *PLACE_FIELDS,
)
OWN_SHRINK = (
    "Of these only INT8 in ONNX Runtime is tried on a file of yours: the others need its training."
)
ABOUT = {
    "fresh": "Built here from nothing: what a pass takes does not depend on what it learned. Where "
    "texts are needed it learns film sentences.",
    "run": "A finished run of the sentiment lab, yours or its example: its weights as they are.",
    "onnx": "It is run by ONNX Runtime in a process of its own, with a limit on memory and time. "
    "Nothing in it is unpickled, and no custom operator is loaded.",
}


def serving_form(view: RunView) -> None:
    """Show the settings and the button that measures."""
    assert isinstance(view.config, ServingConfig)
    form = SettingsForm(LAB, view.config, view.id)

    def kept() -> tuple[str, ...]:
        return () if form.value("source") == "fresh" else ("source", "run", "model")

    with st.container(border=True, key="settings"):
        form.presets(machine_scale(LAB), keep=kept)
        with st.container(horizontal=True, vertical_alignment="bottom", key="settings_row"):
            with st.container(width=250):
                source = form.field(SOURCE, on_change=form.leave_preset)
            if source == "fresh":
                with st.container(width=200):
                    form.field(SIZE)
            elif source == "run":
                run_picker(form)
            with st.container(width=150):
                form.field(WORDS)
        st.caption(ABOUT[source])
        if source == "onnx":
            onnx_picker("served")
        with st.container(horizontal=True, vertical_alignment="bottom", key="stream_row"):
            for field in STREAM:
                with st.container(width=150):
                    form.field(field)
        form.field(SHRINKERS)
        if source == "onnx":
            st.caption(OWN_SHRINK)
        settings_end(form, MORE, "Measure")
