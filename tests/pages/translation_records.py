"""A translation run as the lab writes it, made by hand: no model is trained for a page's test."""

import time

import numpy as np

from core.labs.config import PRESETS
from core.runs.journal import EventWriter
from core.training.events import (
    ArrayEvent,
    ProgressEvent,
    ResultEvent,
    SeriesEvent,
    TableEvent,
    WordsEvent,
)
from pages.components.cache import EXAMPLE

BUCKETS = [10, 25, 50, 75, 100, 150]
HOSTILE = "<script>alert(1)</script>"
SENTENCE = ["the", "incomprehensibilities", "שלום", HOSTILE, "the", "</s>"]
HYPOTHESIS = ["le", "incompréhensibilités", "سلام", "<b>x</b>", "</s>"]


def bleu_columns(best, models=1):
    count = len(BUCKETS)
    bleu = [best / (1 + index * models) for index in range(count)]
    return {
        "bucket": BUCKETS,
        "low_length": [1, 18, 38, 63, 88, 126],
        "high_length": [17, 37, 62, 87, 125, None],
        "n": [96, 96, 96, 96, 20, 5],
        "bleu": bleu,
        "low": [value - 2 for value in bleu[:-1]] + [None],
        "high": [value + 2 for value in bleu[:-1]] + [None],
        "brevity_penalty": [1.0] * count,
        "length_ratio": [1.0] * count,
        "chrf": bleu,
        "token_accuracy": [value / 100 for value in bleu],
        "exact_match": [0.5] * count,
        "teacher_forced_accuracy": [0.5] * count,
        "trained": [True, True, True, False, False, False],
    }


def diagnosis_columns(named="bottleneck"):
    causes = ["bottleneck", "attention", "exposure", "length"]
    return {
        "cause": causes,
        "measured": ["0.8 of the words depend on one vector", "", "", ""],
        "cost": [0.6, None, 0.05, 0.01],
        "threshold": [0.1, 0.1, 0.1, 0.1],
        "named": [cause == named for cause in causes],
        "sentence": ["It all goes through one vector.", "", "", ""],
    }


def ladder_columns():
    rows = [
        ("plain", "Plain", "updates", 10.0, "baseline"),
        ("attention", "Attention", "updates", 90.0, "helps"),
        ("plain", "Plain", "compute", 12.0, "baseline"),
        ("attention", "Attention", "compute", 91.0, "helps"),
    ]
    names = ("model", "label", "budget", "bleu", "verdict")
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    bleu = columns["bleu"]
    return columns | {
        "bucket": [50] * 4,
        "low": [value - 2 for value in bleu],
        "high": [value + 2 for value in bleu],
        "n": [96] * 4,
        "seconds": [10.0] * 4,
        "updates": [400] * 4,
        "parameters": [200_000] * 4,
        "difference": [0.0, 80.0, 0.0, 79.0],
    }


def paired_columns(models=("attention",)):
    rows = [(model, bucket, at) for model in models for at, bucket in enumerate(BUCKETS[:3])]
    return {
        "model": [row[0] for row in rows],
        "baseline": ["plain"] * len(rows),
        "bucket": [row[1] for row in rows],
        "difference": [[20.0, -3.0, -8.0][row[2]] for row in rows],
        "low": [[15.0, -6.0, -9.0][row[2]] for row in rows],
        "high": [[25.0, 1.0, -7.0][row[2]] for row in rows],
        "p_value": [[0.001, 0.2, 0.001][row[2]] for row in rows],
        "n": [96] * len(rows),
        "real": [[True, False, True][row[2]] for row in rows],
    }


def model_tables(model):
    buckets = {"bucket": BUCKETS}
    six = [0.9, 0.6, 0.4, 0.3, 0.2, None]
    is_attention = model == "attention"
    tables = {
        "bleu": bleu_columns(99.0 if is_attention else 80.0),
        "progress": {"update": [100, 100, 200, 200], "bucket": [10, 50] * 2, "bleu": [1, 2, 3, 4]},
        "samples": {
            "sample": [0, 1],
            "bucket": [10, 50],
            "source": [" ".join(SENTENCE)] * 2,
            "reference": [" ".join(HYPOTHESIS)] * 2,
            "hypothesis": [" ".join(HYPOTHESIS), ""],
            "log_probabilities": [[-0.1] * len(HYPOTHESIS), []],
        },
        "bottleneck": {
            **buckets,
            "own_state": six,
            "other_state": six[::-1],
            "cosine": [0.5] * 6,
        },
        "probe": {
            "position": [1, 2],
            "trained": [0.7, 0.5],
            "untrained": [0.6, None],
            "majority": [0.1] * 2,
        },
        "exposure": {
            **buckets,
            "teacher_forced_error": six,
            "edit_error": six,
            "clean_edit_error": [1.3, *six[1:]],
            "planted_edit_error": six,
            "first_error": six,
        },
        "recovery": {"distance": [1, 2], "clean": [0.9, 0.9], "planted": [0.4, 0.8]},
        "positions": {
            "position": [0.05, 0.5, 0.95],
            "teacher_forced": [0.9, 0.8, 0.7],
            "free_running": [0.9, 0.3, 0.1],
        },
        "length_effects": {
            **buckets,
            "bleu": [50.0] * 6,
            "bleu_without_brevity": [55.0] * 6,
            "brevity_penalty": six,
            "beam_bleu": [51.0] * 6,
            "search_errors": six,
        },
        "diagnosis": diagnosis_columns("attention" if is_attention else "bottleneck"),
    }
    if is_attention:
        tables["attention_quality"] = {
            **buckets,
            "n": [96] * 6,
            "entropy": six,
            "never_attended": six,
            "recency": six,
            "diagonality": [-0.5, *six[1:]],
            "matches_alignment": [None] * 6,
            "padding_mass": [0.0] * 6,
        }
    return tables


def lab_events(models=("plain", "attention"), *, ladder=False, is_whole=True):
    """Yield the events of a run; without `is_whole` only the first updates and nothing else."""
    for model in models:
        steps = list(range(1, 21))
        columns = {"step": steps, "loss": [4.0 / s for s in steps], "norm_before": [1.0] * 20}
        yield SeriesEvent(model=model, columns=columns)
    yield ProgressEvent(step=20, total=20)
    if not is_whole:
        return
    for model in models:
        for name, table in model_tables(model).items():
            yield TableEvent(name=name, model=model, step=20, columns=table)
    maps, rows, columns = 2, len(HYPOTHESIS), len(SENTENCE)
    yield ArrayEvent(
        name="attention",
        model="attention",
        step=20,
        array=np.full((maps, rows, columns), 1 / columns, dtype=np.float32),
        labels={"source": SENTENCE, "target": HYPOTHESIS, "map": ["head 1", "head 2"]},
    )
    floor = {"bucket": BUCKETS, "n": [96] * 6, "bleu": [1.0, 2, 3, 4, 5, 6]}
    yield TableEvent(name="floor", model="", step=20, columns=floor)
    if len(models) > 1:
        yield TableEvent(name="paired", model="", step=20, columns=paired_columns(models[1:]))
    verdict = {
        "model": list(models),
        "verdict": ["bottleneck"] * len(models),
        "sentence": ["One vector holds it all. Not diagnosed: 150 words."] * len(models),
    }
    yield TableEvent(name="verdict", model="", step=20, columns=verdict)
    if ladder:
        yield TableEvent(name="ladder", model="", step=20, columns=ladder_columns())
    doubled = "Plain, one vector holds it all. Not diagnosed: 150 words."
    words = [doubled, "At 50 words attention is 40 BLEU ahead."]
    yield WordsEvent(step=20, sentences=words)
    results = [{"model": model, "bleu_signature": "nrefs:1|tok:none"} for model in models]
    yield ResultEvent(signature="made by hand", device="cpu", seconds=30.0, results=results)


def stored_run(store, config, *, visitor="me", label="", events=None, state="done", text=None):
    """Write a run into `store` as a worker would have; return its id."""
    run_id = store.create("translation", config, visitor=visitor, label=label, text=text)
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
    return stored_run(store, PRESETS["translation"]["Quick"], visitor=EXAMPLE, label=EXAMPLE)
