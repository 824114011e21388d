from dataclasses import replace

import pytest
import torch

from core.claims import translation, translation_remedies, translation_training
from core.claims.attention_as_written import SNIPPET, snippet_is_right
from core.claims.translation import judge_states
from core.claims.translation_remedies import EXTRAPOLATION, decoder_runs, judge_remedy
from core.claims.translation_training import SHORT, differences, trained, trained_at_once

TINY = replace(SHORT, hidden=16, pairs=64, updates=2, test_pairs=8, final_pairs=8)
TINY_SNIPPET = replace(SNIPPET, hidden=16, pairs=64, test_pairs=8, final_pairs=8)
TINY_FAR = replace(EXTRAPOLATION, hidden=16, pairs=64, updates=2, test_pairs=8, final_pairs=8)


def test_a_model_is_trained_once_and_another_seed_is_another_model():
    one, again, other = (trained("plain", TINY, seed) for seed in (0, 0, 1))
    assert one is again
    assert one.hypotheses != other.hypotheses


def test_models_that_are_trained_at_once_are_those_that_learn_alone():
    config = replace(TINY, updates=4)
    together = trained_at_once(["plain", "attention", "plain"], config, 5)
    assert together[0] is together[2] is trained("plain", config, 5)
    translation_training._trained.cache_clear()
    for name, each in zip(("plain", "attention"), together, strict=False):
        alone = trained(name, config, 5).model.state_dict()
        assert all(torch.equal(alone[key], part) for key, part in each.model.state_dict().items())


def test_training_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    trained("attention", TINY, 2)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_model_is_no_better_than_itself():
    one = trained("plain", TINY, 0)
    found = differences(one, one)
    assert set(found) == set(TINY.buckets)
    assert all(row.difference == row.low == row.high == 0 for row in found.values())


def test_what_is_kept_is_the_share_of_the_bleu_of_the_shorter_sentences():
    one = trained("plain", TINY, 0)
    scores = {6: replace(one.scores[6], bleu=80.0), 20: replace(one.scores[20], bleu=20.0)}
    assert replace(one, scores=scores).kept(6, 20) == 0.25
    assert replace(one, scores=scores).curve((6, 20)) == "80, 20"


def test_claim_31_scores_that_a_model_has_are_its_scores():
    models = [trained(name, TINY, 0) for name in ("plain", "attention")]
    lengths = (10, 50, 100)
    own = {bucket: sum(m.bleu(bucket) for m in models) / 2 for bucket in lengths}
    found = translation.bleu_follows_the_stated_curve(0, stated=own, config=TINY)
    assert found.verdict == "supported"
    assert "6 of 6 stated scores" in found.sentence
    found = translation.bleu_follows_the_stated_curve(0, config=TINY)
    assert found.verdict == "refuted"
    assert "stated 85, 60, 30" in found.measured
    assert found.n == 3 * TINY.final_pairs


@pytest.mark.slow
def test_claim_31_the_curve_of_one_model_only_depends():
    attention = trained("attention", SHORT, 0)
    stated = {bucket: attention.bleu(bucket) for bucket in (10, 50, 100)}
    found = translation.bleu_follows_the_stated_curve(0, stated=stated)
    assert found.verdict == "depends"


@pytest.mark.parametrize(
    ("cosines", "others", "lost", "others_lost", "counts"),
    [
        ((0.9, 0.9), (0.5, 0.5), (0.8, 0.8), (0.0, 0.0), (2, 0)),
        ((0.5, 0.5), (0.9, 0.9), (0.8, 0.8), (0.0, 0.0), (0, 2)),
        ((0.5, 0.9), (0.9, 0.5), (0.8, 0.8), (0.0, 0.0), (1, 1)),
        ((0.5,), (0.9,), (0.02,), (0.0,), (0, 0)),
    ],
)
def test_claim_32_is_judged_by_whom_similarity_accuses(cosines, others, lost, others_lost, counts):
    assert judge_states(cosines, others, lost, others_lost) == counts


def test_claim_32_a_model_beside_itself_says_nothing():
    found = translation.similar_states_prove_a_bottleneck(0, models=("plain",) * 2, config=TINY)
    assert found.verdict == "depends"


def test_claim_33_without_a_slip_attention_reads_no_padding_and_is_the_right_one():
    found = snippet_is_right(0, shifts=True, masks_padding=True, config=TINY_SNIPPET, updates=3)
    assert found.verdict == "supported"
    assert "0% of attention on padding" in found.measured


def test_claim_33_an_unmasked_model_reads_padding():
    found = snippet_is_right(0, shifts=True, config=TINY_SNIPPET, updates=3)
    assert found.verdict == "depends"


@pytest.mark.slow
def test_claim_33_each_slip_shows_in_its_own_number():
    copying = snippet_is_right(0, masks_padding=True)
    assert copying.verdict == "depends"
    assert "loss 0.00" in copying.measured
    assert "for it is fed the very word" in copying.sentence


@pytest.mark.parametrize(
    ("floor", "keeps_start", "verdict"),
    [(0.5, False, "refuted"), (0.0, False, "depends"), (0.5, True, "depends")],
)
def test_claim_34_one_repair_is_half_of_it(floor, keeps_start, verdict):
    found = translation.schedule_reaches_inference(
        0, floor=floor, keeps_start=keeps_start, config=TINY
    )
    assert found.verdict == verdict


def test_claim_34_a_schedule_without_a_floor_that_keeps_the_start_reaches_inference():
    found = translation.schedule_reaches_inference(0, floor=0.0, keeps_start=True, config=TINY)
    assert found.verdict == "supported"
    assert "in 0 of 100 passes" in found.measured


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (("helps", "helps"), "supported"),
        (("no effect here", "helps"), "supported"),
        (("hurts", "helps"), "depends"),
        (("helps", "no effect here"), "depends"),
        (("no effect here", "no effect here"), "refuted"),
        (("hurts", "hurts"), "refuted"),
    ],
)
def test_claim_35_is_judged_by_what_helps_where(found, verdict):
    assert judge_remedy(found) == verdict


@pytest.mark.slow
def test_claim_35_a_remedy_that_helps_is_seen_to_help():
    found = translation_remedies.sampling_is_a_remedy(0, remedy="attention")
    assert found.verdict == "supported"
    assert "attention helps at 3 of 3 lengths" in found.sentence


def test_claim_36_a_model_that_learned_nothing_is_not_better_than_another():
    found = translation_remedies.transformers_hold(0, config=TINY_FAR)
    assert found.verdict != "supported"
    assert found.n == TINY_FAR.final_pairs


@pytest.mark.slow
def test_claim_36_within_trained_lengths_the_transformer_holds_and_beats_a_plain_model():
    found = translation_remedies.transformers_hold(0, rival="plain", tested=12)
    assert found.verdict == "supported"
    found = translation_remedies.transformers_hold(0, tested=12)
    assert found.verdict == "depends"


@pytest.mark.parametrize(
    ("decoder_hidden", "layers", "has_bridge", "runs"),
    [
        (64, 1, False, False),
        (128, 1, False, False),
        (64, 2, False, True),
        (64, 1, True, True),
        (128, 1, True, True),
        (64, 2, True, True),
    ],
)
def test_claim_37_a_decoder_takes_both_directions_over_a_bridge(
    decoder_hidden, layers, has_bridge, runs
):
    assert decoder_runs(decoder_hidden, layers, has_bridge=has_bridge) == runs


def test_claim_37_what_is_no_other_model_helps_nowhere():
    found = translation_remedies.bidirectional_is_a_drop_in(0, model="plain-forward", config=TINY)
    assert "1 of 3 decoders" in found.sentence
    assert "helps at 0 of 3 lengths" in found.sentence


@pytest.mark.slow
def test_claim_37_a_bridge_and_attention_would_be_enough():
    found = translation_remedies.bidirectional_is_a_drop_in(0, has_bridge=True, model="attention")
    assert found.verdict == "supported"
    assert "the fall is gone" in found.sentence
    found = translation_remedies.bidirectional_is_a_drop_in(0, model="plain-forward")
    assert found.verdict == "refuted"
