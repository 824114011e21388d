import pytest
import torch

from core.errors import ConfigError
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_race import (
    build_lab_classifier,
    build_text_pupils,
    lab_sizes,
    neural_predictor,
)
from core.labs.sentiment_texts import RaceTexts
from core.models.classifier_sizes import (
    TOLERANCE,
    body_parameters,
    multiply_adds,
    usual_sizes,
)
from core.models.classifiers import CLASSIFIERS
from core.text.words import WordVocabulary
from core.training.dials import Dials
from core.training.text_loop import train_texts

CPU = torch.device("cpu")
NEURAL = [name for name, spec in CLASSIFIERS.items() if spec.is_neural]
TEXTS = RaceTexts(
    train_rows=[[4 + at % 5, 4 + at % 3] for at in range(200)],
    train_labels=[at % 2 for at in range(200)],
    dev_rows=[[4, 5]] * 4,
    dev_labels=[0, 1, 0, 1],
    vocabulary_size=9,
    classes=2,
    words=20,
    seed=5,
)
TINY = {"width": 8, "hidden": 8, "epochs": 1, "batch_size": 5, "pad_to": 6}


def config(*models, **settings):
    return SentimentConfig(**{**TINY, "models": models or tuple(NEURAL), **settings})


def body(model):
    return sum(p.numel() for p in model.parameters()) - model.embedding.weight.numel()


@pytest.mark.parametrize("name", NEURAL)
def test_by_default_each_model_has_its_own_size(name):
    one = SentimentConfig()
    spec = CLASSIFIERS[name]
    assert lab_sizes(spec, one, classes=2, words=20) == usual_sizes(spec, width=100, hidden=128)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("sizing", ["equal-parameters", "equal-multiply-adds"])
@pytest.mark.parametrize("name", [name for name in NEURAL if name != "bag-of-words"])
def test_at_the_default_sizes_every_model_can_be_made_as_large_as_the_lstm(name, sizing, layers):
    one = SentimentConfig(sizing=sizing, layers=layers)

    def cost(name, sizes):
        if sizing == "equal-parameters":
            return body_parameters(CLASSIFIERS[name], sizes, classes=2, layers=layers)
        return multiply_adds(CLASSIFIERS[name], sizes, words=20, classes=2, layers=layers)

    lstm, found = (
        cost(each, lab_sizes(CLASSIFIERS[each], one, classes=2, words=20))
        for each in ("lstm", name)
    )
    assert lstm == cost("lstm", usual_sizes(CLASSIFIERS["lstm"], width=100, hidden=128))
    assert abs(found - lstm) <= TOLERANCE * lstm


def test_models_of_equal_parameters_are_built_so():
    one = SentimentConfig(sizing="equal-parameters")
    sizes = {name: body(build_lab_classifier(name, one, TEXTS)) for name in NEURAL}
    del sizes["bag-of-words"]
    assert sizes["lstm"] == 118_018
    assert all(abs(size - 118_018) <= TOLERANCE * 118_018 for size in sizes.values())
    assert build_lab_classifier("cnn", one, TEXTS).embedding.embedding_dim == 100


def test_a_model_that_cannot_be_made_as_large_is_said_plainly():
    one = config(sizing="equal-parameters", width=1024, hidden=8)
    with pytest.raises(ConfigError, match="CNN cannot be made as large as the others"):
        lab_sizes(CLASSIFIERS["cnn"], one, classes=2, words=20)


def test_pupils_are_the_neural_models_as_the_config_says():
    one = config("majority", "cnn", "lstm-naive", "bag-of-words", learning_rate=1e-2, patience=3)
    pupils = build_text_pupils(one, TEXTS, CPU)
    assert [each.name for each in pupils] == ["cnn", "lstm-naive", "bag-of-words"]
    for each in pupils:
        assert each.rate == CLASSIFIERS[each.name].learning_rate
        assert each.learner.optimizer.param_groups[0]["lr"] == pytest.approx(1e-2 * each.rate)
    assert [(each.task.pad_to, each.dev.pad_to) for each in pupils] == [(0, 0), (6, 6), (0, 0)]
    for each in pupils:
        assert (each.seed, each.epochs, each.patience, each.batch_size) == (5, 1, 3, 5)
        assert (each.task.rows, each.dev.labels) == (TEXTS.train_rows, TEXTS.dev_labels)
        assert each.rounds == 40


def test_a_pupil_is_the_same_whoever_is_built_before_it():
    alone = build_text_pupils(config("lstm"), TEXTS, CPU)[0]
    later = build_text_pupils(config("cnn", "lstm"), TEXTS, CPU)[1]
    for one, other in zip(alone.learner.parameters, later.learner.parameters, strict=True):
        assert torch.equal(one, other)


def test_all_models_of_the_catalogue_learn_side_by_side():
    one = config(layers=2)
    pupils = build_text_pupils(one, TEXTS, CPU)
    before = [p.learner.model.head.weight.detach().clone() for p in pupils]
    events = list(train_texts(pupils, device=CPU, dials=Dials(**one.dials())))
    assert events[-1].step == events[-1].total == 40
    assert all(each.is_finished and len(each.history) == 1 for each in pupils)
    for pupil, weight in zip(pupils, before, strict=True):
        assert not torch.equal(pupil.learner.model.head.weight, weight), pupil.name


def test_a_trained_model_is_asked_as_it_learned():
    vocabulary = WordVocabulary.of([("a", "b", "c", "d", "e")])
    one = config("lstm", "lstm-naive", most_words=5, pad_to=7)
    for name, pad_to in (("lstm", 0), ("lstm-naive", 7)):
        model = build_lab_classifier(name, one, TEXTS)
        predictor = neural_predictor(model, vocabulary, one, CPU)
        assert (predictor.most_words, predictor.pad_to) == (5, pad_to)
        assert predictor.predict(["a b c", "d " * 30]).shape == (2, 2)
