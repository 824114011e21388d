import itertools
import math

import pytest
import torch

from core.data.memory import AnalogMemory
from core.models.build import build_model
from core.models.catalogue import find_spec
from core.training.clipping import Clipper
from core.training.dials import Dials
from core.training.learner import Learner, build_optimizer
from core.training.loop import train

TASK = AnalogMemory(10)
CPU = torch.device("cpu")


def learner(name="lstm", *, model="lstm", rate=0.05, optimizer="sgd", **options):
    network = build_model(
        find_spec(model),
        input_size=2,
        output_size=1,
        vocabulary_size=None,
        hidden=16,
        layers=1,
        horizon=10,
        seed=0,
    )
    return Learner(
        name=name,
        model=network,
        optimizer=build_optimizer(optimizer, network, rate),
        clipper=Clipper("norm"),
        **options,
    )


def start(learners, dials=None, updates=30, **options):
    return train(
        learners,
        TASK,
        updates=updates,
        batch_size=8,
        seed=0,
        device=CPU,
        dials=dials or Dials(learning_rate=0.05, clip=0.0, inject=0.0),
        **options,
    )


def column(events, model, name):
    series = [e for e in events if e.kind == "series" and e.model == model]
    return [value for e in series for value in e.columns[name]]


def marks(events, what):
    return [(e.model, e.step) for e in events if e.kind == "mark" and e.what == what]


def weights(one):
    return torch.cat([p.detach().flatten() for p in one.parameters])


def test_every_update_is_one_row_and_one_round():
    events = list(start([learner()]))
    assert column(events, "lstm", "step") == list(range(1, 31))
    rounds = [(e.step, e.total) for e in events if e.kind == "progress"]
    assert rounds == [(step, 30) for step in range(1, 31)]


def test_the_columns_of_a_series_are_equally_long_and_always_the_same():
    one = learner(norms=True, compare=True, nonfinite="skip")
    events = list(start([one], inject_at=(15, 1.0)))
    series = [e for e in events if e.kind == "series"]
    for event in series:
        assert len({len(values) for values in event.columns.values()}) == 1
    assert len({tuple(e.columns) for e in series}) == 1
    assert column(events, "lstm", "cosine")[10:20] == [None] * 9 + [pytest.approx(1, abs=1e-4)]


def test_series_come_before_the_round_that_ends_them():
    events = list(start([learner()]))
    step = 0
    for event in events:
        if event.kind == "series":
            assert event.columns["step"][-1] == step + 1
        elif event.kind == "progress":
            step = event.step


def test_the_first_ten_updates_are_told_at_once_and_then_ten_at_a_time():
    sizes = [len(e.columns["step"]) for e in start([learner()], updates=33) if e.kind == "series"]
    assert sizes == [1] * 10 + [10, 10, 3]


def test_twins_see_the_same_batches():
    events = list(start([learner("one"), learner("two")]))
    assert column(events, "one", "loss") == column(events, "two", "loss")


def test_a_model_trains_alike_alone_and_beside_another():
    alone = column(list(start([learner("one")])), "one", "loss")
    beside = list(start([learner("other", model="gru"), learner("one")]))
    assert column(beside, "one", "loss") == alone


@pytest.mark.parametrize("turned_after", [0, 1, 7])
def test_a_learning_rate_of_0_freezes_the_weights_from_the_very_next_update(turned_after):
    one, dials = learner(), Dials(learning_rate=0.05)
    events = start([one], dials, updates=12)
    before = weights(one)
    if turned_after:
        next(e for e in events if e.kind == "progress" and e.step == turned_after)
        assert not torch.equal(weights(one), before)
        before = weights(one)
    dials.turn("learning_rate", 0.0)
    rest = list(events)
    assert torch.equal(weights(one), before)
    first = next(e for e in rest if e.kind != "series")
    assert (first.kind, first.step, first.name, first.value) == (
        "setting",
        turned_after,
        "learning_rate",
        0.0,
    )


def test_a_clip_threshold_takes_effect_at_the_next_update_exactly():
    one, dials = learner(), Dials(learning_rate=0.05, clip=0.0)
    seen = []
    events = start([one], dials, updates=10, thresholds={"lstm": "clip"})
    for event in events:
        seen.append(event)
        if event.kind == "progress" and event.step == 4:
            dials.turn("clip", 1e-3)
    assert column(seen, "lstm", "threshold") == pytest.approx([0.0] * 4 + [1e-3] * 6)
    after = column(seen, "lstm", "norm_after")
    assert all(norm > 0.01 for norm in after[:4])
    assert all(norm <= 1e-3 * 1.001 for norm in after[4:])


def test_the_threshold_is_the_dial_of_the_learner_it_belongs_to():
    dials = Dials(learning_rate=0.05, threshold=1e-3)
    learners = [learner("free"), learner("held")]
    events = list(start(learners, dials, updates=3, thresholds={"held": "threshold"}))
    assert column(events, "free", "coefficient") == [1.0] * 3
    assert all(c < 1 for c in column(events, "held", "coefficient"))


@pytest.mark.parametrize("kind", [1.0, 2.0])
def test_a_gradient_can_be_planted_at_a_step_set_before(kind):
    events = list(start([learner()], inject_at=(6, kind)))
    assert marks(events, "injected") == [("", 6)]
    assert marks(events, "diverged") == [("lstm", 6)]
    assert column(events, "lstm", "step")[-1] == 6
    bad = column(events, "lstm", "norm_before")[-1]
    assert math.isinf(bad) if kind == 1.0 else math.isnan(bad)


def test_a_gradient_can_be_planted_by_hand_and_only_once():
    dials = Dials(learning_rate=0.05, inject=0.0)
    events = []
    for event in start([learner(nonfinite="skip")], dials, updates=12):
        events.append(event)
        if event.kind == "progress" and event.step == 4:
            dials.turn("inject", 2)
    assert marks(events, "injected") == [("", 5)]
    assert marks(events, "skipped") == [("lstm", 5)]
    assert [math.isnan(n) for n in column(events, "lstm", "norm_before")] == [
        step == 5 for step in range(1, 13)
    ]


def test_a_divergence_between_two_flushes_is_marked_at_its_own_update():
    events = list(start([learner()], inject_at=(23, 2.0), updates=40))
    assert marks(events, "diverged") == [("lstm", 23)]
    assert column(events, "lstm", "step") == list(range(1, 24))
    assert events[-1].kind == "progress"
    assert events[-1].step == 30


def test_one_diverged_learner_does_not_end_the_other():
    bad, good = learner("bad", rate=1e30), learner("good")
    events = list(start([bad, good]))
    assert [model for model, _ in marks(events, "diverged")] == ["bad"]
    assert column(events, "good", "step") == list(range(1, 31))
    assert column(events, "bad", "step")[-1] < 10
    assert weights(good).isfinite().all()


def test_closing_the_generator_ends_the_run_there():
    one = learner()
    events = start([one])
    for event in itertools.takewhile(lambda e: e.kind != "progress" or e.step < 3, events):
        assert event.kind in ("series", "progress")
    events.close()
    stopped = weights(one)
    assert list(events) == []
    assert torch.equal(weights(one), stopped)


def test_solved_is_marked_once_where_the_running_error_first_falls_under_a_tenth():
    one = learner(model="lstm-chrono", optimizer="adam", rate=0.01)
    events = list(start([one], updates=400))
    error, solved = 1.0, None
    for step, value in enumerate(column(events, "lstm", "error_at_lag"), start=1):
        error = 0.95 * error + 0.05 * value
        if error < 0.1 and solved is None:
            solved = step
    assert solved is not None
    assert marks(events, "solved") == [("lstm", solved)]


def test_the_same_seed_gives_the_same_losses_and_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    one, again = (column(list(start([learner()])), "lstm", "loss") for _ in range(2))
    assert one == again
    assert torch.equal(torch.get_rng_state(), before)
