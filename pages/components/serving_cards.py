"""What a served model costs, for one record of a run: alone, and under a stream of requests."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from core.labs.serving_config import ServingConfig
from core.labs.serving_what_if import Clock
from core.runs.record import RunRecord
from core.training.events import Columns
from pages.components.figure_card import State, figure_card
from pages.components.figures import queueing, serving
from pages.components.figures.style import HEIGHT, Figure
from pages.components.figures.wrapped_rows import wrapped_height
from pages.components.run_view import card_state
from pages.components.sentiment_cards import columns_of
from pages.components.serving_tables import policies_table, rows_of, table_height

SERVICE = "core.serving.service_times:measure_service"
SIMULATE = "core.serving.queueing:simulate"
REPLAY = "core.serving.replay:replay"
GRID = "core.serving.policies:p99_grid"
THEORY = "core.serving.queue_theory:theory_table"
REPLICAS = "core.serving.queue_theory:replicas_needed"
TWO_BATCHES = (1, 32)
GRID_HEIGHT = 380
POLICIES = 7
"""Rows of the table of policies, reserved before they are there."""


def measure_section(record: RunRecord, config: ServingConfig) -> None:
    """Show what a pass takes, against batch size and length."""
    st.subheader("Measure: what one pass takes", anchor="measure")
    st.caption(machine_line(columns_of(record, "machine")))
    state, service = card_state(record), columns_of(record, "service")
    clock = clock_of(record)
    is_known = bool(service.get("batch"))
    left, right = st.columns(2)
    with left:
        latency_card(record, config)
    with right:
        throughput_card(record, config)
    columns_card(
        "Time against length",
        serving.words_figure(service, TWO_BATCHES, clock) if is_known else None,
        service,
        state,
        key="words",
        computed_by=[SERVICE],
        caption=f"Medians {serving.CLOCKS[clock]}; both axes are logarithmic. A "
        "recurrent network reads word after word: twice as long takes about twice the time.",
        height=300,
    )


def latency_card(record: RunRecord, config: ServingConfig, *, height: int = HEIGHT) -> None:
    """Show what a batch takes, by its size."""
    state, service = card_state(record), columns_of(record, "service")
    columns_card(
        "Time of a batch",
        serving.latency_figure(service, config.words) if service.get("batch") else None,
        service,
        state,
        key="latency",
        computed_by=[SERVICE],
        caption=f"Requests of {config.words} words, warm, {_threads(config.threads)}. Line: "
        "median; band: up to the 99th percentile of the wall clock. Where CPU time is below "
        "the wall's, the machine did something else in between.",
        height=height,
    )


def throughput_card(record: RunRecord, config: ServingConfig, *, height: int = HEIGHT) -> None:
    """Show how many requests a second one replica answers, by batch size."""
    state, service = card_state(record), columns_of(record, "service")
    clock = clock_of(record)
    columns_card(
        "What one replica can answer",
        serving.throughput_figure(service, config.words, config.rate, clock)
        if service.get("batch")
        else None,
        service,
        state,
        key="throughput",
        computed_by=[SERVICE],
        caption=f"Batch size over its median time {serving.CLOCKS[clock]}. It "
        "is bought with waiting: every request of a batch takes as long as the whole batch.",
        height=height,
    )


def _threads(threads: int) -> str:
    return "one thread" if threads == 1 else f"{threads} threads"


def clock_of(record: RunRecord) -> Clock:
    """Return by which clock the queue is told: that of one core, where one does all the work."""
    return "cpu" if columns_of(record, "machine").get("clock") == ["cpu"] else "wall"


def machine_line(machine: Columns) -> str:
    """Return what the times were measured on, in one line."""
    if not machine.get("device"):
        return "The machine is said with the first measurement."
    said = {name: values[0] for name, values in machine.items()}
    bf16 = "has" if said.get("bf16") else "has no"
    return (
        f"On {said['cpu']}: {said['cores']} cores, {_threads(said['threads'])}, device "
        f"{said['device']}, PyTorch {said['torch']}; the processor {bf16} bfloat16 instructions."
    )


def serve_section(record: RunRecord, config: ServingConfig) -> None:
    """Show what a stream of requests makes of it: waits, batches, policies, replicas."""
    st.subheader("Serve: what a stream of requests makes of it", anchor="serve")
    state = card_state(record)
    _policies_card(record, config, state)
    left, right = st.columns([3, 2])
    with left:
        _latencies_card(record, config, state)
    with right:
        _batches_card(record, state)
    left, right = st.columns([3, 2])
    with left:
        _grid_card(record, config, state)
    with right:
        _replicas_card(record, config, state)
    _agreement_card(record, state)


def _policies_card(record: RunRecord, config: ServingConfig, state: State) -> None:
    served = columns_of(record, "served")
    columns_card(
        "Policies tried",
        None,
        served,
        state,
        key="policies",
        computed_by=[SIMULATE],
        caption="Milliseconds from arrival to answer, of the simulation with this machine's "
        f"measured times. Late: after {config.deadline_ms:g} ms. Of an unstable policy the times "
        "are only those of the simulated span: the queue grows as long as requests come.",
        height=table_height(POLICIES),
        draw=lambda: policies_table(served, height=table_height(POLICIES)),
    )


def _latencies_card(record: RunRecord, config: ServingConfig, state: State) -> None:
    latencies = columns_of(record, "latencies")
    columns_card(
        "How long a request takes",
        queueing.latencies_figure(latencies, deadline_ms=config.deadline_ms)
        if latencies.get("bin_low")
        else None,
        latencies,
        state,
        key="latencies",
        computed_by=[SIMULATE, REPLAY],
        caption=f"{config.rate:,g} requests a second to {_replicas(config.replicas)}, up to "
        f"{config.max_batch} at once, after at most {config.max_wait_ms:g} ms. The stair: real "
        "passes of this model for the same arrivals.",
    )


def _replicas(count: int) -> str:
    return "one replica" if count == 1 else f"{count} replicas"


def _batches_card(record: RunRecord, state: State) -> None:
    batches = columns_of(record, "batches")
    columns_card(
        "How many are answered at once",
        queueing.batches_figure(batches) if batches.get("batch") else None,
        batches,
        state,
        key="batches",
        computed_by=[SIMULATE, REPLAY],
        caption="A batch is what waited when a replica became free, up to the cap.",
    )


def _grid_card(record: RunRecord, config: ServingConfig, state: State) -> None:
    grid, best = columns_of(record, "grid"), columns_of(record, "best")
    columns_card(
        "Which batch cap, at which rate",
        queueing.policies_figure(grid, best, deadline_ms=config.deadline_ms)
        if grid.get("rate")
        else None,
        grid,
        state,
        key="grid",
        computed_by=[GRID, SIMULATE],
        caption="In each cell the 99th percentile in ms: blue keeps the deadline of "
        f"{config.deadline_ms:g} ms, red does not, ∞ is unstable. Framed: the best cap at its "
        "rate.",
        height=GRID_HEIGHT,
    )


def _replicas_card(record: RunRecord, config: ServingConfig, state: State) -> None:
    replicas = columns_of(record, "replicas")
    rows = len(replicas.get("label", []))
    columns_card(
        f"Replicas for {config.rate:,.0f} a second",
        queueing.replicas_figure(replicas) if rows else None,
        replicas,
        state,
        key="replicas",
        computed_by=[REPLICAS],
        caption="Hollow: as many as keep the queue from growing without end. Full: as many as "
        f"keep the 99th percentile within {config.deadline_ms:g} ms.",
        height=GRID_HEIGHT,
    )


def _agreement_card(record: RunRecord, state: State) -> None:
    theory, replay = columns_of(record, "theory"), columns_of(record, "replay")
    rows = [*rows_of(theory), *rows_of(replay)]
    names = [row["law"] if "law" in row else f"Real passes: {row['quantity']}" for row in rows]
    simulated = [row["simulated"] for row in rows]
    known = [row["theory"] if "law" in row else row["replayed"] for row in rows]
    columns_card(
        "Can the simulation be believed?",
        queueing.agreement_figure(names, simulated, known) if names else None,
        {"quantity": names, "simulated": simulated, "known": known},
        state,
        key="agreement",
        computed_by=[THEORY, REPLAY],
        caption="The simulation against what is known: laws of queues, and real passes for the "
        "same arrivals. Real passes share this machine with all else that runs on it, and a 99th "
        "percentile is made of few requests.",
        height=wrapped_height(max(len(names), 10)),
    )


def columns_card(
    title: str,
    figure: Figure | None,
    columns: Columns,
    state: State,
    *,
    key: str,
    computed_by: Sequence[str],
    caption: str,
    height: int = HEIGHT,
    message: str = "",
    draw: Callable[[], None] | None = None,
) -> None:
    """Show a figure card of one table, whose picture is a `figure` or made by `draw`.

    Where the table has no row (yet), it says so.
    """
    is_filled = any(columns.values())
    figure_card(
        title,
        figure,
        lambda: pd.DataFrame(columns),
        key=key,
        computed_by=computed_by,
        caption=caption,
        height=height,
        state=state,
        message=message
        or (
            "This run ended before it was measured, or was not asked for it."
            if state == "done"
            else "It comes when it is measured."
        ),
        draw=draw if is_filled else None,
    )
