"""What dominates for each translation model: the verdicts of a run's diagnosis, a card a model."""

from typing import Literal

import streamlit as st

from core.runs.record import RunRecord
from core.training.events import Columns
from pages.components.figures.diagnosis import CAUSES
from pages.components.figures.translation import translator_label

Color = Literal["orange", "red", "gray"]
VERDICTS_ACROSS = 3
BEYOND = "Not diagnosed: "
NAMED: tuple[Color, str] = ("orange", ":material/warning:")
BADGES: dict[str, tuple[str, Color, str]] = {
    "nothing dominates": ("Nothing dominates", "gray", ":material/balance:"),
    "diverged": ("Diverged", "red", ":material/error:"),
}


def verdict_sentences(record: RunRecord) -> list[str]:
    """Return how the verdicts end, whichever way a sentence that tells one of them begins."""
    return [sentence[1:] for sentence in _verdict_columns(record).get("sentence", []) if sentence]


def _verdict_columns(record: RunRecord) -> Columns:
    view = record.tables.get(("verdict", ""))
    return view.latest.columns if view else {}


def verdict_cards(record: RunRecord) -> None:
    """Show a card a model: what dominates as a badge, and why in a short paragraph."""
    columns = _verdict_columns(record)
    if not columns.get("sentence"):
        st.caption("The verdict comes when the run has ended: it needs the final test.")
        return
    rows = list(zip(columns["model"], columns["verdict"], columns["sentence"], strict=True))
    across = min(len(rows), VERDICTS_ACROSS)
    for start in range(0, len(rows), across):
        some = rows[start : start + across]
        for place, (model, verdict, sentence) in zip(st.columns(across), some, strict=False):
            with place, st.container(border=True, height="stretch", gap="xsmall"):
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(f"**{translator_label(model)}**", width="content")
                    word, color, icon = BADGES.get(verdict, (CAUSES.get(verdict, verdict), *NAMED))
                    st.badge(word, color=color, icon=icon)
                why, mark, rest = sentence.partition(BEYOND)
                st.markdown(why)
                if rest:
                    st.caption(mark + rest)
