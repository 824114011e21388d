"""How classifiers read one text: what each says, and what one of them goes by."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.components.attention_preview import choose_map
from pages.components.figure_card import figure_card
from pages.components.figures import text_reading as figures
from pages.components.figures.attention import attention_height
from pages.components.figures.dots import rows_height
from pages.components.figures.sentiment import classifier_label
from pages.components.figures.style import HEIGHT

DESK = "core.labs.sentiment_desk:read_text"

Answer = dict[str, Any]
"""What `core.labs.sentiment_desk.read_text` returns."""


def reading_cards(answer: Answer, model: str) -> None:
    """Show what every model says of a text, and what `model` has to show of how it reads it."""
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
