"""A length run as the lab writes it, made by hand: a page's test trains no model."""

import math
import time

from core.labs.length_config import LENGTH_EXAMPLE, LENGTHS, LengthConfig
from core.labs.remedies import CONTROL, REMEDIES
from core.models.catalogue import find_spec
from core.runs.journal import EventWriter
from core.training.events import (
    CheckpointEvent,
    ProgressEvent,
    ResultEvent,
    SeriesEvent,
    TableEvent,
    WordsEvent,
)
from pages.components.cache import EXAMPLE

MODELS = ("lstm-bias", "gru", "rnn", "transformer", "transformer-alibi")
CONFIG = LengthConfig(models=MODELS)
FALLS = dict(zip(MODELS, (150.0, 120.0, 30.0, 220.0, 400.0), strict=True))
TABLE_ENDS = {"transformer": 201}
"""From which length on a model has no answer."""
TRACE_NAMES = ("position", "hidden_norm", "cell_norm", "saturated", "forget")
UPDATES = 20


def columns_of(rows):
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def score_of(model, length, *, is_loss=False):
    """A made-up score: None past the model's table of positions."""
    if length >= TABLE_ENDS.get(model, math.inf):
        return None
    share = 1 / (1 + (length / FALLS[model]) ** 3)
    return 2.2 - 0.6 * share if is_loss else share


def curve_columns(model, *, seeds=3, is_loss=False):
    rows = []
    for length in LENGTHS:
        score = score_of(model, length, is_loss=is_loss)
        is_answered = score is not None
        rows.append(
            {
                "length": length,
                "score": score,
                "low": score - 0.04 if is_answered else None,
                "high": score + 0.04 if is_answered else None,
                "seeds": seeds if is_answered else 0,
                "is_answered": is_answered,
            }
        )
    return columns_of(rows)


def seed_columns(model, *, seeds=3, is_loss=False):
    shifts = [0.02 * (seed - (seeds - 1) / 2) for seed in range(seeds)]
    scores = [score_of(model, length, is_loss=is_loss) for length in LENGTHS]
    return columns_of(
        [
            {
                "seed": seed,
                "length": length,
                "score": None if score is None else score + shifts[seed],
            }
            for seed in range(seeds)
            for length, score in zip(LENGTHS, scores, strict=True)
        ]
    )


def trace_columns(model, *, is_trained=True):
    cell = find_spec(model).cell
    if cell == "transformer":
        return {name: [] for name in TRACE_NAMES}
    drift = 0.02 if is_trained else 0.0
    return columns_of(
        [
            {
                "position": position,
                "hidden_norm": 4 + math.sqrt(position) * drift * 10,
                "cell_norm": 5 + position * drift if cell == "lstm" else None,
                "saturated": min(0.9, 0.1 + 0.1 * drift * position),
                "forget": None if cell == "rnn" else 0.7 + drift * math.sin(position / 30),
            }
            for position in range(3, 501, 3)
        ]
    )


def failing_columns(models=MODELS, *, threshold=0.9):
    places = {"lstm-bias": (85, 75, 95), "gru": (60, 50, 80), "rnn": (15, 10, 25)}
    places |= {"transformer": (130, 110, None), "transformer-alibi": (None, None, None)}
    return columns_of(
        [
            {
                "model": model,
                "label": find_spec(model).label,
                "threshold": threshold,
                "position": places[model][0],
                "low": places[model][1],
                "high": places[model][2],
                "seeds": 3,
            }
            for model in models
        ]
    )


def remedy_rows(name, budget, *, seeds=3, note=""):
    """The rows of one remedy at all lengths; their place in the catalogue decides the verdict."""
    base = name == "none"
    at = 0 if base else list(REMEDIES).index(name)
    gain = 0.0 if base else (0.3, 0.0, -0.2)[at % 3]
    verdict = "" if base else ("helps", "does not help here", "hurts")[at % 3]
    rows = []
    for length in LENGTHS:
        before = score_of("lstm-bias", length)
        score = min(1.0, max(0.0, before + gain * length / 500))
        is_answered = not (name == "transformer" and length > 201)
        rows.append(
            {
                "remedy": name,
                "label": "As trained" if base else REMEDIES[name].label,
                "kind": "" if base else REMEDIES[name].kind,
                "budget": budget,
                "length": length,
                "score": score if is_answered else None,
                "low": max(0.0, score - 0.05) if is_answered else None,
                "high": min(1.0, score + 0.05) if is_answered else None,
                "compared": "" if base else "base" if budget == "none" else "control",
                "difference": None if base or not is_answered else score - before,
                "difference_low": None if base or not is_answered else score - before - 0.05,
                "difference_high": None if base or not is_answered else score - before + 0.05,
                "seeds": seeds,
                "updates": 600 if budget == "none" else 1200,
                "seconds": 3.2 if budget == "none" else 6.7,
                "verdict": verdict,
                "note": note,
            }
        )
    return rows


def remedies_columns(names=tuple(REMEDIES)):
    rows = remedy_rows("none", "none")
    for name in (CONTROL, *(each for each in names if each != CONTROL)):
        reading = REMEDIES[name].kind == "reading"
        note = "Its table of positions ends at 201 steps: beyond there is no answer."
        for budget in ("none",) if reading else ("updates", "compute"):
            rows += remedy_rows(name, budget, note=note if name == "transformer" else "")
    return columns_of(rows)


CHUNKS = {
    "chunk": [10, 25, 50, 100, 250],
    "difference": [0.0, 3e-8, 6e-8, 1.2e-7, 1.2e-7],
    "megabytes": [0.9, 1.4, 2.2, 3.9, 9.0],
    "full_megabytes": [17.5] * 5,
}


def series_columns():
    steps = list(range(1, UPDATES + 1))
    return {"step": steps, "loss": [30 / s for s in steps], "norm_before": [1.0] * UPDATES}


def table_event(name, columns, model="", step=UPDATES):
    return TableEvent(name=name, model=model, step=step, columns=columns)


def lab_events(models=MODELS, *, is_whole=True, names=tuple(REMEDIES), is_loss=False):
    """Yield the events of a run; without `is_whole` only those of the first updates."""
    for model in models:
        yield table_event("trace", trace_columns(model, is_trained=False), model, step=0)
    for model in models:
        yield SeriesEvent(model=model, columns=series_columns())
        yield table_event("curve", curve_columns(model, is_loss=is_loss), model)
        yield table_event("seeds", seed_columns(model, is_loss=is_loss), model)
    yield ProgressEvent(step=UPDATES, total=2 * UPDATES)
    if not is_whole:
        return
    yield table_event("failing", failing_columns(models))
    for model in models:
        yield table_event("trace", trace_columns(model), model)
    if names:
        yield table_event("chunks", CHUNKS)
        yield table_event("remedies", remedies_columns(names))
    yield WordsEvent(step=UPDATES, sentences=["LSTM forget bias: 3 % at 500 steps."])
    yield ProgressEvent(step=2 * UPDATES, total=2 * UPDATES)
    results = [{"model": model, "remedy": "none"} for model in models]
    yield ResultEvent(signature="made by hand", device="cpu", seconds=20.0, results=results)


def checkpoints(models=MODELS):
    """Weights that are none: a page does not read them."""
    return [CheckpointEvent(model=model, step=UPDATES, state={}) for model in models]


def stored_run(store, config=CONFIG, *, visitor="me", events=None, state="done", text=None):
    """Write a run into `store` as a worker would have; return its id."""
    label = EXAMPLE if visitor == EXAMPLE else ""
    run_id = store.create("length", config, visitor=visitor, label=label, text=text)
    writer = EventWriter(store.folder(run_id))
    writer.state("running")
    for event in lab_events() if events is None else events:
        if event.kind == "progress":
            writer.progress = event
        else:
            writer.add(event)
    time.sleep(0.001)
    writer.state(state)
    writer.close()
    return run_id


def stored_example(store):
    """Write the lab's example, so that a page does not train one."""
    events = lab_events(LENGTH_EXAMPLE.models, names=LENGTH_EXAMPLE.remedies)
    return stored_run(store, LENGTH_EXAMPLE, visitor=EXAMPLE, events=events)
