import random

import pytest
import torch

from core.data.text_task import TextTask
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes
from core.models.classifiers import CLASSIFIERS
from core.training import text_loop
from core.training.clipping import Clipper
from core.training.dials import Dials
from core.training.learner import Learner, build_optimizer
from core.training.text_loop import TextPupil, epoch_updates, train_texts

CPU = torch.device("cpu")
GOOD, BAD, WORDS = 4, 5, range(6, 14)


def labelled(count, seed, *, wrong=0.0):
    """Return texts that hold a good or a bad word and their labels, a share of them wrong."""
    draw = random.Random(seed)
    labels = [at % 2 for at in range(count)]
    rows = [
        [*draw.choices(WORDS, k=draw.randrange(6)), GOOD if label else BAD, draw.choice(WORDS)]
        for label in labels
    ]
    return rows, [label ^ (draw.random() < wrong) for label in labels]


STEPS, BATCH = 40, 2
"""Updates of an epoch, and the texts of each."""
TRAIN, DEV = labelled(STEPS * BATCH, 0), labelled(20, 1)


def pupil(name, *, train=TRAIN, dev=DEV, epochs=3, patience=10, dropout=0.5, rate=1.0):
    model = build_classifier(
        CLASSIFIERS[name],
        ClassifierSizes(8, 8, 16),
        vocabulary_size=14,
        classes=2,
        dropout=dropout,
        seed=0,
    )
    optimizer = build_optimizer("adam", model, 1e-3, fused=True)
    return TextPupil(
        learner=Learner(name=name, model=model, optimizer=optimizer, clipper=Clipper("norm")),
        task=TextTask(*train),
        dev=TextTask(*dev),
        batch_size=BATCH,
        seed=3,
        epochs=epochs,
        patience=patience,
        rate=rate,
    )


def trained(*pupils, learning_rate=1e-2, **options):
    dials = options.pop("dials", None) or Dials(learning_rate=learning_rate, clip=1.0)
    return list(train_texts(pupils, device=CPU, dials=dials, **options))


def losses(events, name):
    rows = [e.columns["loss"] for e in events if e.kind == "series" and e.model == name]
    return [loss for row in rows for loss in row]


def progress(events):
    return [(event.step, event.total) for event in events if event.kind == "progress"]


def weights(each):
    return {k: v.clone() for k, v in each.learner.model.state_dict().items()}


def equal(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


def test_a_pupil_makes_its_updates_and_is_examined_after_every_epoch():
    one = pupil("lstm", epochs=3)
    events = trained(one)
    assert (one.done, one.rounds, one.is_finished) == (120, 120, True)
    assert [(each.epoch, each.update) for each in one.history] == [(1, 40), (2, 80), (3, 120)]
    assert progress(events) == [(step, 120) for step in range(1, 121)]
    found = losses(events, "lstm")
    assert len(found) == 120
    for each in one.history:
        mean = sum(found[each.update - STEPS : each.update]) / STEPS
        assert each.train_loss == pytest.approx(mean, rel=1e-5)
    seconds = [each.seconds for each in one.history]
    assert 0 < seconds[0] < seconds[1] < seconds[2] <= one.seconds


def test_it_learns():
    for name in ("bag-of-words", "lstm", "cnn", "transformer"):
        one = pupil(name, epochs=12)
        trained(one)
        assert one.best.dev_accuracy >= 0.95, name


def test_what_is_told_of_an_epoch_is_measured_without_dropout_by_hand():
    one = pupil("gru", epochs=1)
    trained(one)
    batch = one.dev.batch(range(20))
    model = one.learner.model.eval()
    with torch.no_grad():
        logits = model(batch.inputs)
    assert one.history[0].dev_loss == pytest.approx(float(one.dev.loss(logits, batch)), rel=1e-5)
    accuracy = float((logits.argmax(1) == batch.labels_B).float().mean())
    assert one.history[0].dev_accuracy == pytest.approx(accuracy)


def test_after_an_epoch_it_learns_on_with_dropout():
    one = pupil("lstm")
    modes = []
    for event in train_texts([one], device=CPU, dials=Dials(learning_rate=1e-2, clip=1.0)):
        if event.kind == "progress":
            modes.append(one.learner.model.dropout.training)
    assert modes == [True] * 120


def test_when_it_stops_it_has_the_weights_of_its_best_epoch_again():
    # labels that are wrong by chance cannot be learned: later epochs fit what is not there
    one = pupil(
        "lstm", train=labelled(STEPS * BATCH, 0, wrong=0.5), epochs=12, patience=3, dropout=0.0
    )
    seen = {}
    dials = Dials(learning_rate=3e-2, clip=1.0)
    for event in train_texts([one], device=CPU, dials=dials):
        if event.kind == "progress" and not one.is_finished:
            seen[one.done] = weights(one)
    best = max(one.history, key=lambda each: each.dev_accuracy)
    assert one.best == best
    assert best.epoch < len(one.history)
    assert equal(weights(one), seen[best.update])


@pytest.mark.parametrize("patience", [1, 2, 4])
def test_it_stops_so_many_epochs_after_its_best_one(patience):
    frozen = pupil("lstm", patience=patience, epochs=9)
    events = trained(frozen, learning_rate=0.0)  # the first epoch is the best for ever
    assert len(frozen.history) == 1 + patience
    assert frozen.best.epoch == 1
    assert progress(events)[-1] == (STEPS * (1 + patience), STEPS * 9)


def test_of_equally_good_epochs_the_first_is_the_best():
    one = pupil("bag-of-words", epochs=12, patience=12)
    trained(one)
    first = next(each.epoch for each in one.history if each.dev_accuracy == 1.0)
    assert one.best.epoch == first < 12


def test_before_an_epoch_has_ended_there_is_no_best():
    one = pupil("cnn")
    one.finish()
    assert one.best is None
    assert one.is_finished


@pytest.mark.parametrize("name", ["bag-of-words", "lstm", "cnn", "transformer"])
def test_what_a_pupil_learns_does_not_depend_on_who_learns_beside_it(name):
    alone, beside = pupil(name, epochs=2), pupil(name, epochs=2)
    one = losses(trained(alone), name)
    others = [each for each in ("gru", "rnn", "bilstm") if each != name]
    other = losses(trained(pupil(others[0], epochs=3), beside, pupil(others[1])), name)
    assert one == other
    assert equal(weights(alone), weights(beside))
    assert alone.history[-1].dev_loss == beside.history[-1].dev_loss


def test_one_core_gives_the_same_as_several(monkeypatch):
    runs = []
    for cores in (1, 3):
        monkeypatch.setattr(text_loop, "cores", lambda cores=cores: cores)
        pupils = [pupil(name, epochs=2) for name in ("lstm", "cnn", "transformer")]
        events = trained(*pupils)
        runs.append(([losses(events, p.name) for p in pupils], [weights(p) for p in pupils]))
    assert runs[0][0] == runs[1][0]
    assert all(map(equal, runs[0][1], runs[1][1]))


def test_the_rounds_end_with_the_last_pupil():
    short, long = pupil("cnn", epochs=1), pupil("lstm", epochs=3)
    events = trained(short, long)
    assert (short.done, long.done) == (40, 120)
    assert progress(events)[-1] == (120, 120)
    assert len(losses(events, "cnn")) == 40


def test_rounds_can_be_a_part_of_a_longer_run():
    events = trained(pupil("cnn", epochs=1), first_round=50, all_rounds=100)
    assert progress(events) == [(50 + step, 100) for step in range(1, 41)]


def test_without_series_only_progress_is_told():
    assert {event.kind for event in trained(pupil("cnn"), is_shown=False)} == {"progress"}


def test_a_pupil_that_diverges_ends_and_the_others_go_on():
    lost, other = pupil("lstm"), pupil("cnn")
    with torch.no_grad():
        lost.learner.model.head.bias[0] = torch.nan
    events = trained(lost, other)
    assert [(e.model, e.what) for e in events if e.kind == "mark"] == [("lstm", "diverged")]
    assert len(losses(events, "lstm")) == 1
    assert len(losses(events, "cnn")) == 120
    assert progress(events)[-1] == (120, 120)
    assert (lost.is_finished, lost.done, lost.history) == (True, 1, [])
    assert len(other.history) == 3


def test_one_that_diverges_late_has_the_weights_of_its_best_epoch():
    one = pupil("cnn", epochs=6)
    dials = Dials(learning_rate=1e-2, clip=0.0)
    seen = {}
    for event in train_texts([one], device=CPU, dials=dials):
        if event.kind != "progress" or one.is_finished:
            continue
        seen[one.done] = weights(one)
        if one.done == 89:
            one.learner.model.head.weight.data.fill_(torch.nan)
    assert len(one.history) == 2
    assert one.done == 90
    assert equal(weights(one), seen[one.best.update])


def test_a_turned_dial_is_reported_and_acts_on_the_next_update():
    one = pupil("lstm", rate=2.5)
    dials = Dials(learning_rate=1e-2, clip=1.0)
    rates, settings = [], []
    for event in train_texts([one], device=CPU, dials=dials):
        if event.kind == "setting":
            settings.append((event.step, event.name, event.value))
        elif event.kind == "progress":
            rates.append(one.learner.optimizer.param_groups[0]["lr"])
            if event.step == 5:
                dials.turn("learning_rate", 1e-3)
    assert settings == [(5, "learning_rate", 1e-3)]
    assert rates == pytest.approx([2.5e-2] * 5 + [2.5e-3] * 115)


def test_the_clip_dial_is_the_threshold():
    dials = Dials(learning_rate=1e-2, clip=1.0)
    dials.turn("clip", 0.125)
    events = trained(pupil("lstm", epochs=1), dials=dials)
    limits = next(e for e in events if e.kind == "series").columns["threshold"]
    assert limits == [0.125]


def test_closing_the_generator_cancels_the_run():
    pupils = [pupil("lstm"), pupil("cnn")]
    events = train_texts(pupils, device=CPU, dials=Dials(learning_rate=1e-2, clip=1.0))
    for event in events:
        if event.kind == "progress" and event.step == 3:
            events.close()
    assert [each.done for each in pupils] == [3, 3]
    assert next(events, None) is None


def test_the_slowest_begins_a_round_and_who_has_finished_is_out_of_it():
    quick, slow, done = pupil("cnn"), pupil("lstm"), pupil("gru")
    quick.done, quick.seconds, slow.done, slow.seconds = 10, 1.0, 5, 4.0
    done.finish()
    assert [each.name for each in text_loop._slowest_first([quick, done, slow])] == ["lstm", "cnn"]


@pytest.mark.parametrize(("texts", "updates"), [(6824, 137), (2000, 40), (1999, 40), (800, 48)])
def test_few_texts_are_passed_several_times_in_an_epoch(texts, updates):
    assert epoch_updates(texts, 50) == updates
