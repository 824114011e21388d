import numpy as np
import pytest
import torch
from tiny_encoders import TEXTS, save_encoder, tiny_bert

from core import device
from core.errors import ConfigError
from core.models import lower_states
from core.models.open_encoder import open_encoder
from core.models.pretrained_classifier import PretrainedClassifier, lower_states_of
from core.models.sentence_encoder import mean_state

TUNINGS = ("top", "frozen", "full")


@pytest.fixture(scope="module")
def encoder():
    return tiny_bert()


@pytest.fixture(params=TUNINGS)
def classifier(request, encoder):
    return with_a_head(PretrainedClassifier(encoder, classes=3, tuning=request.param))


def with_a_head(classifier, seed=0):
    generator = torch.Generator().manual_seed(seed)
    classifier.head.weight.data.normal_(generator=generator)
    return classifier


def test_an_untrained_one_finds_every_class_as_likely(encoder):
    untrained = PretrainedClassifier(encoder, classes=4)
    np.testing.assert_allclose(untrained.predict(TEXTS), 0.25)


def test_the_rows_sum_to_1_and_no_text_gives_no_row(classifier):
    probabilities = classifier.predict(TEXTS)
    assert probabilities.dtype == np.float64
    assert probabilities.shape == (len(TEXTS), 3)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-12)
    assert classifier.predict([]).shape == (0, 3)


def test_the_head_reads_the_mean_state(classifier):
    rows = classifier.encoder.encode(TEXTS)
    inputs = classifier.encoder.inputs(rows)
    means = mean_state(classifier.encoder(inputs), inputs.lengths_B)
    if classifier.tuning == "frozen":
        means = means / means.norm(dim=1, keepdim=True)
    expected = (means @ classifier.head.weight.T).double().softmax(1)
    np.testing.assert_allclose(classifier.predict(TEXTS), expected.detach(), atol=1e-6)


def test_neither_order_nor_neighbours_change_a_prediction(classifier):
    together = classifier.predict(TEXTS)
    np.testing.assert_allclose(classifier.predict(TEXTS[::-1]), together[::-1], atol=1e-5)
    alone = np.concatenate([classifier.predict([text]) for text in TEXTS])
    np.testing.assert_allclose(alone, together, atol=1e-5)


def test_kept_lower_states_and_the_top_are_the_whole_pass(classifier, encoder, monkeypatch):
    for module in (device, lower_states):
        monkeypatch.setattr(module, "fast_precision", lambda _: torch.float32)
    lower = lower_states_of(encoder)
    assert lower.below == 2
    list(lower.fill(TEXTS))
    np.testing.assert_allclose(
        classifier.predict(TEXTS, lower=lower), classifier.predict(TEXTS), atol=1e-5
    )


def test_only_what_is_tuned_takes_a_gradient(classifier, encoder):
    names = {name.partition(".")[2].rpartition(".")[0] for name in classifier.tuned()}
    if classifier.tuning == "frozen":
        assert names == {""}
    elif classifier.tuning == "top":
        assert {name.split(".")[1] for name in names if name} == {"2", "3"}
    else:
        assert {"words", "positions", "layers.0.inner"} <= names
    classifier.logits(encoder.encode(TEXTS)).square().sum().backward()
    own = [*classifier.encoder.parameters(), *classifier.head.parameters()]
    assert {id(w) for w in own if w.grad is not None} <= {
        id(w) for w in classifier.tuned().values()
    }
    assert all(weight.grad is None for weight in encoder.parameters())


def test_dropout_is_on_in_training_only_and_only_in_what_learns(classifier, encoder):
    rows = encoder.encode(TEXTS)
    calm = classifier.logits(rows)
    with classifier.training():
        assert torch.equal(classifier.logits(rows), calm) == (classifier.tuning == "frozen")
        is_training = [layer.training for layer in classifier.encoder.layers]
    assert (
        is_training
        == {
            "top": [False, False, True, True],
            "frozen": [False] * 4,
            "full": [True] * 4,
        }[classifier.tuning]
    )
    assert torch.equal(classifier.logits(rows), calm)
    assert not any(module.training for module in encoder.modules())


def test_what_was_tuned_is_stored_and_read_again(classifier, encoder):
    for weight in classifier.tuned().values():
        weight.data.add_(0.1)
    state = classifier.tuned_state()
    other = PretrainedClassifier(encoder, classes=3, tuning=classifier.tuning)
    other.load_tuned_state(state)
    np.testing.assert_array_equal(other.predict(TEXTS), classifier.predict(TEXTS))
    for weight in classifier.tuned().values():
        weight.data.zero_()
    assert all(weight.abs().sum() > 0 for weight in state.values())


def test_weights_of_another_model_are_refused(classifier, encoder):
    state = classifier.tuned_state()
    for other in (
        PretrainedClassifier(encoder, classes=2, tuning=classifier.tuning),
        PretrainedClassifier(
            encoder, classes=3, tuning="full" if classifier.tuning == "top" else "top"
        ),
    ):
        with pytest.raises(ConfigError, match="The stored weights are of another encoder"):
            other.load_tuned_state(state)


def test_sizes_are_those_of_everything_it_needs(classifier):
    encoder = sum(weight.numel() for weight in classifier.encoder.parameters())
    assert classifier.parameters == encoder + 3 * 17
    assert classifier.embedding_parameters == 14 * 16
    assert classifier.megabytes == pytest.approx(4 * classifier.parameters / 1e6)


def test_one_class_is_refused(encoder):
    with pytest.raises(ConfigError, match="There is 1 class; two or more"):
        PretrainedClassifier(encoder, classes=1)


@pytest.mark.parametrize("tuning", TUNINGS)
def test_an_encoder_of_transformers_serves_as_well(tuning, tmp_path):
    other = open_encoder(str(save_encoder(tmp_path, "distilbert")), most_pieces=12)
    classifier = with_a_head(PretrainedClassifier(other, classes=2, tuning=tuning))
    np.testing.assert_allclose(classifier.predict(TEXTS).sum(1), 1, atol=1e-12)
    assert lower_states_of(other) is None
    shares = {"top": 0.7, "frozen": 0.01, "full": 1.0}
    learned = sum(weight.numel() for weight in classifier.tuned().values())
    assert learned <= shares[tuning] * classifier.parameters
