"""One sentence under the lens: its translation, where the model looks, and what if it may not."""

import zlib
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import SeqScopeError
from core.labs.translation_config import TranslationConfig
from core.models.translators import TRANSLATORS
from core.runs.record import RunRecord
from core.runs.tables import model_tables
from core.text.words import SPECIALS
from pages.components import state
from pages.components.attention_preview import cell_table, choose_map
from pages.components.cache import translated
from pages.components.figure_card import figure_card
from pages.components.figures import attention as figures
from pages.components.figures.attention import attention_height, position_of, sentence
from pages.components.figures.style import model_color
from pages.components.figures.translation import translator_label
from pages.components.run_view import RunView
from pages.components.samples_view import probability

DESK = "core.labs.translation_desk:translate"
WAYS = ("A test sentence", "Type one")
KINDS = {"force": "Force", "block": "Block"}
QUALITY_WORDS = {
    "entropy": "entropy {:.2f}",
    "sharpness": "sharpness {:.2f}",
    "coverage": "coverage {:.0%}",
    "never_attended": "never attended {:.0%}",
    "monotonicity": "monotonicity {:.2f}",
    "diagonality": "diagonality {:.2f}",
    "recency": "on the last fifth {:.0%}",
    "matches_alignment": "on the aligned word {:.0%}",
    "padding_mass": "on padding {:g}",
}
MOST_CHARACTERS = 2_000
TYPED, HOW, EDITS = "sentence:typed", "sentence:how", "sentence:edits"
ROW, COLUMN = "sentence:row", "sentence:column"

Answer = dict[str, Any]


def sentence_desk(view: RunView, record: RunRecord) -> None:
    """Show how one sentence is translated, for a run whose weights are stored."""
    weights = {c["model"]: c["file"] for c in record.checkpoints}
    st.subheader("One sentence under the lens", anchor="sentence")
    if weights:
        st.fragment(_desk)(view, weights, _tested(record))
    elif record.is_ended:
        st.caption("This run kept no weights to translate with: it ended before its end.")
    else:
        st.caption("When the run has ended, translate any sentence here and steer its attention.")


def _tested(record: RunRecord) -> dict[int, int]:
    """Return how many test sentences each bucket has that has any."""
    for view in model_tables(record, "bleu").values():
        counts = zip(view.latest.columns["bucket"], view.latest.columns["n"], strict=True)
        return {bucket: n for bucket, n in counts if n}
    return {}


def _desk(view: RunView, weights: dict[str, str], tested: dict[int, int]) -> None:
    assert isinstance(view.config, TranslationConfig)
    tested = tested or dict.fromkeys(view.config.buckets, view.config.final_pairs)
    with st.container(border=True, key="sentence_settings"):
        model, asked = _question(tested, list(weights))
    about = f"{view.id} {model} {asked.get('source') or asked.get('sample')}"
    edits = _edits(about)
    try:
        with st.spinner("Translating ...", show_time=True):
            answer = translated(view.id, model, weights[model], {**asked, "edits": edits})
    except SeqScopeError as error:
        st.error(str(error), icon=":material/error:")
        if edits:
            _undo_buttons(about, edits)
        return
    _sentences(answer)
    _heatmaps(answer, edits)
    if answer["attention"]:
        _steering(answer, about, edits)
    _certainty(answer, model)
    if answer["beam_tree"] and asked["beam"] > 1:
        _tree(answer)


def _question(tested: dict[int, int], models: list[str]) -> tuple[str, Answer]:
    """Ask for a model, a sentence and a way to decode."""
    first = sorted(models, key=lambda name: not _looks_back(name))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=230):
            model = st.selectbox("Model", first, format_func=translator_label, key="sentence:model")
        how = st.segmented_control("Sentence", WAYS, default=WAYS[0], required=True, key=HOW)
        with st.container(width=150):
            beam = st.slider("Beam", 1, 8, 1, key="sentence:beam", help="1 is greedy")
        with st.container(width=180):
            penalty = st.slider(
                "Length penalty", -2.0, 2.0, 0.0, 0.1, key="sentence:penalty", disabled=beam == 1
            )
    asked: Answer = {"beam": beam, "length_penalty": penalty}
    if how == WAYS[1]:
        typed = st.text_input(
            "Source sentence", key=TYPED, max_chars=MOST_CHARACTERS, placeholder="the dog sleeps"
        )
        return model, asked | {"source": typed}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        bucket = st.segmented_control(
            "Words",
            list(tested),
            default=next(iter(tested)),
            required=True,
            key="sentence:bucket",
        )
        with st.container(width=140):
            index = st.number_input(
                "Number",
                0,
                tested[bucket] - 1,
                0,
                key=f"sentence:index:{bucket}",
                help="Of the bucket",
            )
    return model, asked | {"sample": {"bucket": bucket, "index": index}}


def _looks_back(name: str) -> bool:
    return name in TRANSLATORS and TRANSLATORS[name].has_attention


def _edits(about: str) -> list[dict[str, Any]]:
    """Return what was forced and blocked in this sentence; another sentence begins without."""
    known, edits = state.setting(EDITS, ("", []))
    return list(edits) if known == about else []


def _keep_edits(about: str, edits: list[dict[str, Any]]) -> None:
    state.put_setting(EDITS, (about, edits), over=True)


def _sentences(answer: Answer) -> None:
    """Show the three sentences as plain text, whatever is written in them."""
    with st.container(border=True, gap="xxsmall", key="sentence_text"):
        for name, words in (
            ("Source", answer["source"]),
            ("Reference", answer["reference"]),
            ("Hypothesis", answer["target"]),
            ("Without your edits", answer.get("unedited")),
        ):
            if words is not None:
                st.caption(name)
                st.text(sentence(words) or "(nothing)")
        for said in (answer["sentence"], *answer.get("notes", [])):
            st.caption(said)
        st.button(
            "Edit this source",
            icon=":material/edit:",
            key="sentence:edit",
            on_click=_edit_source,
            args=(" ".join(word for word in answer["source"] if word not in SPECIALS),),
            help="What if a word were another?",
        )


def _edit_source(source: str) -> None:
    state.put_setting(TYPED, source[:MOST_CHARACTERS], over=True)
    state.put_setting(HOW, WAYS[1], over=True)


def _heatmaps(answer: Answer, edits: list[dict[str, Any]]) -> None:
    source, target, maps = answer["source"], answer["target"], answer["maps"] or []
    at = 0
    if answer["attention"] and len(maps) > 1:
        with st.container(width=230):
            at = choose_map(maps, "sentence:map")
    left, right = st.columns(2)
    with left:
        _attention_card(answer, edits, at)
    with right:
        erasure = answer.get("erasure")
        figure_card(
            "What each word hangs on, by erasing",
            figures.erasure_figure(erasure, source, target) if erasure else None,
            lambda: cell_table(erasure or [], source, target, "loss_nats"),
            key="sentence_erasure",
            computed_by="core.diagnostics.erasure:erasure_drops",
            caption="What a target word loses, in nats, when a source word is erased: attention "
            "is not always the explanation.",
            height=attention_height(len(target)),
            message="" if erasure else "No word of this sentence was erased; see above why.",
        )


def _attention_card(answer: Answer, edits: list[dict[str, Any]], at: int) -> None:
    source, target = answer["source"], answer["target"]
    if not answer["attention"]:
        figure_card(
            "Attention",
            None,
            pd.DataFrame(),
            key="sentence_attention",
            computed_by=DESK,
            caption="This model hands one vector to its decoder.",
            height=attention_height(len(target)),
            message="This model has no attention to look at.",
        )
        return
    clicked = figure_card(
        "Attention: click a cell to force or block it",
        figures.attention_figure(answer["attention"][at], source, target, edits=edits),
        lambda: cell_table(answer["attention"][at], source, target, "weight"),
        key="sentence_attention",
        computed_by=DESK,
        caption=f"Each row sums to 1. {quality_words(answer.get('quality') or {})}",
        height=attention_height(len(target)),
        clickable=True,
    )
    if clicked:
        state.put_setting(_place_key(ROW, target), position_of(clicked["y"]), over=True)
        state.put_setting(_place_key(COLUMN, source), position_of(clicked["x"]), over=True)


def quality_words(quality: dict[str, Any]) -> str:
    """Return the qualities that were measured, in words."""
    said = [
        words.format(quality[name])
        for name, words in QUALITY_WORDS.items()
        if isinstance(quality.get(name), int | float)
    ]
    return f"{', '.join(said).capitalize()}." if said else ""


def _steering(answer: Answer, about: str, edits: list[dict[str, Any]]) -> None:
    """Force or block a source position for one target word, and decode again."""
    source, target = answer["source"], answer["target"]

    def add(kind: str) -> None:
        place = {
            "target": state.setting(_place_key(ROW, target), 0),
            "source": state.setting(_place_key(COLUMN, source), 0),
        }
        others = [edit for edit in edits if edit != {**place, "kind": edit["kind"]}]
        _keep_edits(about, [*others, {**place, "kind": kind}])

    with st.container(border=True, horizontal=True, vertical_alignment="bottom", key="steering"):
        _place(ROW, "Target word", target)
        _place(COLUMN, "Source word", source)
        for kind, label in KINDS.items():
            st.button(label, key=f"sentence:{kind}", on_click=add, args=(kind,), help=_help(kind))
        _undo_buttons(about, edits)


def _place(name: str, label: str, words: list[str]) -> None:
    """Ask for one of the words; other words, after an edit, start at the place of the last."""
    key = _place_key(name, words)
    state.put_setting(key, min(state.setting(name, 0), len(words) - 1))
    with st.container(width=230):
        chosen = st.selectbox(
            label,
            range(len(words)),
            format_func=[f"{i}: {word}" for i, word in enumerate(words, 1)].__getitem__,
            key=key,
        )
    state.put_setting(name, chosen, over=True)


def _place_key(name: str, words: list[str]) -> str:
    """A selectbox keeps showing the word it stood at: other words need another one."""
    return f"{name}:{zlib.crc32(' '.join(words).encode('utf-8', 'replace')):08x}"


def _help(kind: str) -> str:
    if kind == "force":
        return "This target word looks at that source word alone"
    return "This target word may not look at that source word"


def _undo_buttons(about: str, edits: list[dict[str, Any]]) -> None:
    for label, kept, icon in (
        ("Undo", edits[:-1], ":material/undo:"),
        ("Undo all", [], ":material/restart_alt:"),
    ):
        st.button(
            label,
            icon=icon,
            key=f"sentence:{label}",
            disabled=not edits,
            on_click=_keep_edits,
            args=(about, kept),
        )


def _certainty(answer: Answer, model: str) -> None:
    sure = [probability(log) for log in answer["log_probabilities"]]
    target = answer["target"]
    figure_card(
        "How sure it is of each word",
        figures.certainty_figure(target, sure, model_color(model)) if sure else None,
        lambda: pd.DataFrame({"word": target[: len(sure)], "probability": sure[: len(target)]}),
        key="sentence_certainty",
        computed_by=DESK,
        caption="The probability of each word of the hypothesis, given those before it.",
        height=220,
        message="" if sure else "The hypothesis is empty.",
    )


def _tree(answer: Answer) -> None:
    figure_card(
        "The beam",
        figures.beam_figure(answer["beam_tree"], list(map(str, answer["target"]))),
        lambda: pd.DataFrame(answer["beam_tree"]),
        key="sentence_beam",
        computed_by="core.decoding.beam:beam_search",
        caption="Full: kept. Pale: dropped. Thick: the way to the hypothesis. The best of "
        "each step is on top: a later word can put a way that was behind in front.",
    )
