"""The tables of the serving lab: policies that were tried, and what shrinks a model."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.text.phrases import interval_digits
from core.training.events import Columns

ROW_PIXELS = 35
FRAME_PIXELS = 6
BATCHES = (1, 8, 32)
EMPTY = ""

Row = Mapping[str, Any]


def table_height(rows: int) -> int:
    """Return the pixels of a table of so many rows."""
    return ROW_PIXELS * (rows + 1) + FRAME_PIXELS


def rows_of(columns: Columns) -> list[dict[str, Any]]:
    """Return a table's rows; none of an empty one."""
    lengths = map(len, columns.values())
    return [
        {name: values[at] for name, values in columns.items()}
        for at in range(max(lengths, default=0))
    ]


def policies_table(served: Columns, *, height: int) -> None:
    """Show one row a policy; the one that the run was set to stands first and is marked.

    It takes `height` pixels, however many rows have come.
    """
    rows = sorted(rows_of(served), key=lambda row: not row["is_chosen"])
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    shown = pd.DataFrame(
        [
            {
                "policy": policy_words(row),
                "rate": row["rate"],
                "replicas": row["replicas"],
                "stable": stable_words(row["stable"]),
                **{name: time_words(row[name]) for name in ("p50", "p95", "p99", "mean")},
                "late": share_words(row["late"]),
                "busy": share_words(row["utilisation"]),
                "batch": row["mean_batch"],
                "chosen": "set above" if row["is_chosen"] else EMPTY,
            }
            for row in rows
        ]
    )
    _frame(height).dataframe(
        shown,
        hide_index=True,
        height=table_height(len(rows)),
        row_height=ROW_PIXELS,
        key="policies_rows",
        placeholder=EMPTY,
        alt="Policies tried: latency, late requests, how busy the replicas are",
        column_config={
            "policy": text("Policy", pinned=True, width=150),
            "rate": number("Requests/s", format="localized", width=84),
            "replicas": number("Replicas", width=70),
            "stable": text("Queue", width=76),
            "p50": text("p50, ms", width=64),
            "p95": text("p95, ms", width=64),
            "p99": text("p99, ms", width=64),
            "mean": text("Mean, ms", width=72),
            "late": text("Late", help="Share of requests after the deadline", width=62),
            "busy": text("Busy", help="Share of the replicas' time in which they answer", width=62),
            "batch": number("Mean batch", format="%.1f", width=84),
            "chosen": text("", width=72),
        },
    )


def _frame(height: int) -> DeltaGenerator:
    return st.container(height=height, border=False)


def policy_words(row: Row) -> str:
    """Return how a replica serves, in a few words: "up to 32, wait 5 ms"."""
    wait = f", wait {row['max_wait_ms']:g} ms" if row["max_wait_ms"] else ""
    batch = f"up to {row['max_batch']}" if row["max_batch"] > 1 else "one at a time"
    return f"{batch}{wait}"


def stable_words(stable: bool | None) -> str:
    """Return whether a queue ends."""
    return "not known" if stable is None else "stable" if stable else "unstable"


def time_words(ms: float | None) -> str:
    """Return milliseconds with the digits that count."""
    if ms is None:
        return EMPTY
    return f"{ms:,.0f}" if ms >= 100 else f"{float(f'{ms:.3g}'):g}"


def ms_words(ms: float) -> str:
    """Return milliseconds with their unit."""
    return f"{time_words(ms)} ms"


def share_words(share: float | None) -> str:
    """Return a share from 0 to 1 in percent: "0.3 %", "95 %"."""
    if share is None:
        return EMPTY
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 10 or percent == 0 else f"{percent:.1f} %"


def variants_table(variants: Columns, *, height: int) -> None:
    """Show one row a variant, what is served first: size, speed, accuracy, changed answers.

    It takes `height` pixels.
    """
    rows = rows_of(variants)
    text = st.column_config.TextColumn
    shown = pd.DataFrame(
        [
            {
                "label": row["label"],
                "size": size_words(row),
                **{f"at_{batch}": speed_words(row, batch) for batch in BATCHES},
                "accuracy": accuracy_words(row),
                "flips": share_words(row["flips"]),
            }
            for row in rows
        ]
    )
    _frame(height).dataframe(
        shown,
        hide_index=True,
        height=table_height(len(rows)),
        row_height=ROW_PIXELS,
        key="variants_rows",
        placeholder=EMPTY,
        alt="What shrinks the model: size, speed, accuracy and changed answers",
        column_config={
            "label": text("Variant", pinned=True, width=160),
            "size": text("Size", width=130),
            **{
                f"at_{batch}": text(
                    f"At {batch}",
                    help=f"Median ms of a batch of {batch}, and against what is served",
                    width=150,
                )
                for batch in BATCHES
            },
            "accuracy": text("Accuracy, %", help="With its 95 % interval", width=114),
            "flips": text("Flips", help="Share of test texts that get another answer", width=62),
        },
    )


def size_words(row: Row) -> str:
    """Return the size of a variant: "1.12 MB, 4.0× smaller"."""
    if row["megabytes"] is None:
        return EMPTY
    said = f"{row['megabytes']:.2f} MB"
    smaller = row["smaller"]
    if smaller is None or abs(smaller - 1) < 0.05:
        return said
    return f"{said}, {smaller:.1f}×" if smaller > 1 else f"{said}, larger"


def speed_words(row: Row, batch: int) -> str:
    """Return how fast a variant is at a batch size: "0.14 ms, 3.0× faster"."""
    ms, speed, word = row[f"ms_{batch}"], row[f"speedup_{batch}"], row[f"words_{batch}"]
    if ms is None:
        return EMPTY
    said = f"{time_words(ms)} ms"
    if row["name"] == "served" or not speed:
        return said
    if word == "the same":
        return f"{said}, the same"
    factor = speed if word == "faster" else 1 / speed
    return f"{said}, {factor:.2g}× {word}"


def accuracy_words(row: Row) -> str:
    """Return the accuracy of a variant with its interval, in percent: 76.1 (74.4–77.7)."""
    accuracy, low, high = row["accuracy"], row["accuracy_low"], row["accuracy_high"]
    if accuracy is None:
        return EMPTY
    if low is None or high is None:
        return f"{100 * accuracy:.1f}"
    digits = interval_digits(low, high)
    ends = "\N{EN DASH}".join(f"{100 * end:.{digits}f}" for end in (low, high))
    return f"{100 * accuracy:.{digits}f} ({ends})"
