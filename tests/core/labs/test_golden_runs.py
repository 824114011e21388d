"""A small run of each lab must give the numbers of a checked-in file, to 1e-4.

If a number is meant to change, write the files anew with

    PYTHONPATH=. python tests/core/labs/test_golden_runs.py

look at `git diff tests/core/labs/golden`, and say in CHANGELOG.md what changed on screen and why.
"""

import json
import math
from itertools import islice
from pathlib import Path

import pytest
import torch

from core.labs import clipping, gradient_flow, length, sentiment, translation
from core.labs.config import ClippingConfig, GradientFlowConfig
from core.labs.length_config import LengthConfig
from core.labs.sentiment_config import SentimentConfig
from core.labs.translation_config import TranslationConfig
from core.training.events import as_record, number, to_json

GOLDEN = Path(__file__).parent / "golden"
TEXT = "the quick brown fox jumps over the lazy dog.\n" * 30


def gradient_flow_events():
    config = GradientFlowConfig(hidden=16, lag=10, updates=20, device="cpu")
    return islice(gradient_flow.run(config), 14 + 6 * 3)  # two looks inside, then six rounds


def clipping_events():
    config = ClippingConfig(
        hidden=16, window=10, updates=20, learning_rate=0.05, corpus="own", device="cpu"
    )
    return islice(clipping.run(config, text=TEXT), 20)


def translation_events():
    config = TranslationConfig(
        hidden=16, shortest=3, longest=10, buckets=(5, 10), pairs=200, updates=20, device="cpu"
    )
    return islice(translation.run(config), 20)  # up to the first test under way, and a little on


def sentiment_events():
    config = SentimentConfig(
        models=("majority", "nb-svm", "bag-of-words", "lstm", "bilstm", "cnn", "transformer"),
        **{"folds": 1, "rows": 300, "width": 16, "hidden": 16, "epochs": 1, "device": "cpu"},
    )
    told = (event for event in sentiment.run(config) if event.kind in ("table", "series"))
    return (event for event in islice(told, 40) if getattr(event, "name", "") != "shootout")


def length_events():
    config = LengthConfig(
        models=("lstm-bias", "transformer-none"),
        remedies=("overlapping", "chunked-fresh"),
        **{"task": "language-model", "corpus": "own", "seeds": 2, "shortest": 5, "longest": 10},
        **{"hidden": 16, "updates": 8, "batch_size": 4, "sequences": 16, "device": "cpu"},
    )
    told = (event for event in length.run(config, text=5 * TEXT) if event.kind != "progress")
    return (event for event in told if getattr(event, "name", "") != "chunks")


RUNS = {
    "gradient-flow": gradient_flow_events,
    "clipping": clipping_events,
    "translation": translation_events,
    "sentiment": sentiment_events,
    "length": length_events,
}


def summary(event):
    """Return what the event is, and of each column of measured numbers the mean and the last."""
    record = as_record(event)
    columns = {}
    for name, values in record.get("columns", {}).items():
        measured = [number(v) for v in values if v is not None]
        if all(isinstance(v, float) for v in measured) and name != "seconds":
            known = [v for v in measured if not math.isnan(v)]
            columns[name] = to_json([sum(known) / len(known), known[-1]] if known else [])
    kept = ("kind", "model", "name", "step")
    return {**{k: record[k] for k in kept if k in record}, "columns": columns}


def summaries(lab):
    torch.set_num_threads(1)
    return [summary(event) for event in RUNS[lab]()]


@pytest.mark.parametrize("lab", RUNS)
def test_a_run_gives_the_numbers_it_always_gave(lab):
    golden = json.loads((GOLDEN / f"{lab}.json").read_text(encoding="utf-8"))
    now = summaries(lab)
    assert len(now) == len(golden)
    for event, expected in zip(now, golden, strict=True):
        assert {**event, "columns": {}} == {**expected, "columns": {}}
        assert list(event["columns"]) == list(expected["columns"])
        for name, values in expected["columns"].items():
            wanted = [number(v) for v in values]
            got = [number(v) for v in event["columns"][name]]
            assert got == pytest.approx(wanted, rel=1e-4, abs=1e-6), f"{name} of {event['kind']}"


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in RUNS:
        lines = ",\n".join(json.dumps(s, allow_nan=False) for s in summaries(each))
        (GOLDEN / f"{each}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
