import time

import numpy as np
import pytest
from sacrebleu.metrics import BLEU

from core.metrics.intervals import (
    bootstrap_interval,
    middle,
    resampled_bleu,
    resampled_counts,
    two_sided_p,
)


def sentence_counts(random, sentences=60, words=12, right=0.7):
    """Return statistics that a system with this share of right words could have."""
    lengths = random.integers(words - 3, words + 4, size=sentences)
    total = np.maximum(lengths[:, None] - np.arange(4), 0)
    correct = random.binomial(total, right ** np.arange(1, 5))
    return np.column_stack([lengths, np.full(sentences, words), correct, total])


def test_the_bleu_of_a_resample_is_sacrebleus():
    random = np.random.default_rng(0)
    total = np.maximum(random.integers(0, 9, size=(3000, 1)) - np.arange(4), 0)
    correct = random.integers(0, total + 1)
    correct[::3, 2:] = 0
    correct[::7] = 0
    lengths = np.column_stack([total[:, 0], random.integers(0, 9, size=3000)])
    rows = np.column_stack([lengths, correct, total])
    metric = BLEU(tokenize="none")
    theirs = [metric._compute_score_from_stats(row).score for row in rows.tolist()]
    assert resampled_bleu(rows.astype(float)) == pytest.approx(theirs, abs=1e-9)
    assert len({round(score, 6) for score in theirs}) > 100


def test_a_resample_is_the_sum_of_as_many_sentences_as_there_are():
    powers = 10 ** np.arange(4)[:, None] * np.ones((1, 2), dtype=np.int64)
    sums = resampled_counts(powers, resamples=500, seed=0)[:, 0]
    digits = np.array([[int(d) for d in f"{int(total):04d}"] for total in sums])
    assert (digits.sum(1) == 4).all()
    assert digits.mean(0) == pytest.approx(np.ones(4), abs=0.15)


def test_draws_in_pieces_are_whole(monkeypatch):
    counts = sentence_counts(np.random.default_rng(1), sentences=7)
    whole = resampled_counts(counts, 50, seed=3)
    monkeypatch.setattr("core.metrics.intervals._MOST_DRAWN", 20)
    pieces = resampled_counts(counts, 50, seed=3)
    assert np.array_equal(whole, pieces)


def test_the_interval_holds_the_true_bleu_about_as_often_as_it_says():
    random = np.random.default_rng(2)
    true = resampled_bleu(sentence_counts(random, 200_000).sum(0, keepdims=True).astype(float))[0]
    held = 0
    for trial in range(200):
        low, high = bootstrap_interval(sentence_counts(random), resamples=200, seed=trial)
        held += low <= true <= high
    assert 0.88 <= held / 200 <= 0.99


def test_the_interval_narrows_with_the_root_of_the_sentences():
    random = np.random.default_rng(3)
    few, many = (bootstrap_interval(sentence_counts(random, n)) for n in (50, 5000))
    assert (few[1] - few[0]) / (many[1] - many[0]) == pytest.approx(10, rel=0.35)


@pytest.mark.parametrize("sentences", [0, 1])
def test_fewer_than_two_sentences_have_no_interval(sentences):
    assert bootstrap_interval(np.ones((sentences, 10), dtype=np.int64)) == (None, None)


def test_the_middle_leaves_a_fortieth_out_on_each_side():
    assert middle(np.arange(1001.0)) == pytest.approx((25, 975))


def test_p_is_small_where_resamples_agree_and_1_where_nothing_differs():
    assert two_sided_p(np.ones(999)) == pytest.approx(2 / 1000)
    assert two_sided_p(-np.ones(999)) == pytest.approx(2 / 1000)
    assert two_sided_p(np.zeros(999)) == 1
    assert two_sided_p(np.array([-1.0, 1.0] * 50)) == 1


def test_six_buckets_of_200_sentences_take_milliseconds():
    counts = sentence_counts(np.random.default_rng(4), sentences=200)
    bootstrap_interval(counts)
    before = time.process_time()
    for seed in range(6):
        bootstrap_interval(counts, resamples=1000, seed=seed)
    assert time.process_time() - before < 0.2
