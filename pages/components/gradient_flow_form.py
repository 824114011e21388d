"""The settings of the gradient-flow lab as one compact form."""

import streamlit as st

from core.labs.about import OPTIMIZERS, TASKS
from core.labs.config import RECURRENT, TASK_DEFAULTS, GradientFlowConfig
from core.models.catalogue import CATALOGUE
from pages.components.config_form import (
    PLACE_FIELDS,
    SIZE_FIELDS,
    Field,
    SettingsForm,
    settings_end,
)
from pages.components.run_view import RunView, machine_scale
from pages.components.text_picker import corpus_labels, source_caption, text_picker

LAB = "gradient-flow"
ABOUT = {
    "analog-memory": "A number is shown once; every later step asks for it.",
    "discrete-recall": "One of 8 letters is shown first and asked for last. At short lags the "
    "order of the models reverses: a plain RNN can solve it while a default LSTM does not.",
    "language-model": "Predict the next character of a real text, or of yours.",
}
MODELS = {name: CATALOGUE[name].label for name in RECURRENT}
TASK = Field(name="task", label="Task", kind="choice", options=list(TASKS), labels=TASKS)
LAG = Field(
    name="lag",
    label="Lag (steps)",
    kind="slider",
    low=10,
    high=400,
    step=5,
    help="How many steps lie between showing and asking; for text, the window's length.",
)
RACERS = Field(
    name="models", label="Models, side by side", kind="many", options=list(MODELS), labels=MODELS
)
MORE = (
    *SIZE_FIELDS,
    Field(name="updates", label="Updates", kind="number", low=10, high=20_000, step=100),
    Field(
        name="learning_rate",
        label="Learning rate",
        kind="number",
        low=1e-5,
        high=1,
        step=0.001,
    ),
    Field(
        name="clip",
        label="Clip norm at",
        kind="number",
        low=0,
        high=100,
        step=0.5,
        help="0 clips nothing.",
    ),
    Field(
        name="optimizer",
        label="Optimizer",
        kind="choice",
        options=list(OPTIMIZERS),
        labels=OPTIMIZERS,
    ),
    Field(
        name="probe_every",
        label="Look inside every … updates",
        kind="number",
        low=10,
        high=5000,
        step=10,
        help="Each look costs about as much as 3 updates.",
    ),
    Field(
        name="bidirectional",
        label="Bidirectional",
        kind="switch",
        help="Both ways; not for a language model, which would read what it must predict.",
    ),
    *PLACE_FIELDS,
)


def gradient_flow_form(view: RunView) -> None:
    """Show the settings and the button that trains."""
    assert isinstance(view.config, GradientFlowConfig)
    form = SettingsForm(LAB, view.config, view.id)

    def task_changed() -> None:
        form.set(TASK_DEFAULTS[form.value("task")])

    with st.container(border=True, key="settings"):
        with st.container(horizontal=True, vertical_alignment="bottom", key="settings_row"):
            form.presets(machine_scale(LAB))
            with st.container(width=190):
                task = form.field(TASK, on_change=task_changed)
            with st.container(width=190):
                form.field(LAG)
        form.field(RACERS)
        if task == "language-model":
            _text_settings(form)
        st.caption(ABOUT[task])
        settings_end(form, MORE, "Train")


def _text_settings(form: SettingsForm) -> None:
    labels = corpus_labels()
    corpus = Field(name="corpus", label="Text", kind="choice", options=list(labels), labels=labels)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=260):
            chosen = form.field(corpus)
        with st.container(width=380):
            form.field(
                Field(
                    name="probe_text",
                    label="Read the gates over (empty: the held-out text)",
                    kind="text",
                    high=400,
                )
            )
    source_caption(chosen)
    if chosen == "own":
        text_picker("gf_text")
