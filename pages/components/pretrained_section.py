"""A pretrained model from a folder or the hub: its translations, their BLEU, where it looks."""

from typing import Any

import pandas as pd
import streamlit as st

from core.errors import SeqScopeError
from core.labs.pretrained_sentences import MOST_SENTENCES, read_sentences
from core.models.pretrained import INSTALL, KINDS, is_installed
from pages.components import state
from pages.components.cache import pretrained_answer, pretrained_maps
from pages.components.figure_card import figure_card
from pages.components.figures.attention import attention_figure, attention_height
from pages.components.figures.pretrained import pretrained_bleu_figure

ASKED = "pretrained:asked"
ANSWERED_BY = "core.labs.pretrained_evaluation:evaluate_pretrained"
DOWNLOAD = (
    "The model is looked for on this machine only. With this box ticked, SeqScope asks "
    "huggingface.co for it by name and keeps it here, often several hundred MB; your sentences "
    "are not sent."
)


def pretrained_section() -> None:
    """Show a folded form for a pretrained model, and what it answered."""
    name = "A pretrained model: " + " or ".join(KINDS.values())
    with st.expander(name, icon=":material/model_training:", key="pretrained"):
        if is_installed():
            st.fragment(_section)()
        else:
            st.info(INSTALL, icon=":material/info:")


def _section() -> None:
    _form()
    question = state.setting(ASKED, None)
    if question is None:
        return
    try:
        with st.spinner("The model is opened and translates ...", show_time=True):
            answer = pretrained_answer(question)
    except SeqScopeError as error:
        st.error(str(error), icon=":material/error:")
        return
    _translations(answer)
    _attention(question, answer)


def _form() -> None:
    """Ask for a model and sentences; keep the question when it is sent."""
    with st.form("pretrained:form", border=False):
        columns = st.columns([3, 3, 1])
        name = columns[0].text_input(
            "Folder, or name on the Hugging Face hub",
            key="pretrained:name",
            placeholder="/models/opus-mt-en-fr",
            help="As save_pretrained writes it, with safetensors weights; on the hub owner/model",
        )
        prefix = columns[1].text_input(
            "Prefix of every sentence",
            key="pretrained:prefix",
            placeholder="translate English to French: ",
            help="T5 is told what to do; a Marian model of many languages where to, as >>fra<<",
        )
        beam = columns[2].number_input("Beam", 1, 16, 1, key="pretrained:beam", help="1 is greedy")
        text = st.text_area(
            f"Sentences, one a line, up to {MOST_SENTENCES}",
            key="pretrained:text",
            help="For BLEU, put a tab and the reference translation behind a sentence",
        )
        download = st.checkbox("Download it from the Hugging Face hub", key="pretrained:download")
        st.caption(DOWNLOAD)
        is_sent = st.form_submit_button("Translate", icon=":material/translate:", type="primary")
    if not is_sent:
        return
    state.put_setting(ASKED, None, over=True)
    try:
        pairs = read_sentences(text)
    except SeqScopeError as error:
        st.error(str(error), icon=":material/error:")
        return
    settings = {"name": name, "prefix": prefix, "beam": int(beam), "download": download}
    pretrained_answer.clear()  # the files of a folder may have changed
    pretrained_maps.clear()
    state.put_setting(ASKED, {**settings, "sentences": pairs}, over=True)


def _translations(answer: dict[str, Any]) -> None:
    shown = pd.DataFrame(answer["translations"]).drop(columns="ids")
    has_references = bool(answer["bleu"])
    columns = ["source", "translation", *["reference"] * has_references]
    if not shown["finished"].all():
        columns.append("finished")
    st.dataframe(shown[columns], hide_index=True)
    signature = f" BLEU: `{answer['signature']}`." if has_references else ""
    st.caption(
        f"{answer['parameters']:,} parameters; translated in {answer['seconds']:.1f} s.{signature}"
    )
    if has_references:
        figure_card(
            "BLEU against reference length",
            pretrained_bleu_figure(answer["bleu"]),
            pd.DataFrame(answer["bleu"]),
            key="pretrained_bleu",
            computed_by=[ANSWERED_BY, "core.metrics.bleu:score_buckets"],
            caption="Corpus BLEU of each bucket with its 95 % bootstrap interval; the table's last "
            "row is all sentences.",
        )


def _attention(question: dict[str, Any], answer: dict[str, Any]) -> None:
    said = answer["translations"]
    with st.container(horizontal=True):
        at = st.selectbox(
            "Sentence",
            range(len(said)),
            format_func=lambda i: f"{i + 1}: {said[i]['source'][:80]}",
            key="pretrained:sentence",
        )
        maps = answer
        if at != answer["attention"]["sentence"]:
            wanted = {key: said[at][key] for key in ("source", "ids", "finished")}
            wanted |= {key: question[key] for key in ("name", "prefix")}
            try:
                maps = pretrained_maps(wanted)
            except SeqScopeError as error:
                st.error(str(error), icon=":material/error:")
                return
        chosen = st.selectbox("Layer and head", maps["maps"], key="pretrained:map")
    attention = maps["attention"]
    weights = attention["weights"][maps["maps"].index(chosen)]
    source, target = attention["source"], attention["target"]
    figure_card(
        f"Attention: {chosen}",
        attention_figure(weights, source, target),
        pd.DataFrame(
            [
                {"target": t + 1, "piece": piece, "source": s + 1, "read": read, "weight": weight}
                for t, (piece, row) in enumerate(zip(target, weights, strict=True))
                for s, (read, weight) in enumerate(zip(source, row, strict=True))
            ]
        ),
        key="pretrained_attention",
        computed_by="core.labs.pretrained_evaluation:pretrained_attention",
        caption="Each row is a piece of the translation, and sums to 1 over the pieces of the "
        "source; ▁ begins a word.",
        height=attention_height(len(target)),
    )
