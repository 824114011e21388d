"""One text under the lens: what every classifier says of it, and what one of them goes by."""

from typing import Any

import pandas as pd
import streamlit as st

from core.errors import SeqScopeError
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_shown import part_size, shootout_rows
from core.models.classifiers import CLASSIFIERS
from core.runs.record import RunRecord
from pages.components import state
from pages.components.attention_preview import choose_map
from pages.components.cache import text_reading
from pages.components.figure_card import figure_card
from pages.components.figures import text_reading as figures
from pages.components.figures.attention import attention_height
from pages.components.figures.dots import rows_height
from pages.components.figures.sentiment import classifier_label
from pages.components.figures.style import HEIGHT
from pages.components.run_view import RunView

DESK = "core.labs.sentiment_desk:read_text"
WAYS = ("A test text", "Type one")
HOW, TYPED, MODEL = "text:how", "text:typed", "text:model"
MOST_CHARACTERS = 5_000
PLACEHOLDER = "not bad at all"
FIRST = ("lstm", "cnn", "transformer", "nb-svm")
"""What is looked at first, where it is there: it has the most to show."""

Answer = dict[str, Any]


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
    method = _method(answer)
    left, right = st.columns([2, 3])
    with left:
        _probabilities(answer)
    with right:
        _attribution(answer, model, method)
    if answer["ngrams"] is not None:
        _ngrams(answer, model)
    if answer["path"]:
        _path(answer, model)
    if answer["attention"]:
        _attention(answer, model)


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


def _probabilities(answer: Answer) -> None:
    rows = answer["probabilities"]
    figure_card(
        "What every model says",
        figures.probability_figure(rows, answer["classes"]) if rows else None,
        lambda: pd.DataFrame(
            [
                {"model": row["model"], "class": name, "probability": probability}
                for row in rows
                for name, probability in zip(answer["classes"], row["probabilities"], strict=True)
            ]
        ),
        key="text_probabilities",
        computed_by=DESK,
        caption="The probabilities of the same text, side by side. Sure is not right: see "
        "calibration above.",
        height=max(HEIGHT, rows_height(len(rows))),
    )


def _method(answer: Answer) -> str:
    """Ask how the shares of the words are found, where there are several ways."""
    methods = list((answer["attribution"] or {}).get("methods", [])) or [""]
    if len(methods) == 1:
        return str(methods[0])
    return str(
        st.segmented_control(
            "Shares of the words by",
            methods,
            default=methods[0],
            required=True,
            format_func=str.capitalize,
            key=f"text:method:{len(methods)}",
        )
    )


def _attribution(answer: Answer, model: str, method: str) -> None:
    found = answer["attribution"]
    if not found:
        figure_card(
            "Which words the answer stands on",
            None,
            pd.DataFrame(),
            key="text_words",
            computed_by=DESK,
            caption="A share of the answer for each word.",
            message="This model has no shares of words for this text; see above why.",
        )
        return
    figure_card(
        f"Which words {classifier_label(model)} stands on",
        figures.strip_figure(found["words"], found["methods"][method]),
        lambda: pd.DataFrame({"word": found["words"], **found["methods"]}),
        key="text_words",
        computed_by="core.diagnostics.attribution:attribute",
        caption=attribution_words(found, method),
        height=max(figures.strip_height(len(found["words"])), HEIGHT),
    )


def attribution_words(found: Answer, method: str) -> str:
    """Return what the shares of an attribution mean, with how well they add up."""
    said = (
        f"Shares of the {found['unit']} of its answer: vermillion speaks for it, blue against it."
    )
    baseline, error = found["baseline_probability"], found["completeness_error"]
    if method != "integrated gradients" or baseline is None or error is None:
        return said
    return (
        f"{said} Without any word its probability is {baseline:.1%}, with all of them "
        f"{found['probability']:.1%}; the shares sum to the difference but for {error:.1g}."
    )


def _ngrams(answer: Answer, model: str) -> None:
    ngrams = answer["ngrams"]
    figure_card(
        f"The runs of words that win in {classifier_label(model)}",
        figures.ngrams_figure(ngrams) if ngrams else None,
        lambda: pd.DataFrame(ngrams),
        key="text_ngrams",
        computed_by="core.diagnostics.ngrams:winning_ngrams",
        caption="Of each filter only its best window counts. Bars are what the windows add to the "
        "lead of the answer: the whole logit, taken apart; the weightiest are shown.",
        height=420,
        message="" if ngrams else "No filter answers to any window of this text.",
    )


def _path(answer: Answer, model: str) -> None:
    path = answer["path"]
    table = {name: path[name] for name in ("probability", "norm", "change", "x", "y")}
    left, right = st.columns([3, 2])
    with left:
        figure_card(
            f"{classifier_label(model)}, word by word",
            figures.path_figure(path, model),
            lambda: pd.DataFrame({"word": path["words"], **table}),
            key="text_path",
            computed_by="core.diagnostics.state_path:state_path",
            caption="The probability of its answer, if the text ended after each word.",
            height=380,
        )
    with right:
        figure_card(
            "The way of its state",
            figures.plane_figure(path, model),
            lambda: pd.DataFrame({"word": path["words"], **table}),
            key="text_plane",
            computed_by="core.diagnostics.state_path:principal_places",
            caption="On the two axes along which the state moves most in this text. The words of "
            "the largest steps are named, the large dot is the end.",
            height=380,
        )


def _attention(answer: Answer, model: str) -> None:
    attention = answer["attention"]
    with st.container(width=230):
        at = choose_map(attention["maps"], f"text:map:{len(attention['maps'])}")
    words, weights = attention["words"], attention["weights"][at]
    figure_card(
        f"Where the words look in {classifier_label(model)}",
        figures.word_attention_figure(weights, words),
        lambda: pd.DataFrame(
            [
                {"word": word, "looks_at": other, "weight": weight}
                for word, row in zip(words, weights, strict=True)
                for other, weight in zip(words, row, strict=True)
            ]
        ),
        key="text_attention",
        computed_by=DESK,
        caption="Each row is a word that looks, and sums to 1. Attention is not the explanation: "
        "hold it against the shares above.",
        height=attention_height(len(words)),
    )
