import pytest

from core.errors import ConfigError
from core.models.classifiers import CLASSIFIERS, find_classifier

NEURAL = (
    "bag-of-words",
    "rnn",
    "lstm",
    "gru",
    "bilstm",
    "cnn",
    "transformer",
    "lstm-max",
    "lstm-naive",
    "cnn-naive",
)
PRETRAINED = ("pretrained-top", "pretrained-frozen", "pretrained-full")


def test_the_catalogue_holds_each_model_under_its_own_name():
    assert set(CLASSIFIERS) == {"majority", "nb-svm", *NEURAL, *PRETRAINED}
    assert all(find_classifier(name).name == name for name in CLASSIFIERS)
    assert len({spec.label for spec in CLASSIFIERS.values()}) == len(CLASSIFIERS)


def test_a_model_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(ConfigError, match=r"no model 'bert'; choose from majority, bag-of-words,"):
        find_classifier("bert")


def test_what_learns_by_gradients_from_nothing_is_neural():
    assert {name for name, spec in CLASSIFIERS.items() if spec.is_neural} == set(NEURAL)


def test_all_but_the_counting_models_have_weights_to_store():
    without = [name for name, spec in CLASSIFIERS.items() if not spec.has_weights]
    assert without == ["majority", "nb-svm"]


def test_a_model_as_written_differs_from_the_right_one_in_that_alone():
    for name in ("lstm", "cnn"):
        right, naive = find_classifier(name), find_classifier(f"{name}-naive")
        assert naive.naive
        assert not right.naive
        fields = ("family", "cell", "bidirectional", "pooling", "width", "hidden", "learning_rate")
        assert [getattr(naive, f) for f in fields] == [getattr(right, f) for f in fields]


def test_the_pretrained_models_differ_in_what_of_them_learns():
    tuning = [find_classifier(name).tuning for name in PRETRAINED]
    assert tuning == ["top", "frozen", "full"]
