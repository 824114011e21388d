"""The settings of the length lab as one compact form."""

import streamlit as st

from core.labs.about import LENGTH_TASKS
from core.labs.length_config import LENGTH_MODELS, LengthConfig
from core.labs.remedies import REMEDIES
from core.models.catalogue import CATALOGUE
from pages.components.config_form import (
    FORGET_BIAS,
    PLACE_FIELDS,
    Field,
    SettingsForm,
    settings_end,
)
from pages.components.labelled_picker import labelled_picker
from pages.components.run_view import RunView, machine_scale
from pages.components.text_picker import corpus_labels, source_caption, text_picker

LAB = "length"
ABOUT = {
    "count": "Steps of +1 and -1: what is their sum so far? The count has no bound, so longer "
    "sequences ask for numbers that were never seen.",
    "bounded-walk": "The count, reflected at 12 and -12: positions grow with the length, numbers "
    "do not.",
    "majority": "Steps of +1 and -1: which were more so far?",
    "modulo": "Digits 0 to 4: what is their sum modulo 5 so far? Five states are enough for any "
    "length, and there is no failure.",
    "anbn": "Is what was read so far as many a as b, the a first? It takes a count, by a grammar.",
    "language-model": "Predict the next character of a real text, or of yours: the loss by "
    "position.",
    "sentiment": "Texts of one label, joined until they are long enough: which label is it?",
}
CELLS = [name for name in LENGTH_MODELS if CATALOGUE[name].cell != "transformer"]
LABELS = {name: CATALOGUE[name].label for name in LENGTH_MODELS}
REMEDY_LABELS = {name: remedy.label for name, remedy in REMEDIES.items()}
TASK = Field(
    name="task", label="Task", kind="choice", options=list(LENGTH_TASKS), labels=LENGTH_TASKS
)
SHORTEST = Field(name="shortest", label="Trained from (steps)", kind="slider", low=2, high=400)
LONGEST = Field(name="longest", label="Trained to (steps)", kind="slider", low=2, high=400)
RACERS = Field(
    name="models",
    label="Models, side by side",
    kind="list",
    options=list(LENGTH_MODELS),
    labels=LABELS,
)
REMEDIED = Field(
    name="remedied",
    label="Remedies are tried on",
    kind="choice",
    options=CELLS,
    labels={name: LABELS[name] for name in CELLS},
)
TRIED = Field(
    name="remedies",
    label="Remedies",
    kind="many",
    options=list(REMEDIES),
    labels=REMEDY_LABELS,
    help="Each is tried at equal updates and at equal compute. None tries no remedy.",
)
BUILT_IN = "Film reviews, one sentence each"
OWN = "Your labelled texts"
MORE = (
    Field(name="seeds", label="Seeds", kind="slider", low=1, high=10),
    Field(name="updates", label="Updates", kind="number", low=10, high=100_000, step=100),
    Field(name="hidden", label="Hidden units", kind="slider", low=16, high=256, step=16),
    Field(name="batch_size", label="Sequences a batch", kind="number", low=1, high=512, step=16),
    Field(name="learning_rate", label="Learning rate", kind="number", low=1e-5, high=1, step=0.001),
    Field(
        name="clip",
        label="Clip norm at",
        kind="number",
        low=0,
        high=100,
        step=0.5,
        help="0 clips nothing.",
    ),
    FORGET_BIAS,
    Field(
        name="segment",
        label="Segment (steps)",
        kind="slider",
        low=10,
        high=400,
        step=10,
        help="Where remedies cut what is long.",
    ),
    Field(
        name="overlap",
        label="Overlap (steps)",
        kind="slider",
        low=0,
        high=390,
        step=10,
        help="How much of one segment the next reads again; less than a segment.",
    ),
    Field(
        name="sequences",
        label="Sequences tested at each length",
        kind="number",
        low=16,
        high=4096,
        step=64,
    ),
    *PLACE_FIELDS,
)


def length_form(view: RunView) -> None:
    """Show the settings and the button that trains."""
    assert isinstance(view.config, LengthConfig)
    form = SettingsForm(LAB, view.config, view.id)
    with st.container(border=True, key="settings"):
        form.presets(machine_scale(LAB))
        with st.container(horizontal=True, vertical_alignment="bottom", key="settings_row"):
            with st.container(width=230):
                task = form.field(TASK, on_change=form.leave_preset)
            with st.container(width=210):
                form.field(SHORTEST)
            with st.container(width=210):
                form.field(LONGEST)
        st.caption(ABOUT[task])
        if task == "language-model":
            _text(form)
        if task == "sentiment":
            _labelled(form)
        form.field(RACERS)
        _remedies(form)
        settings_end(form, MORE, "Train")


def _remedies(form: SettingsForm) -> None:
    """Ask for the remedies; folded away, since all is what most want."""
    chosen = len(form.value("remedies"))
    said = "none" if not chosen else "all" if chosen == len(REMEDIES) else f"{chosen}"
    with st.expander(f"Remedies: {said} of {len(REMEDIES)}", icon=":material/healing:"):
        with st.container(width=230):
            form.field(REMEDIED)
        form.field(TRIED)


def _text(form: SettingsForm) -> None:
    labels = corpus_labels()
    corpus = Field(name="corpus", label="Text", kind="choice", options=list(labels), labels=labels)
    with st.container(width=260):
        chosen = form.field(corpus)
    source_caption(chosen)
    if chosen == "own":
        text_picker("length_text")


def _labelled(form: SettingsForm) -> None:
    """Ask which labelled texts are joined; any corpus but one's own stands for the film reviews."""
    corpus = form.value("corpus")
    reviews = "king-james" if corpus == "own" else corpus
    labels = {reviews: BUILT_IN, "own": OWN}
    with st.container(width=300):
        chosen = form.field(
            Field(name="corpus", label="Texts", kind="choice", options=list(labels), labels=labels)
        )
    if chosen == "own":
        labelled_picker("length_rows")
