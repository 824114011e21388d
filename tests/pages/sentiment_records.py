"""A sentiment run as the lab writes it, made by hand: a page's test trains no classifier."""

import time

from core.labs.sentiment_config import SENTIMENT_EXAMPLE
from core.models.classifiers import CLASSIFIERS
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

MODELS = ("majority", "bag-of-words", "nb-svm", "lstm", "cnn", "transformer", "lstm-naive")
HOSTILE = "<script>alert(1)</script> [x](javascript:1) **=cmd**"
CLASSES = ("negative", "positive")
HOW_TO_GET = "It is not installed: run `pip install -r requirements-encoder.txt`."


def shootout_row(at, model, state="done"):
    """What is known of a model: the third is the best, those beside it are its ties."""
    is_known = state == "done"
    accuracy = 0.5 if model == "majority" else 0.77 - 0.01 * abs(at - 2)
    speed = 0.05 * 2**at
    spec = CLASSIFIERS[model]
    known = {
        "accuracy": accuracy,
        "accuracy_low": accuracy - 0.016,
        "accuracy_high": accuracy + 0.016,
        "fold_sd": 0.01,
        "macro_f1": accuracy - 0.01,
        "errors": round(2559 * (1 - accuracy)),
        "more_errors": round(2559 * (0.77 - accuracy)),
        "tie": abs(at - 2) < 2,
        "difference": accuracy - 0.77 if at != 2 else 0.0,
        "difference_low": None if at == 2 else accuracy - 0.79,
        "difference_high": None if at == 2 else accuracy - 0.75,
        "parameters": 1_000_000 + at,
        "embedding_parameters": 900_000,
        "other_parameters": 100_000 + at,
        "megabytes": 4.0 * (at > 0),
        "train_seconds": 11.5,
        "frontier": at in (1, 2),
        **{f"p50_{batch}": speed * batch**0.5 for batch in (1, 8, 32)},
        **{f"p95_{batch}": 1.2 * speed * batch**0.5 for batch in (1, 8, 32)},
    }
    return {
        "model": model,
        "label": spec.label,
        "state": state,
        "note": HOW_TO_GET if state == "unavailable" else "",
        "folds": 3 if is_known else 0,
        "n": 2559 if is_known else 0,
        **(known if is_known else dict.fromkeys(known, None) | {"frontier": False}),
    }


def shootout_columns(models=MODELS, states=None):
    states = states or {}
    rows = [shootout_row(at, m, states.get(m, "done")) for at, m in enumerate(models)]
    return {name: [row[name] for row in rows] for name in rows[0]}


def model_tables(model, classes=CLASSES):
    """The tables of one model, by name, as its family has them."""
    spec = CLASSIFIERS[model]
    half = len(classes)
    tables = {
        "folds": {
            "fold": [1, 2],
            "accuracy": [0.75, 0.77],
            "macro_f1": [0.75, 0.77],
            "n": [853, 853],
            "epochs": [4, 5],
            "best_epoch": [3, 4],
            "seconds": [11.0, 12.0],
        },
        "confusion": {
            "reference": [row for row in classes for _ in classes],
            "predicted": list(classes) * half,
            "count": [100 if row == column else 30 for row in classes for column in classes],
        },
        "calibration": {
            "low": [0.5, 0.6, 0.9],
            "high": [0.6, 0.7, 1.0],
            "confidence": [0.55, 0.66, 0.96],
            "accuracy": [0.5, 0.6, 0.85],
            "n": [100, 300, 453],
            "ece": [0.08] * 3,
        },
        "errors": {
            "text": [f"{HOSTILE} a fine film", "dull " * 60],
            "reference": [classes[0], classes[1]],
            "predicted": [classes[1], classes[0]],
            "probability": [0.998, 0.97],
            "words": [4, 60],
            "fold": [1, 2],
        },
        "by_length": {
            "low": [1, 11, 401],
            "high": [10, 20, None],
            "n": [200, 500, 3],
            "accuracy": [0.72, 0.77, 1.0],
            "accuracy_low": [0.66, 0.73, 0.44],
            "accuracy_high": [0.78, 0.81, 1.0],
        },
    }
    if spec.is_neural:
        tables["epochs"] = {
            "fold": [1, 1, 2],
            "epoch": [1, 2, 1],
            "update": [137, 274, 137],
            "train_loss": [0.6, 0.4, 0.6],
            "dev_loss": [0.55, 0.5, 0.56],
            "dev_accuracy": [0.7, 0.76, 0.72],
            "seconds": [2.0, 4.0, 2.1],
        }
        tables["padding"] = {
            "pads": [0, 1, 5, 400],
            "largest_change": [0.0, 1e-8, 0.3, 0.9] if spec.naive else [0.0, 0.0, 1e-8, 2e-8],
            "flips": [0.0, 0.0, 0.2, 0.4],
            "accuracy": [0.76, 0.76, 0.6, 0.5],
        }
    if spec.family == "majority":
        return tables
    is_bag = spec.family in ("bag", "nb-svm")
    tables["word_order"] = {
        "probe": ["as written", "shuffled", "reversed"],
        "n": [400] * 3,
        "accuracy": [0.76] * 3 if is_bag else [0.76, 0.74, 0.73],
        "flips": [0.0] * 3 if is_bag else [0.0, 0.05, 0.06],
        "largest_change": [0.0] * 3 if is_bag else [0.0, 0.4, 0.5],
    }
    if classes == CLASSES:
        tables["negation"] = {
            "plain": ["the film is good", "the film is dull"],
            "negated": ["the film is not good", "the film is not dull"],
            "polarity": ["positive", "negative"],
            "probability_plain": [0.9, 0.1],
            "probability_negated": [0.4, 0.05],
            "plain_right": [True, True],
            "negated_right": [True, False],
            "flips": [True, False],
        }
    tables["longer"] = {
        "words": [20, 50, 100, 200, 500],
        "n": [120] * 5,
        "accuracy": [0.75, 0.84, 0.9, 0.95, 0.98],
        "accuracy_low": [0.67, 0.77, 0.84, 0.9, 0.94],
        "accuracy_high": [0.82, 0.9, 0.94, 0.98, 1.0],
    }
    if spec.family == "recurrent":
        pads = [0, 1, 5, 40]
        cosines = [1.0, 0.8, 0.3, 0.1]
        tables["padding_lab"] = {
            "reading": ["right"] * 4 + ["as written"] * 4,
            "pads": pads * 2,
            "cosine": [1.0] * 4 + cosines,
            "cosine_low": [1.0] * 4 + [value - 0.02 for value in cosines],
            "cosine_high": [1.0] * 4 + [min(1.0, value + 0.02) for value in cosines],
            "accuracy": [0.76] * 4 + [0.76, 0.7, 0.55, 0.5],
            "n": [400] * 8,
        }
    return tables


def data_columns(classes=CLASSES):
    parts = ("train", "dev", "test")
    return {
        "part": [part for part in parts for _ in classes],
        "class": list(classes) * 3,
        "count": [count for count in (3412, 427, 427) for _ in classes],
    }


LENGTHS = {
    "words": [0, 20, 40, 60],
    "count": [3000, 3500, 1500, 530],
    "kept": [3000, 3500, 1400, 0],
    "cap": [45] * 4,
}


def lab_events(models=MODELS, *, is_whole=True, states=None, classes=CLASSES):
    """Yield the events of a run; without `is_whole` only the first updates and nothing else."""
    yield TableEvent(name="data", model="", step=0, columns=data_columns(classes))
    yield TableEvent(name="lengths", model="", step=0, columns=LENGTHS)
    waiting = dict.fromkeys(models, "waiting")
    yield TableEvent(name="shootout", model="", step=0, columns=shootout_columns(models, waiting))
    for model in models:
        if CLASSIFIERS[model].is_neural:
            steps = list(range(1, 21))
            columns = {"step": steps, "loss": [0.69 / s for s in steps], "norm_before": [1.0] * 20}
            yield SeriesEvent(model=model, columns=columns)
    yield ProgressEvent(step=20, total=20)
    if not is_whole:
        return
    yield TableEvent(name="shootout", model="", step=20, columns=shootout_columns(models, states))
    for model in models:
        for name, table in model_tables(model, classes).items():
            yield TableEvent(name=name, model=model, step=20, columns=table)
    yield WordsEvent(step=20, sentences=["NB-SVM is right on 77.0 % of the texts."])
    results = [{"name": model} for model in models]
    yield ResultEvent(signature="made by hand", device="cpu", seconds=20.0, results=results)


def checkpoints(models=MODELS):
    """Weights that are none: enough for a page to offer its lens, which asks another process."""
    neural = [model for model in models if CLASSIFIERS[model].is_neural]
    return [CheckpointEvent(model=model, step=20, state={}) for model in neural]


def stored_run(store, config, *, visitor="me", label="", events=None, state="done", text=None):
    """Write a run into `store` as a worker would have; return its id."""
    run_id = store.create("sentiment", config, visitor=visitor, label=label, text=text)
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
    return stored_run(store, SENTIMENT_EXAMPLE, visitor=EXAMPLE, label=EXAMPLE)
