"""The remedies as a table: a row for each remedy and budget, at one length."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.figures.length_remedies import difference_words, score_words

Row = Mapping[str, Any]
BUDGETS = {"none": "\N{EN DASH}", "updates": "updates", "compute": "compute"}
COMPARED = {"base": "as trained", "control": "the control", "": ""}
ROW_PIXELS = 35
EMPTY = ""


def remedies_table(rows: Sequence[Row], *, is_share: bool, height: int) -> None:
    """Show one row a remedy and budget, the model as trained first; `height` pixels in all."""
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    unit = "points" if is_share else "nats"
    st.dataframe(
        pd.DataFrame([_shown(row, is_share) for row in rows]),
        hide_index=True,
        height=height,
        row_height=ROW_PIXELS,
        key="remedies_rows",
        placeholder=EMPTY,
        alt="Remedies: score, difference and verdict at one length",
        column_config={
            "label": text("Remedy", pinned=True, width=220),
            "budget": text("Equal", help="What it shares with the control", width=68),
            "verdict": text("Verdict", width=122),
            "difference": text(
                "Difference",
                help=f"In {unit}, with its 95 % interval, to what it is compared with",
                width=130,
            ),
            "score": text("Score", help="With its 95 % interval", width=112),
            "compared": text("Compared with", width=104),
            "updates": number("Updates", format="localized", width=72),
            "seconds": number("CPU s", help="Of training, a mean over seeds", format="%.1f"),
            "seeds": number("Seeds", width=60),
            "note": text("Note", width=420),
        },
    )


def _shown(row: Row, is_share: bool) -> dict[str, Any]:
    return {
        "label": row["label"],
        "budget": BUDGETS.get(row["budget"], row["budget"]),
        "verdict": row["verdict"],
        "difference": interval_words(row, "difference", is_share),
        "score": interval_words(row, "score", is_share),
        "compared": COMPARED.get(row["compared"], row["compared"]),
        "updates": row["updates"],
        "seconds": row["seconds"],
        "seeds": row["seeds"],
        "note": row["note"],
    }


def interval_words(row: Row, name: str, is_share: bool) -> str:
    """Return a score or a difference with its interval: "96 % (94-98)", "+12 (+3 to +20)"."""
    value = row[name]
    if value is None:
        return "no answer" if name == "score" else EMPTY
    if name == "score":
        low, high, between = row["low"], row["high"], "\N{EN DASH}"
        said = score_words(value, is_share)
        ends = (
            [] if low is None or high is None else [score_words(x, is_share) for x in (low, high)]
        )
        ends = [end.removesuffix(" %") for end in ends]
    else:
        low, high, between = row["difference_low"], row["difference_high"], " to "
        said = difference_words(value, is_share)
        known = [] if low is None or high is None else [low, high]
        ends = [difference_words(x, is_share) for x in known]
    return f"{said} ({between.join(ends)})" if ends else said
