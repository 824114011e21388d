import math
import time

import pytest
import torch

from core.data.counting import RunningCount
from core.models.build import build_model
from core.models.catalogue import find_spec
from core.training.clipping import Clipper
from core.training.dials import Dials
from core.training.learner import Learner, build_optimizer
from core.training.length_loop import LengthPupil, train_lengths
from core.training.lessons import endless_batches

CPU = torch.device("cpu")
TASK = RunningCount(3, 6)


def pupil(name="lstm-bias", *, seed=0, **budget):
    model = build_model(
        find_spec(name),
        **{"input_size": 1, "output_size": 1, "vocabulary_size": None, "hidden": 8, "layers": 1},
        horizon=6,
        seed=seed,
    )
    optimizer = build_optimizer("adam", model, 0.0, fused=True)
    return LengthPupil(
        learner=Learner(name=name, model=model, optimizer=optimizer, clipper=Clipper("norm")),
        judge=TASK,
        batches=endless_batches(TASK, 4, torch.Generator().manual_seed(seed)),
        **{"is_shown": True, **budget},
    )


def trained(*pupils, rounds=10, dials=None, **places):
    dials = dials or Dials(learning_rate=5e-3, clip=1.0)
    return list(train_lengths(pupils, rounds=rounds, device=CPU, dials=dials, **places))


def losses(events):
    return [v for e in events if e.kind == "series" for v in e.columns["loss"]]


def test_a_budget_of_updates_is_used_up_to_the_last():
    one = pupil(updates=10)
    events = trained(one)
    assert one.done == len(losses(events)) == 10
    assert [e.step for e in events if e.kind == "progress"][-1] == 10
    assert 0 < one.seconds < 10


def test_a_budget_of_seconds_ends_the_training_soon_after():
    one = pupil(allowed_seconds=0.2)
    trained(one)
    assert one.done > 10
    assert 0.2 <= one.seconds < 0.5


def test_the_rate_falls_in_a_straight_line_as_the_budget_is_used_up():
    rates = []
    one = pupil(updates=5, rate=0.5)
    group = one.learner.optimizer.param_groups[0]
    for _ in range(5):
        one.update(base=0.1, clip=1.0, device=CPU)
        rates.append(group["lr"])
    assert rates == pytest.approx([0.05, 0.04, 0.03, 0.02, 0.01])


def test_who_learns_beside_it_changes_nothing():
    alone, beside = pupil(updates=12), pupil(updates=12)
    trained(alone, rounds=12)
    trained(pupil("gru", seed=1, updates=3), beside, pupil(seed=2, updates=20), rounds=20)
    for one, other in zip(alone.learner.parameters, beside.learner.parameters, strict=True):
        assert torch.equal(one, other)


def test_progress_is_that_of_the_slowest_within_the_longer_run():
    events = trained(
        pupil(updates=4), pupil(seed=1, updates=16), rounds=16, first_round=100, all_rounds=200
    )
    assert [(e.step, e.total) for e in events if e.kind == "progress"] == [
        (104, 200),
        (108, 200),
        (112, 200),
        (116, 200),
    ]


def test_one_that_is_not_shown_tells_nothing():
    assert losses(trained(pupil(updates=4, is_shown=False))) == []


def test_one_that_diverges_ends_and_the_others_go_on():
    bad, good = pupil("rnn", updates=40), pupil(seed=1, updates=40)
    with torch.no_grad():
        bad.learner.parameters[0].fill_(math.nan)
    events = trained(bad, good, rounds=40)
    assert (bad.done, good.done) == (4, 40)
    assert [e.what for e in events if e.kind == "mark"] == ["diverged"]


def test_a_dial_that_is_turned_counts_from_the_next_update_on():
    dials = Dials(learning_rate=5e-3, clip=1.0)
    one = pupil(updates=12)
    rates = []
    for event in train_lengths([one], rounds=12, device=CPU, dials=dials):
        if event.kind == "progress":
            rates.append(one.learner.optimizer.param_groups[0]["lr"])
            if event.step == 8:
                dials.turn("learning_rate", 0.5)
        if event.kind == "setting":
            assert (event.step, event.value) == (8, 0.5)
    assert rates[-1] == pytest.approx(0.5 / 12)


def test_other_work_on_the_machine_is_not_counted():
    one = pupil(updates=4)
    slow = one.batches

    def waiting():
        for batch in slow:
            time.sleep(0.05)
            yield batch

    one.batches = waiting()
    trained(one, rounds=4)
    assert one.seconds < 0.15
