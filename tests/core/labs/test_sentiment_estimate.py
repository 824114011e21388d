import pytest

from core.labs.estimate import estimate_seconds
from core.labs.sentiment_config import SENTIMENT_EXAMPLE, SENTIMENT_PRESETS, SentimentConfig
from core.labs.sentiment_estimate import estimate_sentiment
from core.models.classifiers import CLASSIFIERS

LEAST = {"folds": 1, "rows": 1000, "epochs": 2, "most_words": 10, "hidden": 64, "width": 50}


def seconds(**settings):
    return estimate_sentiment(SentimentConfig(**settings))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_model_has_an_estimate_that_never_falls_with_what_it_does(name):
    least = seconds(models=(name,), **LEAST)
    assert least > 0
    for more in ({"folds": 2}, {"rows": 2000}, {"most_words": 20}, {"epochs": 3}, {"layers": 2}):
        assert seconds(**{"models": (name,), **LEAST, **more}) >= least


@pytest.mark.parametrize("name", [name for name in CLASSIFIERS if name != "majority"])
def test_more_folds_and_more_rows_take_longer(name):
    least = seconds(models=(name,), **LEAST)
    for more in ({"folds": 2}, {"rows": 2000}):
        assert seconds(**{"models": (name,), **LEAST, **more}) > least


@pytest.mark.parametrize("name", [n for n, spec in CLASSIFIERS.items() if spec.is_neural])
def test_more_epochs_and_smaller_batches_take_longer(name):
    least = seconds(models=(name,), **LEAST)
    for more in ({"epochs": 3}, {"batch_size": 25}):
        assert seconds(**{"models": (name,), **LEAST, **more}) > least


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "bilstm", "cnn", "transformer"])
def test_larger_and_deeper_models_and_longer_texts_take_longer(name):
    least = seconds(models=(name,), **LEAST)
    changes = [{"hidden": 256}, {"most_words": 20}]
    changes += [{"layers": 2}] if name != "cnn" else []
    for more in changes:
        assert seconds(**{"models": (name,), **LEAST, **more}) > least


def test_each_further_model_takes_time():
    names = tuple(CLASSIFIERS)
    found = [seconds(models=names[:count]) for count in range(1, len(names) + 1)]
    assert found == sorted(set(found))


def test_as_written_a_model_pays_for_its_padding():
    short, long = (seconds(models=("lstm-naive",), pad_to=pad) for pad in (20, 200))
    assert short < long
    assert seconds(models=("lstm",), pad_to=20) == seconds(models=("lstm",), pad_to=200)


def test_rows_are_those_that_are_used_and_there():
    assert seconds(rows=0) == seconds(rows=8530) == seconds(rows=100_000)
    assert seconds(rows=1000) < seconds(rows=0)


def test_what_the_lower_layers_say_is_computed_once_however_many_folds_there_are():
    for name in ("pretrained-top", "pretrained-frozen"):
        one, two, three = (seconds(models=(name,), folds=folds) for folds in (1, 2, 3))
        assert three - two == pytest.approx(two - one)
        assert one > two - one


def test_presets_are_estimated_in_the_order_of_what_they_do():
    found = {name: estimate_sentiment(config) for name, config in SENTIMENT_PRESETS.items()}
    order = ("Quick", "Standard", "Pretrained", "Long reviews", "Large")
    assert [found[name] for name in order] == sorted(found[name] for name in order)
    assert estimate_sentiment(SENTIMENT_EXAMPLE) < found["Quick"] < 60


def test_it_is_what_the_settings_show():
    config = SentimentConfig()
    assert estimate_seconds(config, scale=2.0) == 2 * estimate_sentiment(config)
