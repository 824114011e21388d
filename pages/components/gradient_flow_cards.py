"""The charts of the gradient-flow lab, for one record of a run."""

import pandas as pd
import streamlit as st

from core.labs.config import GradientFlowConfig
from core.models.catalogue import find_spec, gates_first
from core.runs.record import RunRecord
from core.runs.tables import heatmap_table, model_tables, series_table, stacked_table
from pages.components.figure_card import State, figure_card
from pages.components.figures import gradient_flow as figures
from pages.components.figures.series import loss_figure
from pages.components.figures.style import HEIGHT, Figure, model_color
from pages.components.run_view import card_state, words_section

DIAGNOSTICS = "core.diagnostics.gradient_flow"
SCORES = {
    "analog-memory": ("R2", "What the model remembers", "core.data.memory:AnalogMemory"),
    "discrete-recall": ("accuracy", "What the model remembers", "core.data.memory:DiscreteRecall"),
    "language-model": ("loss", "Loss by position", "core.data.language:LanguageModeling"),
}
FLOW_CAPTION = (
    "Solid is the exact gradient now (LSTM: cell thick, hidden thin), pale the hidden one before "
    "training, dashed the textbook: the product of gates, or for the RNN the power of one number. "
    "A straight fall is a gradient that vanishes."
)


def gradient_flow_cards(record: RunRecord, config: GradientFlowConfig) -> None:
    """Show the lab's charts in a grid that holds its shape while they fill."""
    state = card_state(record)
    wide, narrow = st.columns([3, 2])
    with wide:
        flow_card(record, state)
    with narrow:
        score_card(record, config, state)
    left, right = st.columns(2)
    with left:
        loss_card(record, config, state)
    with right:
        _histogram_card(record, state)
    _gate_cards(record, config, state)
    left, right = st.columns(2)
    with left:
        _time_scale_card(record, state)
    with right:
        _lyapunov_card(record, state)
    words_section(record)


def flow_card(record: RunRecord, state: State, *, height: int = HEIGHT) -> None:
    """Show what reaches back through time, by the textbook and exactly."""
    flows = model_tables(record, "gradient_flow")
    figure_card(
        "What reaches back through time",
        figures.flow_figure(flows) if flows else None,
        lambda: stacked_table(record, "gradient_flow"),
        key="flow",
        computed_by=[
            f"{DIAGNOSTICS}:gradient_flow_table",
            "core.diagnostics.products:gradient_products",
        ],
        caption=FLOW_CAPTION,
        height=height,
        state=state,
    )


def score_card(
    record: RunRecord, config: GradientFlowConfig, state: State, *, height: int = HEIGHT
) -> None:
    """Show how well each model remembers, lag by lag."""
    scores = model_tables(record, "scores")
    kind, title, source = SCORES[config.task]
    captions = {
        "R2": "1 is perfect, 0 is guessing the mean; knowing only the sign is worth 0.75.",
        "accuracy": "Chance is 0.125. The model was asked at the full lag only.",
        "loss": "On text held out from training, averaged over positions within a tenth; lower is "
        "better.",
    }
    figure_card(
        title,
        figures.score_figure(scores, config.lag, kind) if scores else None,
        lambda: stacked_table(record, "scores"),
        key="scores",
        computed_by=source,
        caption=captions[kind],
        height=height,
        state=state,
    )


def loss_card(
    record: RunRecord, config: GradientFlowConfig, state: State, *, height: int = HEIGHT
) -> None:
    """Show the losses of all models, and when each solved its task."""
    solved = [mark["text"] for mark in record.marks if mark["what"] == "solved"]
    names = [find_spec(mark["model"]).label for mark in record.marks if mark["what"] == "solved"]
    said = "; ".join(f"{n} {t}" for n, t in zip(names, solved, strict=True))
    unit = "nats per character" if config.task == "language-model" else "squared error or nats"
    figure_card(
        "Training loss",
        training_loss_figure(record),
        lambda: series_table(record, ["loss"]),
        key="loss",
        computed_by="core.training.loop:train",
        caption=f"{said}." if said else f"Log axis, {unit}. All models see the same batches.",
        height=height,
        state=state,
    )


def training_loss_figure(record: RunRecord) -> Figure | None:
    """Return the losses of all models of a run so far; None before there are any."""
    series = {m: c for m in list(record.series) if (c := record.columns(m))}
    if not series:
        return None
    return loss_figure(
        series,
        settings=record.settings,
        marks=record.marks,
        names={m: find_spec(m).label for m in series},
        colors={m: model_color(m) for m in series},
        total=record.total,
    )


def _histogram_card(record: RunRecord, state: State) -> None:
    tables = model_tables(record, "gate_histogram")
    figure_card(
        "Where the gates stand",
        figures.histogram_figure(tables) if tables else None,
        lambda: stacked_table(record, "gate_histogram"),
        key="histogram",
        computed_by=f"{DIAGNOSTICS}:gate_histogram_table",
        caption="Forget gates (LSTM), update gates (GRU), slopes of the activation (RNN, which "
        "has no gate). Pale at the start, full now.",
        state=state,
    )


def _gate_cards(record: RunRecord, config: GradientFlowConfig, state: State) -> None:
    """Show one model's gates over a sequence, and where they close."""
    options = gates_first(config.models)
    with st.container(horizontal=True, vertical_alignment="center"):
        model = st.segmented_control(
            "Gates of",
            options,
            default=options[0],
            required=True,
            format_func=lambda name: find_spec(name).label,
            key="gates_of",
        )
    wide, narrow = st.columns([3, 2])
    view = record.arrays.get(("gates", model))
    closing = record.tables.get(("closing_steps", model))
    with wide:
        figure = None
        if view is not None:
            gate = record.load_array(view.latest).tolist()
            figure = figures.gate_heatmap_figure(gate, view.latest.labels)
        figure_card(
            f"{figures.gate_name(model)}: unit by unit",
            figure,
            (lambda: heatmap_table(record.load_array(view.latest), view.latest.labels))
            if view
            else pd.DataFrame(),
            key="gates",
            computed_by=[f"{DIAGNOSTICS}:gate_heatmap", "core.diagnostics.gates:read_layer"],
            caption="Yellow keeps, blue forgets. Read from the fused kernel afterwards, exactly.",
            state=state,
        )
    with narrow:
        color = model_color(model)
        figure_card(
            "Where the gates close",
            figures.closing_figure(
                closing.latest.columns, color, is_text=config.task == "language-model"
            )
            if closing
            else None,
            lambda: stacked_table(record, "closing_steps", only=model),
            key="closing",
            computed_by=f"{DIAGNOSTICS}:closing_steps_table",
            caption="The 20 steps of this sequence with the lowest mean gate, in their order.",
            state=state,
        )


def _time_scale_card(record: RunRecord, state: State) -> None:
    tables = model_tables(record, "time_scales")
    has_gates = any(find_spec(model).cell != "rnn" for model in tables)
    figure_card(
        "How long each unit holds",
        figures.time_scale_figure(tables) if has_gates else None,
        lambda: stacked_table(record, "time_scales"),
        key="time_scales",
        computed_by=f"{DIAGNOSTICS}:time_scale_table",
        caption="1 / (1 − mean gate): the straight path only; a unit can also remember through "
        "the others. Pale at the start, full now.",
        state=state,
        message="" if has_gates or not tables else "An RNN has no gate: add an LSTM or a GRU.",
    )


def _lyapunov_card(record: RunRecord, state: State) -> None:
    tables = model_tables(record, "lyapunov")
    figure_card(
        "Lyapunov exponents",
        figures.lyapunov_figure(tables) if tables else None,
        lambda: stacked_table(record, "lyapunov"),
        key="lyapunov",
        computed_by=[
            f"{DIAGNOSTICS}:lyapunov_table",
            "core.diagnostics.lyapunov:lyapunov_exponents",
        ],
        caption="The mean rate at which a small change grows (above 0) or dies (below). Pale at "
        "the start; looked at again when the run ends.",
        state=state,
    )
