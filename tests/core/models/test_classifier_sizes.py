import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from core.data.text_batch import make_text_inputs
from core.errors import ConfigError
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import (
    TOLERANCE,
    ClassifierSizes,
    body_parameters,
    matched_sizes,
    multiply_adds,
    usual_sizes,
)
from core.models.classifiers import CLASSIFIERS

NEURAL = [spec for spec in CLASSIFIERS.values() if spec.is_neural]
SCALED = [spec for spec in NEURAL if spec.family != "bag"]
LSTM = CLASSIFIERS["lstm"]
WORDS = 7


def named(spec):
    return spec.name


def built(spec, sizes, *, classes=2, layers=1):
    return build_classifier(
        spec, sizes, vocabulary_size=11, classes=classes, layers=layers, seed=0
    ).eval()


def costs(classes=2, layers=1, words=20):
    """Return the two costs that models can be matched by, of a spec and its sizes."""
    return {
        "parameters": lambda spec, sizes: body_parameters(
            spec, sizes, classes=classes, layers=layers
        ),
        "multiply-adds": lambda spec, sizes: multiply_adds(
            spec, sizes, words=words, classes=classes, layers=layers
        ),
    }


def test_usual_sizes_by_hand():
    sizes = {spec.name: usual_sizes(spec, width=100, hidden=128) for spec in NEURAL}
    assert sizes["lstm"] == ClassifierSizes(100, 128)
    assert sizes["bag-of-words"] == ClassifierSizes(64, 128)
    assert sizes["cnn"] == ClassifierSizes(100, 100)
    assert sizes["transformer"] == ClassifierSizes(64, 64, 128)


def test_a_transformers_blocks_are_as_wide_as_its_embedding_and_hold_whole_heads():
    for hidden in (8, 13, 100, 333):
        sizes = usual_sizes(CLASSIFIERS["transformer"], width=50, hidden=hidden)
        assert sizes.width == sizes.hidden
        assert sizes.hidden % 8 == 0
        assert sizes.feed_forward == 2 * sizes.hidden


def test_the_sizes_that_were_measured_are_counted():
    counted = {
        name: body_parameters(
            CLASSIFIERS[name],
            usual_sizes(CLASSIFIERS[name], width=100, hidden=128),
            classes=2,
        )
        for name in ("bag-of-words", "rnn", "gru", "lstm", "bilstm", "cnn")
    }
    assert counted == {
        "bag-of-words": 130,
        "rnn": 29_698,
        "gru": 88_578,
        "lstm": 118_018,
        "bilstm": 236_034,
        "cnn": 120_902,
    }


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("spec", NEURAL, ids=named)
def test_what_is_counted_is_what_is_built(spec, layers, classes):
    usual = usual_sizes(spec, width=16, hidden=24)
    odd = ClassifierSizes(10, 8, 5)  # a Transformer projects its words where the widths differ
    for sizes in (usual, odd):
        model = built(spec, sizes, classes=classes, layers=layers)
        beside = sum(p.numel() for p in model.parameters()) - model.embedding.weight.numel()
        assert body_parameters(spec, sizes, classes=classes, layers=layers) == beside


@pytest.mark.parametrize("name", ["majority", "nb-svm", "pretrained-top"])
def test_what_is_not_built_of_layers_here_counts_nothing(name):
    sizes = ClassifierSizes(4, 4)
    assert body_parameters(CLASSIFIERS[name], sizes, classes=2) == 0
    assert multiply_adds(CLASSIFIERS[name], sizes, words=3, classes=2) == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bag-of-words", 3 * 2 + 2 * 2),
        ("rnn", 3 * (5 * (2 + 5)) + 5 * 2),
        ("gru", 3 * (3 * 5 * (2 + 5)) + 5 * 2),
        ("lstm", 3 * (4 * 5 * (2 + 5)) + 5 * 2),
        ("bilstm", 3 * 2 * (4 * 5 * (2 + 5)) + 10 * 2),
        # a kernel of 3 has one window in three words, as have the wider ones
        ("cnn", (3 + 4 + 5) * 2 * 5 + 15 * 2),
    ],
)
def test_multiply_adds_by_hand(name, expected):
    sizes = ClassifierSizes(2, 5)
    assert multiply_adds(CLASSIFIERS[name], sizes, words=3, classes=2) == expected


def test_multiply_adds_of_a_transformer_by_hand():
    sizes = ClassifierSizes(2, 8, 3)
    a_block = 3 * (4 * 8 * 8 + 2 * 8 * 3) + 2 * 3 * 3 * 8
    found = multiply_adds(CLASSIFIERS["transformer"], sizes, words=3, classes=2, layers=2)
    assert found == 3 * 2 * 8 + 2 * a_block + 8 * 2


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("name", ["rnn", "gru", "cnn", "transformer"])
def test_multiply_adds_are_those_that_torch_counts(name, layers):
    spec = CLASSIFIERS[name]
    sizes = usual_sizes(spec, width=12, hidden=16)
    model = built(spec, sizes, classes=3, layers=layers)
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:  # torch counts no fused attention
        model(make_text_inputs([range(4, 4 + WORDS)]))
    counted = multiply_adds(spec, sizes, words=WORDS, classes=3, layers=layers)
    assert counter.get_total_flops() == 2 * counted


def test_an_lstm_costs_four_times_the_products_of_a_plain_cell():
    sizes = ClassifierSizes(6, 9)
    plain, gated = (
        multiply_adds(CLASSIFIERS[name], sizes, words=WORDS, classes=2) - 9 * 2
        for name in ("rnn", "lstm")
    )
    assert gated == 4 * plain


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", ["parameters", "multiply-adds"])
@pytest.mark.parametrize("spec", SCALED, ids=named)
def test_every_model_can_be_made_as_large_as_the_lstm(spec, kind, layers):
    cost = costs(layers=layers)[kind]
    target = cost(LSTM, usual_sizes(LSTM, width=100, hidden=128))
    sizes = matched_sizes(spec, width=100, target=target, cost=lambda each: cost(spec, each))
    assert sizes.width == 100
    assert abs(cost(spec, sizes) - target) <= TOLERANCE * target


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "bilstm", "cnn"])
def test_a_matched_size_is_the_nearest_of_all(name):
    spec = CLASSIFIERS[name]
    cost = costs()["parameters"]
    target = 20_000
    sizes = matched_sizes(spec, width=20, target=target, cost=lambda each: cost(spec, each))
    distances = {
        hidden: abs(cost(spec, ClassifierSizes(20, hidden)) - target) for hidden in range(1, 400)
    }
    assert distances[sizes.hidden] == min(distances.values())


def test_the_lstm_matches_itself():
    cost = costs()["parameters"]
    own = usual_sizes(LSTM, width=100, hidden=128)
    found = matched_sizes(
        LSTM, width=100, target=cost(LSTM, own), cost=lambda each: cost(LSTM, each)
    )
    assert found == own


def test_a_matched_transformer_holds_whole_heads_and_thinks_wider_than_it_attends():
    spec, cost = CLASSIFIERS["transformer"], costs()["parameters"]
    sizes = matched_sizes(spec, width=100, target=118_018, cost=lambda each: cost(spec, each))
    assert sizes.hidden % 8 == 0
    assert sizes.feed_forward >= 2 * sizes.hidden


def test_a_bag_of_words_has_nothing_to_scale():
    found = [
        matched_sizes(CLASSIFIERS["bag-of-words"], width=30, target=target, cost=lambda _: 0)
        for target in (1, 10**9)
    ]
    assert found == [ClassifierSizes(30, 1)] * 2


@pytest.mark.parametrize(
    ("name", "target"), [("cnn", 18_000), ("transformer", 300), ("lstm", 10**12)]
)
def test_a_size_that_cannot_be_had_is_said_plainly(name, target):
    spec, cost = CLASSIFIERS[name], costs()["parameters"]
    with pytest.raises(ConfigError, match=f"{spec.label} cannot be made .* Choose more hidden"):
        matched_sizes(spec, width=1024, target=target, cost=lambda each: cost(spec, each))
