"""One text under the lens: which one, which model is looked into, and what is answered."""

from typing import Any

import streamlit as st

from core.errors import SeqScopeError
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_shown import part_size, shootout_rows
from core.models.classifiers import CLASSIFIERS
from core.runs.record import RunRecord
from pages.components import state
from pages.components.cache import text_reading
from pages.components.figures.sentiment import classifier_label
from pages.components.reading_cards import Answer, reading_cards
from pages.components.run_view import RunView

WAYS = ("A test text", "Type one")
HOW, TYPED, MODEL = "text:how", "text:typed", "text:model"
MOST_CHARACTERS = 20_000
LONG_TEXT = 1_500
LONG_HEIGHT = 240
"""Pixels in which a text of more characters than LONG_TEXT is scrolled."""
PLACEHOLDER = "not bad at all"
FIRST = ("lstm", "cnn", "transformer", "nb-svm")
"""What is looked at first, where it is there: it has the most to show."""


def take_text(text: str, model: str) -> None:
    """Let the lens read `text` with `model` from now on; for a button's callback."""
    state.put_setting(TYPED, text[:MOST_CHARACTERS], over=True)
    state.put_setting(HOW, WAYS[1], over=True)
    state.put_setting(MODEL, model, over=True)


def text_desk(view: RunView, record: RunRecord) -> None:
    """Show how one text is read, for a run whose weights are stored."""
    st.subheader("Read one text", anchor="read")
    models = _readers(record)
    if models:
        st.fragment(_desk)(view, models, part_size(_data(record), "test"))
    elif record.is_ended:
        st.caption("This run kept no weights to read with: it ended before its end.")
    else:
        st.caption("When the run has ended, any text can be read here by all of its models.")


def _readers(record: RunRecord) -> list[str]:
    """Return the models that can be asked: trained, and with weights where they have some.

    None of a run that ended before it stored the weights that some of its models have.
    """
    view = record.tables.get(("shootout", ""))
    if view is None or not record.is_ended:
        return []
    weights = {each["model"] for each in record.checkpoints}
    done = [row["model"] for row in shootout_rows(view.latest.columns) if row["state"] == "done"]
    lost = [name for name in done if CLASSIFIERS[name].has_weights and name not in weights]
    if lost and not weights:
        return []
    found = [name for name in done if name not in lost]
    return sorted(found, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def _data(record: RunRecord) -> dict[str, list[Any]]:
    view = record.tables.get(("data", ""))
    return view.latest.columns if view else {}


def _desk(view: RunView, models: list[str], tested: int) -> None:
    assert isinstance(view.config, SentimentConfig)
    with st.container(border=True, key="text_settings"):
        model, asked = _question(models, tested)
    if not asked:
        st.caption("Type a text of a few words: every model of this run reads it.")
        return
    try:
        with st.spinner("Reading ...", show_time=True):
            answer = text_reading(view.id, model, asked)
    except SeqScopeError as error:
        st.error(str(error), icon=":material/error:")
        return
    _text(answer, model)
    reading_cards(answer, model)


def _question(models: list[str], tested: int) -> tuple[str, Answer]:
    """Ask for a text and for the model that is looked at; no question while nothing is typed."""
    if state.setting(MODEL, models[0]) not in models:
        state.put_setting(MODEL, models[0], over=True)
    ways = WAYS if tested else WAYS[1:]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=230):
            model = st.selectbox("Look into", models, format_func=classifier_label, key=MODEL)
        how = st.segmented_control("Text", ways, default=ways[0], required=True, key=HOW)
        if how == WAYS[0]:
            with st.container(width=140):
                sample = st.number_input(
                    "Number",
                    1,
                    tested,
                    1,
                    key="text:sample",
                    help=f"Of the {tested:,} test texts of the first fold",
                )
            return model, {"sample": int(sample) - 1}
    typed = st.text_area(
        "The text", key=TYPED, max_chars=MOST_CHARACTERS, height=90, placeholder=PLACEHOLDER
    )
    return model, {"text": typed} if typed.strip() else {}


def _text(answer: Answer, model: str) -> None:
    """Show the text, its label and the answer as plain text, whatever is written in them."""
    with st.container(border=True, gap="xxsmall", key="text_read"):
        is_long = len(answer["text"]) > LONG_TEXT
        with st.container(height=LONG_HEIGHT if is_long else "content", border=False):
            st.text(answer["text"])
        if answer["reference"] is not None:
            st.text(f"Its label: {answer['reference']}")
        if answer["attribution"]:
            found = answer["attribution"]
            st.text(
                f"{classifier_label(model)} answers: {found['class']}, {found['probability']:.1%}"
            )
        for note in answer["notes"]:
            st.caption(note)
