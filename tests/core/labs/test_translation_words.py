from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.data.pairs import Pair
from core.labs.translation_config import TranslationConfig
from core.labs.translation_diagnosis import ModelDiagnosis, diverged
from core.labs.translation_words import describe_translation
from core.metrics.bleu import BucketScore, Scores

BUCKETS = (10, 25, 50, 75)


def scored(*bleus, spread=2.0, n=96):
    """Return the scores of a model with this BLEU at each bucket; None: no sentence there."""
    rows = tuple(
        BucketScore(
            bucket=bucket,
            low_length=1,
            high_length=None,
            n=n if bleu is not None else 0,
            bleu=bleu,
            low=None if bleu is None else max(0.0, bleu - spread),
            high=None if bleu is None else bleu + spread,
        )
        for bucket, bleu in zip(BUCKETS, bleus, strict=False)
    )
    overall = BucketScore(bucket=None, low_length=1, high_length=None, n=n)
    return Scores(overall=overall, buckets=rows, signature="", chrf_signature="")


def counted(scores, *numbers):
    """Return the scores with so many sentences in each bucket."""
    rows = zip(scores.buckets, numbers, strict=True)
    return replace(scores, buckets=tuple(replace(row, n=n) for row, n in rows))


def said(scores, *, pairs=(96, 96, 96, 96), lengths=BUCKETS, diagnosed=None, **settings):
    config = TranslationConfig(**{"buckets": BUCKETS, "longest": 75, **settings})
    test = {
        bucket: (Pair((), ("word",) * words),) * n
        for bucket, n, words in zip(BUCKETS, pairs, lengths, strict=True)
    }
    material = SimpleNamespace(corpus=SimpleNamespace(test=test))
    return describe_translation(config, scores, material, diagnosed or {})


@pytest.mark.parametrize(
    ("bleus", "words"),
    [
        ((100, 99, 97, 80), "it holds over the lengths it was trained on"),
        ((100, 99, 97, 79), "it falls with length"),
        ((100, 60, 55, 51), "it falls with length"),
        ((95, 29, 16, 12), "it breaks down with length"),
        ((19, 8, 2, 1), "it has not learned the short ones yet"),
        ((0, 0, 0, 0), "it has not learned the short ones yet"),
    ],
)
def test_the_curve_is_put_into_words_with_its_numbers(bleus, words):
    (sentence,) = said({"attention": scored(*map(float, bleus))})
    first, _, third, last = bleus
    assert sentence.startswith(f"Attention: BLEU {first} (")
    assert f"at 10 words, {last} (" in sentence
    assert f"({third} (" in sentence
    assert sentence.endswith(f"at 50): {words}.")


def test_each_model_has_its_sentence_in_the_order_of_the_scores():
    sentences = said({"plain": scored(95, 29, 16, 12), "attention": scored(99, 99, 98, 97)})
    assert [sentence.split(":")[0] for sentence in sentences] == ["Plain", "Attention"]


def test_only_trained_lengths_are_judged_and_the_others_called_extrapolation():
    sentences = said({"attention": scored(99.0, 98.0, 40.0, 20.0)}, longest=25)
    assert "98 (96 to 100) at 25: it holds" in sentences[0]
    assert sentences[1] == "Trained on 4 to 25 words: 50 and 75 words are extrapolation."


def test_where_no_trained_length_is_tested_the_others_are_told():
    sentences = said({"attention": scored(60.0, 50.0, 40.0, 20.0)}, longest=8, shortest=4)
    assert sentences[0].startswith("Attention: BLEU 60 (58 to 62) at 10 words")


def test_one_length_alone_has_no_shape():
    (sentence, none) = said({"plain": scored(60.0, None, None, None)}, pairs=(96, 0, 0, 0))
    assert sentence == "Plain: BLEU 60 (58 to 62) at 10 words."
    assert none == "There is no test sentence at 25, 50 and 75 words."


def test_without_any_sentence_it_is_said_that_there_is_none():
    sentences = said({"plain": scored(None, None, None, None)}, pairs=(0, 0, 0, 0))
    assert sentences[0] == "Plain: there is no sentence to test it on."


def test_lengths_with_few_tested_sentences_are_named_with_their_number():
    scores = counted(scored(95, 29, 16, 12), 30, 29, 96, 1)
    assert said({"plain": scores})[-1] == (
        "Too few sentences to read much from: 29 at 25 and 1 at 75 words."
    )
    assert "Too few" not in said({"plain": scored(95, 29, 16, 12)})[-1]


def test_under_way_only_the_sentences_that_were_tested_count():
    few = said({"plain": scored(95, 29, 16, 12, n=10)}, pairs=(96, 96, 96, 96))[-1]
    assert few.startswith("Too few sentences to read much from: 10 at 10")


def test_lengths_without_four_words_in_a_row_are_not_judged_by_bleu():
    scores = scored(0.0, 90.0, 85.0, 80.0)
    curve, told = said({"attention": scores}, lengths=(3, 25, 50, 75))
    assert curve.startswith("Attention: BLEU 90 (88 to 92) at 25 words")
    assert curve.endswith("it holds over the lengths it was trained on.")
    assert told.startswith("BLEU counts 4 words in a row: at 10 words it says nothing")
    curve, _ = said({"attention": scores}, lengths=(1, 2, 3, 3))
    assert curve == "Attention: sentences are too short for BLEU."


def test_why_is_said_after_the_curve_with_the_name_of_the_model():
    found = ModelDiagnosis("bottleneck", "The state is too small.", [])
    sentences = said({"plain": scored(95, 29, 16, 12)}, diagnosed={"plain": found})
    assert sentences[1] == "Plain, the state is too small."


def test_a_model_that_diverged_is_said_to_have_and_when():
    sentences = said({"plain": scored(0, 0, 0, 0)}, diagnosed={"plain": diverged(41)})
    assert sentences[1].startswith("Plain, diverged: loss or gradient was not finite at update 41")


def test_a_ladder_has_sentences_of_its_own():
    assert said({"plain": scored(95, 29, 16, 12)}, schedule="ladder") == []


def test_of_many_models_it_is_said_who_shares_a_verdict():
    names = ("plain", "bidirectional", "hierarchical", "attention", "attention-dot")
    verdicts = ["bottleneck"] * 3 + ["nothing dominates"] * 2
    found = {
        name: ModelDiagnosis(verdict, "Long.", [])
        for name, verdict in zip(names, verdicts, strict=True)
    }
    words = said({}, diagnosed=found)
    assert "Diagnosis. Bottleneck: Plain; Bidirectional; Hierarchical." in words
    assert "Diagnosis. Nothing dominates: Attention; Attention, dot." in words
    assert not any("long" in sentence for sentence in words)
