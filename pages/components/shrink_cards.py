"""What shrinks the served model, for one record of a run: size, speed, accuracy, answers."""

from collections.abc import Sequence

import streamlit as st

from core.labs.serving_config import ServingConfig
from core.runs.record import RunRecord
from core.serving.variants_catalogue import VARIANTS
from core.training.events import Columns
from pages.components.figure_card import State
from pages.components.figures import shrinking
from pages.components.figures.wrapped_rows import wrapped_height
from pages.components.run_view import card_state
from pages.components.sentiment_cards import columns_of
from pages.components.serving_cards import columns_card
from pages.components.serving_tables import rows_of, table_height, variants_table

CONVERT = "core.serving.variants:convert"
RACE = "core.serving.service_times:race_service"
OF_ONNX = ("ort-int8",)
DISTIL = "core.training.distillation:distil"
INTERVAL = "core.metrics.classification:wilson_interval"


def shrink_section(record: RunRecord, config: ServingConfig) -> None:
    """Show every variant beside what is served; a row comes when its variant is done."""
    names = tried(config)
    if not names:
        return
    st.subheader("Shrink: what makes it smaller or faster", anchor="shrink")
    state, variants = card_state(record), columns_of(record, "variants")
    if state != "done":
        variants = with_waiting(variants, names)
    rows = 1 + len(names)
    columns_card(
        "Every variant, measured",
        None,
        variants,
        state,
        key="variants",
        computed_by=[CONVERT, RACE],
        caption="Median milliseconds of batches of 1, 8 and 32, each in turns with what is "
        "served; faster or slower is said where it is more than the clock's own spread. Flips: "
        "answers that change; accuracy can stay while they do.",
        height=table_height(rows),
        draw=lambda: variants_table(variants, height=table_height(rows)),
    )
    for row in rows_of(variants):
        if row["note"]:
            st.text(f"{row['label']}: {row['note']}")
    left, right = st.columns([3, 2])
    with left:
        _speed_card(variants, rows, state)
    with right:
        _accuracy_card(variants, rows, state, is_own=config.source == "onnx")
    left, right = st.columns(2)
    with left:
        _size_card(variants, rows, state)
    with right:
        _flips_card(variants, rows, state)
    if {"distilled", "scratch"} & set(names):
        _distillation_cards(record, state)


def tried(config: ServingConfig) -> tuple[str, ...]:
    """Return the variants that a run tries: of a visitor's own file there is but one to be had."""
    if config.source == "onnx":
        return tuple(name for name in config.variants if name in OF_ONNX)
    return config.variants


def with_waiting(variants: Columns, names: Sequence[str]) -> Columns:
    """Return the table with an empty row for each variant to come, so that no row moves."""
    rows = rows_of(variants)
    known = {row["name"] for row in rows}
    for name in names if rows else ():
        if name not in known:
            named = {"name": name, "label": VARIANTS[name].label, "note": ""}
            rows.append(dict.fromkeys(variants) | named)
    return {name: [row[name] for row in rows] for name in variants}


def _speed_card(variants: Columns, rows: int, state: State) -> None:
    is_known = any(_is_known(variants, f"speedup_{batch}") for batch in shrinking.BATCHES)
    columns_card(
        "Faster or slower than what is served",
        shrinking.speed_figure(variants) if is_known else None,
        variants,
        state,
        key="speed",
        computed_by=[RACE],
        caption="Three bars a variant: batches of 1, 8 and 32, from top to bottom. Green and to "
        "the right is faster, red and to the left slower, grey about the same.",
        height=wrapped_height(rows - 1, pixels=48),
    )


def _accuracy_card(variants: Columns, rows: int, state: State, *, is_own: bool) -> None:
    columns_card(
        "What it costs in accuracy",
        shrinking.accuracy_figure(variants) if _is_known(variants, "accuracy") else None,
        variants,
        state,
        key="variant_accuracy",
        computed_by=[INTERVAL],
        caption="Test texts that are right, with the 95 % interval. Orange, and the line: what is "
        "served. An interval that holds the line may be chance.",
        height=wrapped_height(rows - 1, pixels=48),
        message="Which answers of your model are right is not known here." if is_own else "",
    )


def _size_card(variants: Columns, rows: int, state: State) -> None:
    columns_card(
        "Size",
        shrinking.size_figure(variants) if _is_known(variants, "megabytes") else None,
        variants,
        state,
        key="size",
        computed_by=[CONVERT],
        caption="The whole model as a file, its embedding included.",
        height=wrapped_height(rows),
    )


def _flips_card(variants: Columns, rows: int, state: State) -> None:
    columns_card(
        "Answers that change",
        shrinking.flips_figure(variants) if _is_known(variants, "flips") else None,
        variants,
        state,
        key="flips",
        computed_by=[CONVERT],
        caption="Share of the test texts that get another answer than from what is served. A "
        "model trained anew changes many, also where it is as accurate.",
        height=wrapped_height(rows),
    )


def _distillation_cards(record: RunRecord, state: State) -> None:
    distillation = columns_of(record, "distillation")
    is_known = bool(distillation.get("seed"))
    left, right = st.columns(2)
    with left:
        columns_card(
            "The student, without and with a teacher",
            shrinking.distillation_figure(distillation) if is_known else None,
            distillation,
            state,
            key="distillation",
            computed_by=[DISTIL],
            caption="The same small LSTM from the same start, once with the labels alone and once "
            "with the served model's answers too; a line is a seed.",
            height=300,
        )
    with right:
        columns_card(
            "Is the teacher worth it?",
            shrinking.difference_figure(distillation) if is_known else None,
            distillation,
            state,
            key="difference",
            computed_by=["core.training.distillation:seed_difference"],
            caption="Points of accuracy that the teacher adds, with the 95 % interval of the mean "
            "over seeds. An interval that holds 0 is no evidence for either.",
            height=300,
        )


def _is_known(variants: Columns, column: str) -> bool:
    return any(value is not None for value in variants.get(column, []))
