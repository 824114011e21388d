"""The settings of the clipping lab as one compact form."""

import streamlit as st

from core.labs.about import OPTIMIZERS
from core.labs.config import OPTIMIZER_DEFAULTS, RULE_DEFAULTS, ClippingConfig
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

LAB = "clipping"
MODELS = {name: spec.label for name, spec in CATALOGUE.items()}
RULES = {
    "norm": "Norm",
    "value": "Value",
    "agc": "Adaptive (AGC)",
    "percentile": "Percentile (AutoClip)",
    "none": "None",
}
POLICIES = {"propagate": "Train on with it", "skip": "Skip the update"}
MODEL = Field(name="model", label="Model", kind="choice", options=list(MODELS), labels=MODELS)
OPTIMIZER = Field(
    name="optimizer",
    label="Optimizer",
    kind="choice",
    options=list(OPTIMIZERS),
    labels=OPTIMIZERS,
    help="Sets a learning rate that fits it.",
)
RULE = Field(
    name="rule",
    label="Clip by",
    kind="choice",
    options=list(RULES),
    labels=RULES,
    help="Sets a threshold that fits it.",
)
MORE = (
    *SIZE_FIELDS,
    Field(name="threshold", label="Threshold", kind="number", low=1e-4, high=1e4, step=0.5),
    Field(
        name="percentile",
        label="Percentile",
        kind="slider",
        low=1,
        high=99,
        step=1,
        help="Of all norms so far; only for the percentile rule.",
    ),
    Field(
        name="nonfinite",
        label="A gradient that is not finite",
        kind="choice",
        options=list(POLICIES),
        labels=POLICIES,
    ),
    Field(name="updates", label="Updates", kind="number", low=10, high=100_000, step=500),
    Field(name="learning_rate", label="Learning rate", kind="number", low=1e-5, high=10, step=0.05),
    Field(name="window", label="Window (characters)", kind="slider", low=10, high=200, step=10),
    *PLACE_FIELDS,
)


def clipping_form(view: RunView) -> None:
    """Show the settings and the button that trains."""
    assert isinstance(view.config, ClippingConfig)
    form = SettingsForm(LAB, view.config, view.id)

    def optimizer_changed() -> None:
        form.set(OPTIMIZER_DEFAULTS[form.value("optimizer")])

    def rule_changed() -> None:
        form.set(RULE_DEFAULTS[form.value("rule")])

    labels = corpus_labels()
    corpus = Field(name="corpus", label="Text", kind="choice", options=list(labels), labels=labels)
    with st.container(border=True, key="settings"):
        with st.container(horizontal=True, vertical_alignment="bottom", key="settings_row"):
            form.presets(machine_scale(LAB))
            with st.container(width=210):
                form.field(MODEL)
            with st.container(width=210):
                form.field(OPTIMIZER, on_change=optimizer_changed)
            with st.container(width=210):
                form.field(RULE, on_change=rule_changed)
            with st.container(width=210):
                chosen = form.field(corpus)
        source_caption(chosen)
        if chosen == "own":
            text_picker("clip_text")
        settings_end(form, MORE, "Train the twins")
