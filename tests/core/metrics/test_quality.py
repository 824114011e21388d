import functools
import random
import time

import numpy as np
import pytest

from core.metrics.quality import edit_distances, edit_error, exact_match, token_accuracy


def slow_distance(hypothesis, reference):
    """Return the edit distance by its definition."""

    @functools.cache
    def distance(i, j):
        if i == 0 or j == 0:
            return i + j
        return min(
            distance(i - 1, j) + 1,
            distance(i, j - 1) + 1,
            distance(i - 1, j - 1) + (hypothesis[i - 1] != reference[j - 1]),
        )

    return distance(len(hypothesis), len(reference))


def test_token_accuracy_counts_the_words_at_their_very_position():
    hypotheses = [["a", "b", "c"], ["x", "a", "b"], [], ["a", "b", "c", "d"]]
    references = [["a", "b", "d"], ["a", "b"], ["a"], ["a", "b", "c"]]
    assert token_accuracy(hypotheses, references) == pytest.approx((2 + 0 + 0 + 3) / 9)


def test_exact_match_counts_whole_sentences_in_whatever_sequence():
    assert exact_match([["a"], ("a", "b"), [], ["a"]], [("a",), ["a", "b"], [], ["b"]]) == 0.75


def test_edits_are_counted_per_word_of_all_references():
    hypotheses = [["a", "b", "c"], ["x", "a", "b"], []]
    references = [["a", "b", "d"], ["a", "b"], ["a", "b", "c", "d", "e"]]
    assert edit_distances(hypotheses, references).tolist() == [1, 1, 5]
    assert edit_error(hypotheses, references) == pytest.approx(7 / 10)
    assert edit_error([["a"] * 9], [["b"]]) == 9


@pytest.mark.parametrize("seed", range(4))
def test_edits_are_those_of_the_definition(seed):
    chance = random.Random(seed)
    sentences = [[chance.randint(0, 3) for _ in range(chance.randint(0, 12))] for _ in range(300)]
    hypotheses, references = sentences[:150], sentences[150:]
    slow = [slow_distance(tuple(h), tuple(r)) for h, r in zip(hypotheses, references, strict=True)]
    assert edit_distances(hypotheses, references).tolist() == slow


@pytest.mark.parametrize("measure", [token_accuracy, exact_match, edit_error])
def test_nothing_to_divide_by_is_none(measure):
    assert measure([], []) is None
    if measure is not exact_match:
        assert measure([["a"]], [[]]) is None


@pytest.mark.parametrize("measure", [token_accuracy, exact_match, edit_error])
def test_a_reference_that_is_missing_is_our_own_mistake(measure):
    with pytest.raises(ValueError, match=r"shorter|hypotheses"):
        measure([["a"], ["b"]], [["a"]])


def test_edits_of_the_final_test_take_less_than_a_second():
    ids = np.random.default_rng(0).integers(60, size=(2, 576, 150)).tolist()
    before = time.process_time()
    edit_error(*ids)
    assert time.process_time() - before < 1
