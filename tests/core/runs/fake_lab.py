"""A lab for the tests of the engine: what it does is a setting."""

import math
import os
import signal
import time
from dataclasses import dataclass

import numpy as np

from core.errors import TextError
from core.labs.config import LABS, LabEntry
from core.training.events import (
    ArrayEvent,
    CheckpointEvent,
    MarkEvent,
    ProgressEvent,
    ResultEvent,
    SeriesEvent,
    TableEvent,
    VerdictEvent,
    WordsEvent,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeConfig:
    what: str = "steps"
    updates: int = 20
    pause: float = 0.0
    seed: int = 0
    threads: int = 1

    def dials(self):
        return {"clip": 1.0}


LABS.setdefault("fake", LabEntry("fake", "Fake", FakeConfig, "fake_lab"))


def run(config, *, dials, text=None):
    if config.what == "raises at once":
        raise ValueError("no such luck")
    if config.what == "everything":
        yield from everything()
    for step in range(1, config.updates + 1):
        yield from dials.take(step - 1)
        if step == 3:
            yield from disaster(config.what)
        loss = math.nan if config.what == "nan" and step % 2 else 1.0 / step
        yield SeriesEvent(model="m", columns={"step": [step], "loss": [loss], "late": [math.inf]})
        yield ProgressEvent(step=step, total=config.updates)
        if config.pause:
            time.sleep(config.pause)
    yield ResultEvent(
        signature=f"text {len(text or '')}", device="cpu", seconds=0.1, results=[{"loss": math.nan}]
    )


def disaster(what):
    if what == "kills itself":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "memory":
        raise MemoryError
    if what == "torch memory":
        import torch

        torch.empty(1 << 50)
    if what == "sentence":
        raise TextError("The text has 3 words; a lab needs 100. Paste more.")
    if what == "long call":
        time.sleep(60)
    if what == "disk full":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
    if what == "exits":
        os._exit(3)
    if what == "not json":
        yield TableEvent(name="t", model="m", step=1, columns={"a": [object()]})


def everything():
    import torch

    picture = np.arange(6.0).reshape(2, 3)
    weights = torch.ones(2)
    yield ArrayEvent(name="heat", model="m", step=0, array=picture, labels={"x": ["nan", "b"]})
    picture += 1
    yield ArrayEvent(name="heat", model="m", step=1, array=picture)
    yield CheckpointEvent(model="m", step=1, state={"w": weights})
    weights += 1
    yield TableEvent(name="t", model="m", step=0, columns={"word": ["nan", "of"], "v": [1.0, 2.0]})
    yield TableEvent(name="t", model="m", step=5, columns={"word": [], "v": []})
    yield MarkEvent(model="m", step=2, what="diverged", text="It diverged.")
    yield WordsEvent(step=1, sentences=["one"])
    yield WordsEvent(step=2, sentences=["two"])
    yield VerdictEvent(
        claim=4, verdict="supported", measured="2", threshold="1", n=3, seconds=1.0, sentence="Yes."
    )
