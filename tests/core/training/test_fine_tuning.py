import contextlib

import numpy as np
import pytest
import torch
from tiny_encoders import TEXTS, tiny_bert

from core import device
from core.errors import ConfigError
from core.models import lower_states
from core.models.lower_states import LowerStates
from core.models.pretrained_classifier import PretrainedClassifier
from core.training import fine_tuning
from core.training.fine_tuning import fine_tune, fit_logistic, rate_share

TUNINGS = ("top", "frozen", "full")
LABELS = [1, 0, 1, 0, 1, 0]


@pytest.fixture(scope="module")
def encoder():
    return tiny_bert()


@pytest.fixture(params=TUNINGS)
def tuning(request):
    return request.param


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    for module in (device, lower_states):
        monkeypatch.setattr(module, "fast_precision", lambda _: torch.float32)
    monkeypatch.setattr(fine_tuning, "LEAST_UPDATES", 8)
    monkeypatch.setattr(fine_tuning, "BATCH", 4)
    monkeypatch.setattr(fine_tuning, "LEARNING_RATES", {"top": 3e-3, "full": 3e-3})


def tuned(encoder, tuning, *, seed=0, lower=None):
    classifier = PretrainedClassifier(encoder, classes=2, tuning=tuning)
    steps = list(fine_tune(classifier, TEXTS, LABELS, seed=seed, lower=lower))
    return classifier, steps


def test_it_learns_and_tells_each_step(encoder, tuning, monkeypatch):
    monkeypatch.setattr(fine_tuning, "LEAST_UPDATES", 120)
    monkeypatch.setattr(fine_tuning, "STRENGTH", 1e4)
    classifier, steps = tuned(encoder, tuning)
    assert [step.step for step in steps] == list(range(1, steps[-1].total + 1))
    losses = [step.loss for step in steps if step.loss is not None]
    assert len(losses) == (1 if tuning == "frozen" else 120)
    assert all(loss.shape == () and not loss.requires_grad for loss in losses)
    assert torch.stack(losses[-8:]).mean() < 0.6
    right = classifier.predict(TEXTS)[np.arange(len(LABELS)), LABELS]
    assert right.mean() > 0.6


def test_the_same_seed_gives_the_same_weights_and_chance_elsewhere_is_not_touched(encoder, tuning):
    states = []
    for other in (1, 2):
        torch.manual_seed(other)
        before = torch.get_rng_state()
        states.append(tuned(encoder, tuning)[0].tuned_state())
        assert torch.equal(torch.get_rng_state(), before)
    for name, weight in states[0].items():
        assert torch.equal(states[1][name], weight)
    if tuning != "frozen":
        another = tuned(encoder, tuning, seed=1)[0].tuned_state()
        assert not torch.equal(another["head.weight"], states[0]["head.weight"])


def test_only_what_is_tuned_changes(encoder, tuning):
    before = {name: weight.clone() for name, weight in encoder.named_parameters()}
    classifier, _ = tuned(encoder, tuning)
    for name, weight in encoder.named_parameters():
        assert torch.equal(weight, before[name])
    changed = {
        name.split(".")[1] if name.startswith("layers") else name
        for name, weight in classifier.encoder.named_parameters()
        if not torch.equal(weight, before[name])
    }
    if tuning == "full":
        assert {"0", "1", "2", "3", "words.weight"} <= changed
    else:
        assert changed == ({"2", "3"} if tuning == "top" else set())


def test_kept_lower_states_give_the_same_training(encoder, tuning):
    lower = LowerStates(encoder, below=2)
    list(lower.fill(TEXTS))
    whole, kept = tuned(encoder, tuning)[0], tuned(encoder, tuning, lower=lower)[0]
    np.testing.assert_allclose(kept.predict(TEXTS), whole.predict(TEXTS), atol=1e-3)


def test_between_two_steps_it_predicts_as_if_nothing_were_under_way(encoder, tuning):
    watched = PretrainedClassifier(encoder, classes=2, tuning=tuning)
    for _ in fine_tune(watched, TEXTS, LABELS, seed=0):
        first, again = watched.predict(TEXTS), watched.predict(TEXTS)
        np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(watched.predict(TEXTS), tuned(encoder, tuning)[0].predict(TEXTS))


def test_it_can_be_closed_at_any_step(encoder, tuning):
    classifier = PretrainedClassifier(encoder, classes=2, tuning=tuning)
    with contextlib.closing(fine_tune(classifier, TEXTS, LABELS, seed=0)) as steps:
        next(steps)
    np.testing.assert_allclose(classifier.predict(TEXTS).sum(1), 1, atol=1e-12)


def test_no_text_is_a_sentence(encoder, tuning):
    classifier = PretrainedClassifier(encoder, classes=2, tuning=tuning)
    with pytest.raises(ConfigError, match="There is no text to learn from"):
        fine_tune(classifier, [], [], seed=0)


@pytest.mark.parametrize("total", [1, 2, 9, 10, 200])
def test_the_learning_rate_warms_up_to_its_top_once_and_never_reaches_0(total):
    shares = [rate_share(step, total) for step in range(total)]
    top = shares.index(max(shares))
    assert max(shares) == 1
    assert shares[: top + 1] == sorted(shares[: top + 1])
    assert shares[top:] == sorted(shares[top:], reverse=True)
    assert min(shares) > 0


def test_every_text_is_read_once_an_epoch_and_neighbours_are_of_about_one_length():
    lengths = torch.randint(3, 60, (70,), generator=torch.Generator().manual_seed(0)).tolist()
    batches = fine_tuning._batches(lengths, seed=0)
    assert len(batches) == 18
    assert sorted(i for batch in batches for i in batch) == list(range(70))
    padding = sum(max(lengths[i] for i in b) * len(b) for b in batches) / sum(lengths)
    assert padding < 1.4


def test_a_few_texts_are_read_often_enough():
    assert len(fine_tuning._batches([3] * 5, seed=0)) == 8
    assert len(fine_tuning._batches([3] * 100, seed=0)) == 25


@pytest.mark.parametrize("classes", [2, 3])
def test_the_frozen_head_is_the_one_optimum_of_a_logistic_regression(classes):
    from sklearn.linear_model import LogisticRegression

    generator = torch.Generator().manual_seed(0)
    features = torch.nn.functional.normalize(torch.randn(60, 8, generator=generator)).double()
    labels = torch.randint(classes, (60,), generator=generator)
    head = torch.nn.Linear(8, classes)
    loss = fit_logistic(head, features, labels)
    oracle = LogisticRegression(C=fine_tuning.STRENGTH, tol=1e-10, max_iter=10_000)
    if classes == 2:  # scikit-learn has one row for both classes, and so half the penalty
        oracle.set_params(C=fine_tuning.STRENGTH * 2)
    expected = oracle.fit(features.numpy(), labels.numpy()).predict_proba(features.numpy())
    found = (features @ head.weight.T.double() + head.bias.double()).softmax(1).detach()
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert float(loss) == pytest.approx(-np.log(expected[np.arange(60), labels]).mean(), abs=1e-4)
