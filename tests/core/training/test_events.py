import dataclasses
import json
import math

import numpy as np
import pytest

from core.training.events import (
    ArrayEvent,
    CheckpointEvent,
    MarkEvent,
    ProgressEvent,
    ResultEvent,
    SeriesEvent,
    SettingEvent,
    TableEvent,
    VerdictEvent,
    WordsEvent,
    as_record,
    number,
    to_json,
)

COLUMNS = {"step": [1, 2], "loss": [1.5, None], "norm": [math.nan, np.float32(2.0)]}
EVENTS = (
    ProgressEvent(step=1, total=2),
    SeriesEvent(model="lstm", columns=COLUMNS),
    TableEvent(name="scores", model="lstm", step=2, columns={"score": [-math.inf, np.int64(3)]}),
    ArrayEvent(name="gates", model="lstm", step=1, array=np.zeros((2, 2)), labels={"unit": [0]}),
    SettingEvent(step=3, name="clip", value=math.inf),
    MarkEvent(model="lstm", step=3, what="solved", text="solved"),
    WordsEvent(step=3, sentences=["It — works."]),
    VerdictEvent(
        claim=1, verdict="refuted", measured="", threshold="", n=1, seconds=0.1, sentence=""
    ),
    CheckpointEvent(model="lstm", step=3, state={"weight": object()}),
    ResultEvent(signature="s", device="cpu", seconds=1.0, results=[{"r2": math.nan}]),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.kind)
def test_every_event_becomes_strict_json(event):
    text = json.dumps(as_record(event), allow_nan=False)
    assert json.loads(text)["kind"] == event.kind


def test_arrays_and_weights_are_left_to_the_store():
    assert "array" not in as_record(EVENTS[3])
    assert "state" not in as_record(EVENTS[8])


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.kind)
def test_an_event_cannot_be_changed(event):
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.kind = "other"


@pytest.mark.parametrize("value", [0.0, -1.5, 7, None, True, "a word", math.inf, -math.inf])
def test_a_number_comes_back_as_it_went(value):
    assert number(json.loads(json.dumps(to_json(value), allow_nan=False))) == value


def test_nan_comes_back_as_nan():
    assert math.isnan(number(to_json(math.nan)))
    assert math.isnan(number(to_json(np.float32("nan"))))


def test_numbers_of_numpy_become_plain():
    plain = to_json({"a": (np.float32(0.5), np.int64(2), np.bool_(True))})
    assert plain == {"a": [0.5, 2, True]}
    assert [type(v) for v in plain["a"]] == [float, int, bool]
