import json
import math
from dataclasses import replace

import pytest

from core.errors import ConfigError
from core.labs.config_json import config_from_json, config_to_json
from core.labs.sentiment_config import SENTIMENT_EXAMPLE, SENTIMENT_PRESETS, SentimentConfig
from core.models.classifiers import CLASSIFIERS

ALL = {"default": SentimentConfig(), "example": SENTIMENT_EXAMPLE, **SENTIMENT_PRESETS}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"source": "news"}, "source is 'news'; it must be one of mr, imdb, own"),
        ({"test_source": "news"}, "test_source is 'news'; it must be one of same, mr"),
        ({"sizing": "fair"}, "sizing is 'fair'; it must be one of own, equal-parameters"),
        ({"folds": 0}, "folds is 0; it must be from 1 to 10"),
        ({"folds": 11}, "folds is 11; it must be from 1 to 10"),
        ({"rows": -1}, "rows is -1; it must be from 0 to"),
        ({"most_words": 4}, "most_words is 4; it must be from 5 to 2000"),
        ({"least_count": 0}, "least_count is 0; it must be from 1 to 1000"),
        ({"width": 7}, "width is 7; it must be from 8 to 1024"),
        ({"hidden": 1025}, "hidden is 1025; it must be from 8 to 1024"),
        ({"layers": 5}, "layers is 5; it must be from 1 to 4"),
        ({"dropout": 1.0}, "dropout is 1; it must be from 0 to 0.9"),
        ({"epochs": 0}, "epochs is 0; it must be from 1 to 100"),
        ({"patience": 0}, "patience is 0; it must be from 1 to 100"),
        ({"batch_size": 513}, "batch_size is 513; it must be from 1 to 512"),
        ({"learning_rate": math.nan}, "learning_rate is nan; it must be from"),
        ({"clip": math.inf}, "clip is inf; it must be from 0 to"),
        ({"pad_to": 2001}, "pad_to is 2001; it must be from 5 to 2000"),
        ({"encoder": "a" * 501}, "length of encoder is 501; it must be from 0 to 500"),
        ({"seed": -1}, "seed is -1; it must be from 0 to"),
        ({"threads": 0}, "threads is 0; it must be from 1 to 64"),
        ({"models": ()}, "No model is chosen; choose at least one"),
        ({"models": ("bert",)}, "no model 'bert'; choose from majority"),
        ({"models": ("cnn", "lstm", "cnn")}, "names 'cnn' twice; a model can race only once"),
        ({"test_source": "mr"}, "'mr', which is trained on too; 'same' tests a part"),
    ],
)
def test_a_setting_out_of_range_is_said_with_what_is_allowed(settings, message):
    with pytest.raises(ConfigError, match=message):
        SentimentConfig(**settings)


@pytest.mark.parametrize("name", ALL)
def test_a_config_goes_to_json_and_back(name):
    written = json.loads(json.dumps(config_to_json(ALL[name])))
    assert config_from_json("sentiment", written) == ALL[name]
    assert hash(config_from_json("sentiment", written)) == hash(ALL[name])


@pytest.mark.parametrize(
    ("source", "test_source", "corpus"),
    [("mr", "same", ""), ("imdb", "mr", ""), ("own", "same", "own"), ("mr", "own", "own")],
)
def test_the_visitors_texts_are_asked_for_where_they_are_read(source, test_source, corpus):
    assert SentimentConfig(source=source, test_source=test_source).corpus == corpus


def test_models_are_trained_side_by_side_or_start_from_an_encoder_or_neither():
    config = SentimentConfig(models=tuple(CLASSIFIERS))
    assert config.pretrained == ("pretrained-top", "pretrained-frozen", "pretrained-full")
    rest = set(config.models) - set(config.neural) - set(config.pretrained)
    assert rest == {"majority", "nb-svm"}
    assert SentimentConfig(models=("lstm", "nb-svm", "cnn")).neural == ("lstm", "cnn")


def test_the_defaults_race_all_kinds_trained_from_nothing_and_both_floors():
    assert set(SentimentConfig().models) == {
        name
        for name, spec in CLASSIFIERS.items()
        if spec.family != "pretrained" and not spec.naive and spec.pooling == "last"
    }


def test_what_may_be_changed_while_a_run_is_under_way():
    config = SentimentConfig(learning_rate=0.5, clip=0.25)
    assert config.dials() == {"learning_rate": 0.5, "clip": 0.25}


def test_presets_are_what_their_names_say():
    assert SENTIMENT_PRESETS["Standard"] == SentimentConfig()
    equal = SENTIMENT_PRESETS["Equal parameters"]
    assert replace(equal, sizing="own") == SentimentConfig()
    assert "lstm-naive" in SENTIMENT_PRESETS["Padding"].models
    assert SENTIMENT_PRESETS["Pretrained"].pretrained == ("pretrained-top",)
    for name in ("Long reviews", "Large"):
        config = SENTIMENT_PRESETS[name]
        assert (config.source, config.most_words) == ("imdb", 200)
    for config in ALL.values():
        assert {"majority"} < set(config.models)
        assert not config.download
