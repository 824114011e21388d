import random

import numpy as np
import pytest
from sacrebleu.metrics import BLEU
from sacrebleu.significance import PairedTest

from core.errors import ConfigError
from core.metrics.bleu import score_buckets
from core.metrics.buckets import Buckets
from core.metrics.paired import Difference, compare_systems

BUCKETS = Buckets((5, 12, 20))
WORDS = [f"w{i}" for i in range(30)]


def systems(seed, first_noise, second_noise, sentences=80):
    """Return two systems' hypotheses and the references, as words."""
    chance = random.Random(seed)
    references = [[chance.choice(WORDS) for _ in range(5 + i % 10)] for i in range(sentences)]

    def noisy(noise):
        return [
            [chance.choice(WORDS) if chance.random() < noise else w for w in r] for r in references
        ]

    return noisy(first_noise), noisy(second_noise), references


def test_the_difference_is_that_of_the_two_scores():
    first, second, references = systems(0, 0.1, 0.3)
    comparison = compare_systems(first, second, references, BUCKETS)
    ours, theirs = (score_buckets(system, references, BUCKETS) for system in (first, second))
    assert comparison.overall.difference == pytest.approx(ours.overall.bleu - theirs.overall.bleu)
    for found, a, b in zip(comparison.buckets[:2], ours.buckets, theirs.buckets, strict=False):
        assert (found.bucket, found.n) == (a.bucket, a.n)
        assert found.difference == pytest.approx(a.bleu - b.bleu)
    assert comparison.buckets[2] == Difference(bucket=20, n=0)
    assert comparison.signature == ours.signature


def test_a_better_system_is_found_so_and_its_rival_worse():
    first, second, references = systems(1, 0.1, 0.4)
    better = compare_systems(first, second, references, BUCKETS).overall
    worse = compare_systems(second, first, references, BUCKETS).overall
    assert 0 < better.low < better.difference < better.high
    assert better.p_value < 0.01
    assert worse.high < 0
    assert (worse.difference, worse.p_value) == (pytest.approx(-better.difference), better.p_value)


def test_a_system_does_not_differ_from_itself():
    first, _, references = systems(2, 0.2, 0.2)
    same = compare_systems(first, first, references, BUCKETS).overall
    assert (same.difference, same.low, same.high, same.p_value) == (0, 0, 0, 1)


def test_what_is_hard_for_both_cancels():
    first, _, references = systems(3, 0.3, 0.3)
    second = [["other", *words[1:]] if i % 4 == 0 else words for i, words in enumerate(first)]
    paired = compare_systems(first, second, references, BUCKETS).overall
    alone = score_buckets(first, references, BUCKETS).overall
    assert paired.high - paired.low < (alone.high - alone.low) / 2


def test_two_equals_are_told_apart_about_as_often_as_by_chance():
    found = 0
    for seed in range(100):
        arguments = systems(seed, 0.3, 0.3, sentences=40)
        found += (
            compare_systems(*arguments, BUCKETS, resamples=200, seed=seed).overall.p_value < 0.05
        )
    assert found <= 14


@pytest.mark.parametrize("seed", range(3))
def test_p_is_twice_that_of_sacrebleus_paired_bootstrap_which_looks_at_one_side(seed, monkeypatch):
    monkeypatch.setenv("SACREBLEU_SEED", "1")
    first, second, references = systems(seed + 20, 0.30, 0.33)
    ours = compare_systems(first, second, references, BUCKETS, resamples=2000).overall
    named = [(n, [" ".join(words) for words in s]) for n, s in (("b", second), ("a", first))]
    metrics = {"BLEU": BLEU(tokenize="none", force=True)}
    _, results = PairedTest(
        named, metrics, [[" ".join(r) for r in references]], test_type="bs", n_samples=2000
    )()
    assert ours.p_value == pytest.approx(2 * results["BLEU"][1].p_value, rel=0.25, abs=0.01)
    assert ours.difference == pytest.approx(results["BLEU"][1].score - results["BLEU"][0].score)


def test_one_sentence_has_a_difference_and_no_interval():
    words = WORDS[:8]
    found = compare_systems([words], [words[:5]], [words], BUCKETS).overall
    assert found == Difference(
        bucket=None, n=1, difference=pytest.approx(100 - 100 * np.exp(1 - 8 / 5))
    )


def test_unequal_numbers_of_sentences_are_refused():
    with pytest.raises(ConfigError, match="1 hypotheses and 2 references"):
        compare_systems([["a"]] * 2, [["a"]], [["a"]] * 2, BUCKETS)
