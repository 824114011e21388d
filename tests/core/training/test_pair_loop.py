import os

import pytest
import torch

from core.data.pair_task import PairTask
from core.data.pairs import Pair
from core.models.build_translator import build_translator
from core.models.translators import find_translator
from core.text.words import WordVocabulary
from core.training import pair_loop
from core.training.clipping import Clipper
from core.training.dials import Dials
from core.training.learner import Learner, build_optimizer
from core.training.pair_loop import Pupil, train_pairs

WORDS = tuple("abcdef")
PAIRS = [
    Pair(tuple(WORDS[(i + k) % 6] for k in range(2 + i % 4)), tuple("xy"[i % 2] for _ in range(3)))
    for i in range(60)
]
SOURCE = WordVocabulary.of(p.source for p in PAIRS)
TARGET = WordVocabulary.of(p.target for p in PAIRS)


def pupil(name, updates):
    spec = find_translator(name)
    model = build_translator(spec, source_size=SOURCE.size, target_size=TARGET.size, hidden=8)
    optimizer = build_optimizer("adam", model, 1e-3)
    learner = Learner(name=name, model=model, optimizer=optimizer, clipper=Clipper("norm"))
    generator = torch.Generator().manual_seed(0)
    return Pupil(
        spec=spec, model=model, learner=learner, updates=updates, sampling=0.5, generator=generator
    )


def trained(*pupils, dials=None):
    task = PairTask(PAIRS, SOURCE, TARGET)
    dials = dials or Dials(learning_rate=3e-3, clip=1.0)
    return list(
        train_pairs(pupils, task, batch_size=8, seed=1, device=torch.device("cpu"), dials=dials)
    )


def losses(events, name):
    rows = [e.columns["loss"] for e in events if e.kind == "series" and e.model == name]
    return [loss for row in rows for loss in row]


def test_pupils_end_together_whatever_number_of_updates_they_get():
    long, short = pupil("plain", 30), pupil("attention", 10)
    events = trained(long, short)
    assert (long.done, short.done) == (30, 10)
    progress = [event for event in events if event.kind == "progress"]
    assert [event.step for event in progress] == list(range(1, 31))
    assert len(losses(events, "plain")) == 30
    assert len(losses(events, "attention")) == 10


def test_what_a_pupil_learns_does_not_depend_on_who_learns_beside_it():
    alone = losses(trained(pupil("sampling-linear", 12)), "sampling-linear")
    beside = trained(pupil("attention", 24), pupil("sampling-linear", 12), pupil("plain", 5))
    assert losses(beside, "sampling-linear") == alone


def test_one_core_gives_the_same_as_several(monkeypatch):
    runs = []
    for cores in (1, 3):
        monkeypatch.setattr(pair_loop, "cores", lambda cores=cores: cores)
        events = trained(pupil("plain", 12), pupil("attention", 12))
        runs.append([losses(events, name) for name in ("plain", "attention")])
    assert runs[0] == runs[1]


def test_the_loss_falls():
    quick = Dials(learning_rate=2e-2, clip=1.0)
    found = losses(trained(pupil("attention", 120), dials=quick), "attention")
    assert sum(found[-10:]) < 0.5 * sum(found[:10])


def test_the_rate_warms_up_and_falls_to_nothing():
    each = pupil("transformer-rotary", 100)
    rates = []
    for done in range(100):
        each.done = done
        rates.append(each.learning_rate(3e-3))
    assert rates.index(max(rates)) == pair_loop.WARM_UP - 1
    assert max(rates) < 1e-3
    assert rates[-1] == pytest.approx(1e-5)


def test_a_turned_dial_is_reported_and_acts():
    dials = Dials(learning_rate=3e-3, clip=1.0)
    dials.turn("clip", 0.25)
    events = trained(pupil("plain", 3), dials=dials)
    assert events[0].kind == "setting"
    limits = next(e for e in events if e.kind == "series").columns["threshold"]
    assert limits[0] == 0.25


def test_a_pupil_that_diverges_ends_and_the_other_goes_on():
    lost = pupil("plain", 20)
    with torch.no_grad():
        lost.model.head.bias[0] = torch.nan
    events = trained(lost, pupil("attention", 20))
    assert [e.model for e in events if e.kind == "mark" and e.what == "diverged"] == ["plain"]
    assert len(losses(events, "attention")) == 20
    assert len(losses(events, "plain")) == 1


def test_updates_run_at_once_on_as_many_cores_as_are_free(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    if hasattr(os, "sched_getaffinity"):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
        assert pair_loop.cores() == 4
    monkeypatch.setattr(torch, "get_num_threads", lambda: 64)
    assert pair_loop.cores() == 1
