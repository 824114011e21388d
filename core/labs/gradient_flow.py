"""The gradient-flow lab: several recurrent models race to learn a lag; what flows back in each?

"Why do LSTMs keep a gradient that RNNs lose?"
"""

import time
from collections.abc import Iterator
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from core.device import choose_device
from core.diagnostics.gates import LayerGates, read_layer
from core.diagnostics.gradient_flow import (
    closing_steps_table,
    gate_heatmap,
    gate_histogram_table,
    gradient_flow_table,
    lyapunov_table,
    time_scale_table,
)
from core.errors import TextError
from core.labs.config import GradientFlowConfig
from core.labs.prepare import Material, prepare_gradient_flow
from core.labs.race import build_racers, train_racers
from core.labs.signature import signature
from core.labs.tally import SeriesTally
from core.labs.words import describe_flow
from core.models.catalogue import find_spec
from core.models.recurrent import RecurrentModel
from core.training.dials import Dials
from core.training.events import (
    ArrayEvent,
    CheckpointEvent,
    Columns,
    Event,
    ProgressEvent,
    ResultEvent,
    TableEvent,
    WordsEvent,
)
from core.training.learner import Learner

PROBE_SEQUENCES = 4
SCORE_SEQUENCES = 64
FINAL_SCORE_SEQUENCES = 128
FLOW_SEQUENCES = 1
FINAL_FLOW_SEQUENCES = 2


def run(
    config: GradientFlowConfig, *, dials: Dials | None = None, text: str | None = None
) -> Iterator[Event]:
    """Run the lab; yield its events, the last a ResultEvent.

    Tables, each at the start, every `probe_every` updates and at the end, per model:
    "gradient_flow" (distance, textbook_log10, exact_c_log10, exact_h_log10), "scores" (lag,
    score), "gate_histogram" (low, high, share), "time_scales" (unit, mean_gate,
    time_scale_steps), "closing_steps" (step, mean_gate, symbol); at start and end "lyapunov"
    (index, exponent_nats_per_step). The array "gates" is units x steps of one sequence.

    Raises:
        TextError, DataMissingError: the text cannot be used or is not there.
    """
    device = choose_device(config.device)
    dials = dials or Dials(**config.dials())
    material = prepare_gradient_flow(config, text)
    started = time.perf_counter()
    racers = build_racers(config, material.task, device)
    probe = Probe(config, material, device)
    tally = SeriesTally()
    yield from probe.look(racers, 0)
    yield from probe.rates(racers, 0)
    step = 0
    for event in train_racers(config, material.task, racers, dials=dials, device=device):
        tally.take(event)
        yield event
        if isinstance(event, ProgressEvent):
            step = event.step
            if step % config.probe_every == 0 and step < config.updates:
                yield from probe.look(racers, step)
                yield WordsEvent(step=step, sentences=describe_flow(config, probe.flows, tally))
    yield from probe.look(racers, step, thorough=True)
    yield from probe.rates(racers, step)
    yield WordsEvent(step=step, sentences=describe_flow(config, probe.flows, tally))
    for racer in racers:
        state = {name: tensor.cpu() for name, tensor in racer.model.state_dict().items()}
        yield CheckpointEvent(model=racer.name, step=step, state=state)
    yield ResultEvent(
        signature=signature(
            "gradient-flow", config, device=device, source=material.source, turned=dials.history
        ),
        device=device.type,
        seconds=time.perf_counter() - started,
        results=[probe.result(racer.name, tally) for racer in racers],
    )


class Probe:
    """Looks into the racers: a few sequences, one pass, no gradient.

    `flows` and `scores` hold the newest gradient-flow table and scores of each model.
    """

    def __init__(
        self, config: GradientFlowConfig, material: Material, device: torch.device
    ) -> None:
        self.config = config
        self.material = material
        self.device = device
        self.inputs = material.task.probe(sequences=PROBE_SEQUENCES, device=device).inputs
        self.shown = shown_sequence(config, material, self.inputs)
        self.flows: dict[str, pd.DataFrame] = {}
        self.scores: dict[str, list[float]] = {}

    def look(self, racers: list[Learner], step: int, *, thorough: bool = False) -> Iterator[Event]:
        """Yield what is seen in each racer after `step` updates.

        Gates come from all probe sequences, the exact gradient, whose cost grows with their
        number, from one of them, or from two where the look is `thorough`.
        """
        for racer in racers:
            few = FINAL_FLOW_SEQUENCES if thorough else FLOW_SEQUENCES
            flow = gradient_flow_table(self._read(racer, self.inputs[:, :few]))
            self.flows[racer.name] = flow[flow["distance"] <= self.config.lag]
            yield self._table("gradient_flow", racer.name, step, self.flows[racer.name])
            yield self._scores(racer, step, thorough)
            yield from self._gates(racer, step)

    def rates(self, racers: list[Learner], step: int) -> Iterator[Event]:
        """Yield each racer's top Lyapunov exponents, on one sequence."""
        for racer in racers:
            table = lyapunov_table(self._read(racer, self.inputs[:, :1]))
            yield self._table("lyapunov", racer.name, step, table)

    def _read(self, racer: Learner, inputs: Tensor) -> LayerGates:
        model = racer.model
        assert isinstance(model, RecurrentModel)
        with torch.no_grad():
            features_TBI = model.features(inputs)
        return read_layer(model.recurrent, features_TBI)

    def _scores(self, racer: Learner, step: int, thorough: bool) -> Event:
        sequences = FINAL_SCORE_SEQUENCES if thorough else SCORE_SEQUENCES
        scores_T = self.material.task.scores(racer.model, sequences=sequences, device=self.device)
        self.scores[racer.name] = scores_T.tolist()
        columns: Columns = {"lag": list(range(len(scores_T))), "score": self.scores[racer.name]}
        return TableEvent(name="scores", model=racer.name, step=step, columns=columns)

    def _gates(self, racer: Learner, step: int) -> Iterator[Event]:
        gates = self._read(racer, self.inputs)
        yield self._table("gate_histogram", racer.name, step, gate_histogram_table(gates))
        yield self._table("time_scales", racer.name, step, time_scale_table(gates))
        if self.shown is not self.inputs:
            gates = self._read(racer, self.shown)
        symbols = probe_symbols(self.shown, self.material)
        closing = closing_steps_table(gates)
        closing["symbol"] = [symbols[i] for i in closing["step"]]
        yield self._table("closing_steps", racer.name, step, closing)
        array, units = gate_heatmap(gates)
        labels: Columns = {"unit": units, "symbol": symbols[: array.shape[1]]}
        yield ArrayEvent(name="gates", model=racer.name, step=step, array=array, labels=labels)

    def _table(self, name: str, model: str, step: int, table: pd.DataFrame) -> TableEvent:
        columns = table_columns(table)
        return TableEvent(name=name, model=model, step=step, columns=columns)

    def result(self, model: str, tally: SeriesTally) -> dict[str, Any]:
        """Return the model's row of the result."""
        lag = self.config.lag
        row = self.flows[model].iloc[-1]
        score = self.scores[model][min(lag, len(self.scores[model]) - 1)]
        score_key = {
            "R2": "r2_at_lag",
            "accuracy": "accuracy_at_lag",
            "loss": "nats_per_character_at_lag",
        }[self.material.task.score_name]
        has_cell = find_spec(model).cell == "lstm"
        return {
            "model": model,
            "init": find_spec(model).initialization,
            "r2_at_lag": None,
            score_key: score,
            "solved_step": tally.first_mark(model, "solved"),
            "textbook_log10": float(row["textbook_log10"]),
            "exact_c_log10": float(row["exact_c_log10"]) if has_cell else None,
            "exact_h_log10": float(row["exact_h_log10"]),
            "final_loss": tally.mean_of_last(model, "loss", 20),
        }


def shown_sequence(config: GradientFlowConfig, material: Material, inputs: Tensor) -> Tensor:
    """Return what the gates are shown over: the text that was asked for, else the probe's first.

    Of `inputs` the first sequence is the one shown.

    Raises:
        TextError: a text of one character was asked for.
    """
    if not config.probe_text or material.vocabulary is None:
        return inputs
    if len(config.probe_text) < 2:
        raise TextError("The text to read the gates over has 1 character; give at least 2.")
    ids = torch.from_numpy(material.vocabulary.encode(config.probe_text))
    return ids[:, None].to(inputs.device)


def table_columns(table: pd.DataFrame) -> Columns:
    """Return the table as an event carries it: plain lists by column name."""
    return {str(key): list(table[key].tolist()) for key in table.columns}


def probe_symbols(inputs: Tensor, material: Material) -> list[str]:
    """Return what stands at each step of the first sequence: a character, a letter or a number."""
    if material.vocabulary is not None:
        return list(material.vocabulary.decode(inputs[:, 0].cpu().numpy()))
    if inputs.shape[-1] > 2:
        return ["ABCDEFGH"[i] for i in inputs[:, 0, :8].argmax(-1).tolist()]
    return [f"{value:.2f}" for value in inputs[:, 0, 0].tolist()]
