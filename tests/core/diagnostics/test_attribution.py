import captum.attr
import numpy as np
import pytest
import torch
from small_classifiers import NEURAL, TEXTS, assert_untouched, small, trained, untouched

from core.diagnostics.attribution import (
    COMPLETENESS,
    Way,
    attribute,
    deletion_drop,
    integrated_gradients,
    occlusion,
)
from core.diagnostics.forced_reading import undisturbed
from core.diagnostics.one_text import OneText, embed_text
from core.models.predictor import MajorityPredictor
from core.models.text_classifier import TextClassifier

METHODS = ("integrated gradients", "gradient x input", "occlusion")


def test_of_a_linear_reader_each_word_has_its_own_part_by_hand():
    predictor = small("bag-of-words")
    with torch.no_grad():
        predictor.model.head.weight.copy_(1e-3 * predictor.model.head.weight)
        predictor.model.head.bias.zero_()
    found = attribute(predictor, TEXTS[0], 1)
    ids = torch.tensor(predictor.encode(TEXTS[0]))
    with torch.no_grad():
        scores_TC = predictor.model.embedding(ids) @ predictor.model.head.weight.T
    lead_T = (scores_TC[:, 1] - scores_TC[:, 0]) / len(ids)
    expected = (lead_T / 4).tolist()  # the slope of the logistic function at 0
    for name in ("integrated gradients", "gradient x input"):
        assert found.methods[name] == pytest.approx(expected, abs=1e-8)
    assert found.baseline_probability == pytest.approx(0.5)


@pytest.mark.parametrize("name", NEURAL)
def test_integrated_gradients_are_captum_s(name):
    predictor = small(name)
    model = predictor.model
    with undisturbed(model):
        one = embed_text(predictor, TEXTS[0])
        mine = integrated_gradients(Way(model, one, 1), pieces=24, completeness=np.inf)
        baseline_1TE = one.features_1TE.clone()
        baseline_1TE[:, : one.count] = 0

        def probability(features_NTE):
            return model.read(features_NTE, one.length_1.expand(len(features_NTE))).softmax(1)

        with torch.enable_grad():
            oracle = captum.attr.IntegratedGradients(probability).attribute(
                one.features_1TE,
                baselines=baseline_1TE,
                target=1,
                n_steps=24,
                method="riemann_middle",
            )
    np.testing.assert_allclose(mine, oracle[0, : one.count].sum(1).detach(), atol=1e-6)


@pytest.mark.parametrize("name", NEURAL)
def test_gradient_times_input_is_captum_s(name):
    predictor = small(name)
    found = attribute(predictor, TEXTS[2], 0).methods["gradient x input"]
    with undisturbed(predictor.model):
        one = embed_text(predictor, TEXTS[2])

    def probability(features_NTE):
        return predictor.model.eval().read(features_NTE, one.length_1).softmax(1)

    with torch.enable_grad():
        oracle = captum.attr.InputXGradient(probability).attribute(
            one.features_1TE.clone().requires_grad_(), target=0
        )
    np.testing.assert_allclose(found, oracle[0, : one.count].sum(1).detach(), atol=1e-6)


@pytest.mark.parametrize("name", NEURAL)
def test_shares_sum_to_the_probability_minus_that_without_words(name):
    predictor = small(name, classes=3, strength=4)
    for text in TEXTS:
        found = attribute(predictor, text, 2)
        total = sum(found.methods["integrated gradients"])
        rise = found.probability - found.baseline_probability
        assert found.completeness_error == pytest.approx(abs(total - rise), abs=1e-9)
        assert found.completeness_error <= COMPLETENESS
        assert found.probability == pytest.approx(predictor.predict([text])[0, 2], abs=1e-6)


class Steep(TextClassifier):
    """Jumps from one answer to the other a third of the way, within a ten thousandth of it."""

    def read(self, features_BTE, lengths_B):
        words_BT = features_BTE.sum(2)
        lead_B = 1e5 * (words_BT[:, 0] + 3 * words_BT[:, 1] - 4 / 3)
        return torch.stack([torch.zeros_like(lead_B), lead_B], 1)


def test_a_jump_on_the_way_is_found_and_shared_by_hand():
    one = OneText(("a", "b"), torch.ones(1, 2, 1), torch.tensor([2]))
    way = Way(Steep(5, 1, dropout=0), one, 1)
    assert float(integrated_gradients(way, completeness=np.inf).sum()) < 0.01
    halved = integrated_gradients(way)
    assert halved.tolist() == pytest.approx([0.25, 0.75], abs=COMPLETENESS)


def test_occlusion_is_what_is_lost_without_the_word():
    predictor = small("lstm")
    words = ["not", "bad", "at", "all"]
    lost = occlusion(predictor, words, 1)
    whole = predictor.predict(["not bad at all"])[0, 1]
    assert lost[1] == pytest.approx(whole - predictor.predict(["not at all"])[0, 1], abs=1e-7)
    assert len(lost) == 4


def test_a_model_that_ignores_words_loses_nothing():
    majority = MajorityPredictor([0, 1, 1], classes=2)
    assert occlusion(majority, ["good", "film"], 1) == [0, 0]
    assert deletion_drop(majority, ["good", "film"], 1, [0, 0]).top == 0


@pytest.mark.parametrize("text", ["", " \n ", "dull", "zebra"])
def test_a_text_of_one_word_or_none_has_one_share(text):
    found = attribute(small("cnn"), text, 1)
    assert len(found.words) == 1
    assert all(len(found.methods[name]) == 1 for name in METHODS)


def test_a_text_is_explained_as_far_as_it_is_read():
    found = attribute(small("gru", most_words=5), TEXTS[4], 1)
    assert found.words == ("nothing", "is", "missing", "here", ":")
    assert all(len(shares) == 5 for shares in found.methods.values())


@pytest.mark.parametrize("name", ["lstm", "cnn-naive", "transformer"])
def test_the_model_is_left_as_it_was(name):
    predictor = small(name)
    predictor.model.train()
    predictor.model.head.weight.grad = torch.ones_like(predictor.model.head.weight)
    before = untouched(predictor)
    attribute(predictor, TEXTS[0], 1)
    assert_untouched(predictor, before)


def test_deletion_takes_the_highest_shares_and_draws_the_random_ones_with_a_seed():
    predictor = small("bag-of-words")
    words = ["great", "dull", "film", "bad", "short"]
    shares = [5, 0, 4, 3, 0]
    drop = deletion_drop(predictor, words, 1, shares, seed=1)
    p = predictor.predict(["great dull film bad short", "dull short"])[:, 1]
    assert drop.top == pytest.approx(p[0] - p[1], abs=1e-7)
    assert drop == deletion_drop(predictor, words, 1, shares, seed=1)
    assert drop.random != deletion_drop(predictor, words, 1, shares, seed=2).random


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm", "cnn"])
def test_trained_models_are_explained_completely_and_by_the_words_they_stand_on(name):
    predictors, texts, _ = trained()
    predictor = predictors[name]
    drops = {method: [] for method in METHODS}
    for text in texts[::8]:
        label = int(predictor.predict([text])[0].argmax())
        found = attribute(predictor, text, label)
        assert found.completeness_error <= COMPLETENESS
        for method, shares in found.methods.items():
            drop = deletion_drop(predictor, found.words, label, shares)
            drops[method].append((drop.top, drop.random))
    for method, rows in drops.items():
        top, random = np.mean(rows, axis=0)
        assert top >= 4 * abs(random), method
