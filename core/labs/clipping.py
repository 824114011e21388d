"""The clipping lab: twins with the same seed and data, one without clipping and one with.

"When does clipping save a run, and what does it change?"
"""

import math
import time
from collections.abc import Iterator

import numpy as np
import torch

from core.data.batch import SequenceTask
from core.device import choose_device
from core.labs.clip_tables import CLIPPED_BELOW
from core.labs.config import ClippingConfig
from core.labs.model import build_lab_model
from core.labs.prepare import prepare_clipping
from core.labs.signature import signature
from core.labs.tally import SeriesTally
from core.training.clipping import Clipper
from core.training.dials import Dials
from core.training.events import Event, ProgressEvent, ResultEvent, TableEvent, WordsEvent
from core.training.learner import Learner, build_optimizer
from core.training.loop import train

UNCLIPPED = "unclipped"
CLIPPED = "clipped"
INJECT_KINDS = {"none": 0.0, "inf": 1.0, "nan": 2.0}
PERCENTILES = (10, 50, 90, 99)
TABLES_EVERY = 50


def build_twins(config: ClippingConfig, task: SequenceTask, device: torch.device) -> list[Learner]:
    """Return the two learners, equal in weights, data and optimizer, without and with clipping."""
    rules = {UNCLIPPED: "none", CLIPPED: config.rule}
    twins = []
    for name, rule in rules.items():
        model = build_lab_model(config.model, config, task).to(device)
        twins.append(
            Learner(
                name=name,
                model=model,
                optimizer=build_optimizer(config.optimizer, model, config.learning_rate),
                clipper=Clipper(rule, percentile=config.percentile, updates=config.updates),
                nonfinite=config.nonfinite,
                norms=True,
                compare=True,
            )
        )
    return twins


def train_twins(
    config: ClippingConfig, task: SequenceTask, *, dials: Dials, device: torch.device
) -> Iterator[Event]:
    """Train both twins on the same batches; yield the loop's events."""
    return train(
        build_twins(config, task, device),
        task,
        updates=config.updates,
        batch_size=config.batch_size,
        seed=config.seed,
        device=device,
        dials=dials,
        thresholds={CLIPPED: "threshold"},
        inject_at=(config.inject_at, INJECT_KINDS[config.inject]),
    )


def run(
    config: ClippingConfig, *, dials: Dials | None = None, text: str | None = None
) -> Iterator[Event]:
    """Run the lab; yield its events, the last a ResultEvent.

    Tables: "percentiles" (percentile, norm) of the gradient norms so far, one for each twin.

    Raises:
        TextError, DataMissingError: the text cannot be used or is not there.
    """
    device = choose_device(config.device)
    dials = dials or Dials(**config.dials())
    material = prepare_clipping(config, text)
    started = time.perf_counter()
    tally = SeriesTally()
    step = 0
    for event in train_twins(config, material.task, dials=dials, device=device):
        tally.take(event)
        yield event
        if isinstance(event, ProgressEvent):
            step = event.step
            if step in (5, 20) or step % TABLES_EVERY == 0 or step == config.updates:
                yield from _findings(config, tally, dials, step)
    if step % TABLES_EVERY and step != config.updates:
        yield from _findings(config, tally, dials, step)
    yield ResultEvent(
        signature=signature(
            "clipping", config, device=device, source=material.source, turned=dials.history
        ),
        device=device.type,
        seconds=time.perf_counter() - started,
        results=[
            _result(tally, twin, clip)
            for twin, clip in ((UNCLIPPED, None), (CLIPPED, dials["threshold"]))
        ],
    )


def _findings(
    config: ClippingConfig, tally: SeriesTally, dials: Dials, step: int
) -> Iterator[Event]:
    for twin in (UNCLIPPED, CLIPPED):
        norms = tally.column(twin, "norm_before")
        yield TableEvent(
            name="percentiles", model=twin, step=step, columns=percentile_columns(norms)
        )
    yield WordsEvent(step=step, sentences=describe(config, tally, dials["threshold"]))


def percentile_columns(norms: list[float]) -> dict[str, list[float]]:
    """Return columns `percentile` and `norm` of the norms so far; not finite counts as infinite."""
    values = np.nan_to_num(np.array(norms, dtype=np.float64), nan=np.inf, posinf=np.inf)
    if not len(values):
        return {"percentile": [], "norm": []}
    found = np.percentile(values, PERCENTILES, method="higher")
    return {"percentile": [float(p) for p in PERCENTILES], "norm": [float(v) for v in found]}


def clip_rate(coefficients: list[float]) -> float:
    """Return the share of updates in which clipping made the gradient shorter, 0 to 1."""
    return sum(c < CLIPPED_BELOW for c in coefficients) / len(coefficients) if coefficients else 0.0


def _result(tally: SeriesTally, twin: str, clip: float | None) -> dict[str, object]:
    losses = tally.column(twin, "loss")
    norms = [n for n in tally.column(twin, "norm_before") if math.isfinite(n)]
    diverged = tally.first_mark(twin, "diverged")
    return {
        "clip": clip,
        "diverged_at": diverged,
        "final_loss": None if diverged else tally.mean_of_last(twin, "loss", 20),
        "clip_rate": clip_rate(tally.column(twin, "coefficient")) if clip is not None else 0.0,
        "max_norm_before": max(norms, default=None),
        "updates": len(losses),
    }


def describe(config: ClippingConfig, tally: SeriesTally, threshold: float) -> list[str]:
    """Return what both twins show, in sentences with their numbers."""
    sentences = [_unclipped_sentence(tally)]
    if config.rule == "none":
        sentences.append("The rule clips nothing, so both twins are the same run.")
    else:
        sentences.append(_clipped_sentence(tally, _RULES[config.rule].format(threshold, config)))
    return [*sentences, *_percentile_sentence(tally)]


_RULES = {
    "norm": "With clipping at {0:g}",
    "value": "With elements clipped at {0:g}",
    "agc": "With adaptive clipping at {0:g}",
    "percentile": "With clipping at percentile {1.percentile:g} of its own norms",
}


def _unclipped_sentence(tally: SeriesTally) -> str:
    norms = tally.column(UNCLIPPED, "norm_before")
    if died := tally.first_mark(UNCLIPPED, "diverged"):
        largest = max((n for n in norms if math.isfinite(n)), default=math.nan)
        if _was_planted(tally, died):
            return f"The unclipped twin ended at update {died}, by the gradient planted there."
        return (
            f"Without clipping the run was over at update {died}: "
            f"the largest finite gradient norm before that was {largest:.3g}."
        )
    loss = tally.mean_of_last(UNCLIPPED, "loss", 20)
    if skipped := tally.first_mark(UNCLIPPED, "skipped"):
        count = tally.count_marks(UNCLIPPED, "skipped")
        lost = " The model is lost: its loss never came back." if count > len(norms) / 2 else ""
        return (
            f"Without clipping {count} of {len(norms)} updates were skipped because the gradient "
            f"was not finite, the first at update {skipped}; the loss is {loss:.3g}.{lost}"
        )
    return (
        f"Without clipping the run is stable after {len(norms)} updates, loss {loss:.3g}: "
        "here clipping is not what keeps it alive."
    )


def _clipped_sentence(tally: SeriesTally, how: str) -> str:
    if died := tally.first_mark(CLIPPED, "diverged"):
        if _was_planted(tally, died):
            return f"{how} it ended at update {died}, by the gradient planted there."
        too = " too" if tally.first_mark(UNCLIPPED, "diverged") else ""
        return f"{how} it diverged{too}, at update {died}."
    loss = tally.mean_of_last(CLIPPED, "loss", 20)
    coefficients = tally.column(CLIPPED, "coefficient")
    return (
        f"{how} the loss is {loss:.3g} nats per character; "
        f"{clip_rate(coefficients):.0%} of {len(coefficients)} updates were shortened."
    )


def _was_planted(tally: SeriesTally, step: int) -> bool:
    return step in tally.mark_steps("", "injected")


def _percentile_sentence(tally: SeriesTally) -> list[str]:
    ninety = PERCENTILES.index(90)
    off, on = (
        percentile_columns(tally.column(twin, "norm_before"))["norm"]
        for twin in (UNCLIPPED, CLIPPED)
    )
    if not off or not on:
        return []
    if not math.isfinite(off[ninety]) or off[ninety] > 100 * on[ninety]:
        return [
            f"The rule of the 90th percentile would say {_norm(off[ninety])} on the unclipped twin "
            f"and {_norm(on[ninety])} on the clipped one: a run that diverges cannot be asked."
        ]
    return [
        f"The rule of the 90th percentile would set the threshold to {on[ninety]:.3g}, "
        "and so clip one update in ten whether or not that helps."
    ]


def _norm(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "infinity"
