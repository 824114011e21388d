from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.pairs import Pair
from core.decoding.beam import beam_search
from core.decoding.greedy import greedy, length_limit
from core.decoding.pieces import greedy_in_pieces
from core.labs.pair_material import build_pair_material
from core.labs.translation_config import TranslationConfig
from core.labs.translation_race import build_lab_translator
from core.labs.translation_scores import (
    Examiner,
    Translations,
    attention_event,
    bleu_columns,
    conjunctions,
    effect,
    floor_columns,
    paired_columns,
    references,
    sample_columns,
    score,
    teacher_forced_hits,
)
from core.labs.translation_scores import tested_pairs as pairs_of
from core.models.translators import find_translator
from core.text.words import BOS, PAD, UNKNOWN

CONFIG = TranslationConfig(
    models=("plain", "plain-pieces", "attention", "transformer-sinusoidal"),
    hidden=16,
    shortest=3,
    longest=12,
    buckets=(5, 10, 20),
    pairs=80,
    test_pairs=2,
    final_pairs=4,
)
MATERIAL = build_pair_material(CONFIG)
CPU = torch.device("cpu")


def examiner(**changes):
    return Examiner(replace(CONFIG, **changes), MATERIAL, CPU)


def lab_model(name="attention", sharpness=6.0):
    """Return a model that never learned but is sure of what it says."""
    model = build_lab_translator(name, CONFIG, MATERIAL)
    with torch.no_grad():
        model.head.weight.mul_(sharpness)
    return model


def translated(name="attention", count=4, searched=False, **changes):
    spec = find_translator(name)
    model = lab_model(spec.pieces_of or name)
    return examiner(**changes).translate(spec, model, count=count, searched=searched)


def with_tests(test):
    return replace(MATERIAL, corpus=replace(MATERIAL.corpus, test=test))


def perfect(material, count):
    wanted = references(material, count)
    return Translations(wanted, [[0.0] * len(words) for words in wanted])


@pytest.mark.parametrize("name", ["plain", "attention", "transformer-sinusoidal"])
def test_all_pairs_of_a_bucket_are_translated_as_greedy_does_one_by_one(name):
    found = translated(name)
    model = lab_model(name).eval()
    at = 0
    for pairs in pairs_of(MATERIAL, 4).values():
        most = length_limit(max(len(pair.target) for pair in pairs))
        for pair in pairs:
            alone = greedy(model, examiner().batch([pair]).inputs.source_BS, most=most)
            assert found.hypotheses[at] == MATERIAL.target_vocabulary.decode(alone.words[0])
            logs = alone.log_probabilities[0]
            assert found.log_probabilities[at] == pytest.approx(logs, abs=1e-3)
            at += 1
    assert at == len(found.hypotheses) == 12


def test_the_final_test_is_decoded_as_the_config_says_and_those_under_way_greedily():
    settings = {"beam": 3, "length_penalty": 1.0}
    model = lab_model().eval()
    pairs = MATERIAL.corpus.test[5][:4]
    source_BS = examiner().batch(pairs).inputs.source_BS
    most = length_limit(max(len(pair.target) for pair in pairs))
    best = beam_search(model, source_BS, most=most, **settings)
    expected = [MATERIAL.target_vocabulary.decode(each[0].words) for each in best]
    assert translated(searched=True, **settings).hypotheses[:4] == expected
    assert translated(searched=False, **settings) == translated()
    assert expected != translated().hypotheses[:4]


def test_more_pairs_than_are_read_at_once_keep_their_order(monkeypatch):
    whole = translated()
    monkeypatch.setattr("core.labs.translation_scores.SENTENCES_AT_ONCE", 3)
    parts = translated()
    assert parts.teacher_forced == pytest.approx(whole.teacher_forced)
    assert parts.hypotheses == whole.hypotheses


@pytest.mark.parametrize(("name", "beam"), [("attention", 2), ("plain-pieces", 1)])
def test_no_more_pairs_are_searched_or_cut_at_once_than_fit(monkeypatch, name, beam):
    whole = translated(name, searched=True, beam=beam)
    read = []
    monkeypatch.setattr("core.labs.translation_scores.SENTENCES_AT_ONCE", 3)
    for function in (beam_search, greedy_in_pieces):
        monkeypatch.setattr(
            f"core.labs.translation_scores.{function.__name__}",
            lambda model, some, *rest, function=function, **settings: (
                read.append(len(some)) or function(model, some, *rest, **settings)
            ),
        )
    assert translated(name, searched=True, beam=beam).hypotheses == whole.hypotheses
    assert read == [3, 1] * 3


def test_the_model_is_trained_on_as_before():
    model = lab_model("transformer-sinusoidal")
    examiner().translate(find_translator("transformer-sinusoidal"), model, count=2)
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_teacher_forced_hits_counted_one_by_one():
    model, batch = lab_model().eval(), examiner().batch(MATERIAL.corpus.test[10][:4])
    logits_BTV = model(batch.inputs)
    logits_BTV[..., [PAD, BOS, UNKNOWN]] = -torch.inf
    best = logits_BTV.argmax(-1)
    hits = words = 0
    for row, targets in zip(best.tolist(), batch.targets.tolist(), strict=True):
        for said, wanted in zip(row, targets, strict=True):
            if wanted != PAD:
                words += 1
                hits += said == wanted
    assert teacher_forced_hits(model, batch) == (hits, words)
    assert words == sum(len(pair.target) + 1 for pair in MATERIAL.corpus.test[10][:4])


def test_an_unknown_word_is_never_right():
    model = lab_model().eval()
    with torch.no_grad():
        model.head.bias[UNKNOWN] = 1e6
    pairs = [Pair(pair.source, ("never-seen",) * 5) for pair in MATERIAL.corpus.test[5][:2]]
    hits, words = teacher_forced_hits(model, examiner().batch(pairs))
    assert words == 2 * (5 + 1)
    assert hits <= 2  # of the ends


def test_pieces_have_no_accuracy_after_the_right_words():
    assert translated("plain-pieces").teacher_forced == {}
    assert set(translated("plain").teacher_forced) == {5, 10, 20}


def test_every_tested_pair_counts_in_its_own_bucket():
    found = perfect(MATERIAL, 4)
    scores = score(found, MATERIAL, 4)
    columns = bleu_columns(scores, found, CONFIG.trained)
    assert columns["bucket"] == [5, 10, 20]
    assert columns["n"] == [4, 4, 4]
    assert columns["bleu"] == pytest.approx([100] * 3)
    assert columns["exact_match"] == [1, 1, 1]
    assert columns["trained"] == [True, True, False]
    assert columns["teacher_forced_accuracy"] == [None] * 3


def test_chrf_is_left_out_under_way():
    found = perfect(MATERIAL, 2)
    scores = score(found, MATERIAL, 2, with_chrf=False)
    assert bleu_columns(scores, found, ())["chrf"] == [None] * 3


def test_a_bucket_without_a_pair_has_n_0_and_no_numbers_anywhere():
    material = with_tests({5: MATERIAL.corpus.test[5], 10: (), 20: ()})
    found = perfect(material, 4)
    columns = bleu_columns(score(found, material, 4), found, CONFIG.trained)
    assert columns["n"] == [4, 0, 0]
    for name in ("bleu", "low", "high", "brevity_penalty", "length_ratio", "chrf"):
        assert columns[name][1:] == [None, None]
    floor = floor_columns(material, 4)
    assert (floor["n"], floor["bleu"][1:]) == ([4, 0, 0], [None, None])
    paired = paired_columns({"plain": found, "attention": found}, "plain", material, 4)
    assert paired["bucket"] == [5]
    assert set(sample_columns(found, material, 4)["bucket"]) == {5}


def test_the_floor_is_far_below_the_references_themselves():
    floor = floor_columns(MATERIAL, 4)
    assert floor["n"] == [4, 4, 4]
    assert all(0 <= bleu < 60 for bleu in floor["bleu"])


def test_a_perfect_model_is_really_better_than_a_silent_one():
    silent = Translations(hypotheses=[[] for _ in references(MATERIAL, 4)])
    found = {"plain": silent, "attention": perfect(MATERIAL, 4), "plain-gru": silent}
    columns = paired_columns(found, "plain", MATERIAL, 4)
    assert columns["model"] == ["attention"] * 3 + ["plain-gru"] * 3
    assert columns["difference"] == pytest.approx([100] * 3 + [0] * 3)
    assert columns["real"] == [True] * 3 + [False] * 3


@pytest.mark.parametrize(
    ("difference", "low", "high", "expected"),
    [
        (20.0, 12.0, 28.0, "helps"),
        (20.0, -1.0, 41.0, "no effect here"),
        (4.9, 3.0, 6.0, "no effect here"),
        (5.0, 0.1, 9.0, "helps"),
        (-20.0, -28.0, -12.0, "hurts"),
        (-4.9, -6.0, -3.0, "no effect here"),
        (-20.0, -41.0, 1.0, "no effect here"),
        (0.0, 0.0, 0.0, "no effect here"),
    ],
)
def test_an_effect_is_one_that_other_seeds_would_not_undo(difference, low, high, expected):
    assert effect(difference, low, high) == expected


def test_samples_are_the_first_pairs_of_each_bucket_with_their_own_translations():
    found = translated()
    columns = sample_columns(found, MATERIAL, 4, each=2)
    assert columns["sample"] == [0, 1] * 3
    assert columns["bucket"] == [5, 5, 10, 10, 20, 20]
    at = [0, 1, 4, 5, 8, 9]
    assert columns["hypothesis"] == [" ".join(found.hypotheses[i]) for i in at]
    assert columns["reference"] == [" ".join(references(MATERIAL, 4)[i]) for i in at]
    for source, bucket, index in zip(
        columns["source"], columns["bucket"], columns["sample"], strict=True
    ):
        assert source == " ".join(MATERIAL.corpus.test[bucket][index].source)


@pytest.mark.parametrize(("name", "maps"), [("attention", 1), ("transformer-sinusoidal", 8)])
def test_attention_is_of_a_trained_length_with_every_word_named(name, maps):
    (event,) = attention_event(examiner(), name, lab_model(name), 7)
    assert (event.name, event.model, event.step) == ("attention", name, 7)
    source = event.labels["source"]
    assert source[:-1] == list(MATERIAL.corpus.test[10][0].source)
    assert event.array.shape == (maps, len(event.labels["target"]), len(source))
    np.testing.assert_allclose(event.array.sum(-1), 1, atol=1e-5)


def test_attention_without_a_test_pair_is_not_shown():
    nothing = Examiner(CONFIG, with_tests({5: (), 10: (), 20: ()}), CPU)
    assert list(attention_event(nothing, "attention", lab_model(), 1)) == []


def test_only_the_grammars_have_clauses_to_cut_at():
    assert {"and", "but"} & set(conjunctions("grammar"))
    assert set(conjunctions("grammar")) <= set(conjunctions("grammar-large"))
    for task in ("copy", "numbers", "own"):
        assert conjunctions(task) == ()


def test_the_pairs_under_way_are_the_first_of_those_at_the_end():
    some, all_ = pairs_of(MATERIAL, 2), pairs_of(MATERIAL, 4)
    for bucket, pairs in some.items():
        assert isinstance(pairs[0], Pair)
        assert pairs == all_[bucket][:2]
