import math

import pytest
import torch
from copying_translator import VOCABULARY, Copying, copies

from core.data.pairs import Pair
from core.decoding.beam import beam_search
from core.decoding.greedy import length_limit
from core.diagnostics.exposure import free_words
from core.diagnostics.forced_reading import make_sample
from core.diagnostics.length_effects import (
    COLUMNS,
    DecodingSettings,
    length_effects_table,
    missing_share,
)
from core.errors import ConfigError
from core.models.build_translator import build_translator
from core.models.translator import Decoded, DecoderState, Memory, Translator
from core.models.translators import TRANSLATORS
from core.text.words import UNKNOWN

SAMPLE = copies("abcdefgh", "hgfedc", "aabb")
CUTS = DecodingSettings(beam=2, length_penalty=-4)


class GardenPath(Translator):
    """Says b next with 0.6, then nothing is likely; a has 0.4, and its end is certain."""

    has_attention = has_start_state = False

    def encode(self, source_BS):
        return Memory(source_BS != 0, {})

    def start(self, memory):
        return DecoderState(0, (torch.zeros(len(memory.mask_BS), 0),))

    def decode(self, words_BT, memory, state, *, bias_BTS=None, want_attention=False):
        after = {1: {4: 0.4, 5: 0.6}, 4: {2: 1.0}, 5: {2: 0.4, 6: 0.3, 7: 0.3}}
        logits = torch.full((*words_BT.shape, VOCABULARY.size), -50.0)
        for row, words in enumerate(words_BT.tolist()):
            for step, word in enumerate(words):
                for following, probability in after.get(word, {2: 1.0}).items():
                    logits[row, step, following] = math.log(probability)
        return Decoded(logits, DecoderState(state.steps + words_BT.shape[1], state.tensors), None)


def row_of(model, sample, **options):
    return length_effects_table(model, [sample], **options).iloc[0]


def test_a_copy_is_as_long_as_its_reference_and_no_search_beats_it():
    row = row_of(Copying(), SAMPLE)
    assert row["bleu"] == row["bleu_unpenalized"] == row["beam_bleu"] == pytest.approx(100)
    assert row["brevity_penalty"] == row["length_ratio"] == row["beam_length_ratio"] == 1
    assert row["search_errors"] == row["missing"] == row["decoded_edit_error"] == 0


def test_brevity_is_taken_apart_from_the_words():
    row = row_of(Copying(stops=4), SAMPLE)  # 12 of 18 words, all of them right
    assert row["length_ratio"] == pytest.approx(12 / 18)
    assert row["brevity_penalty"] == pytest.approx(math.exp(1 - 18 / 12))
    assert row["bleu_unpenalized"] == pytest.approx(100)
    assert row["bleu"] == pytest.approx(100 * math.exp(-0.5))
    assert row["missing"] == row["greedy_edit_error"] == pytest.approx(6 / 18)


def test_nothing_said_has_no_score_without_its_brevity():
    row = row_of(Copying(stops=0), SAMPLE)
    assert row["bleu"] == row["brevity_penalty"] == 0
    assert math.isnan(row["bleu_unpenalized"])
    assert row["missing"] == 1


def test_a_penalty_that_favours_short_sentences_cuts_what_is_decoded_and_only_that():
    row = row_of(Copying(doubt=0.3), SAMPLE, settings=CUTS)
    assert row["bleu"] == row["beam_bleu"] == pytest.approx(100)
    assert row["greedy_edit_error"] == 0
    assert row["penalty_length_ratio"] < 0.5
    assert row["missing"] == row["decoded_edit_error"] > 0.5
    assert row["penalty_bleu"] < 1


def test_without_a_penalty_what_is_decoded_is_greedy_or_the_beam():
    for beam in (1, 2, 4):
        row = row_of(Copying(doubt=0.3), SAMPLE, settings=DecodingSettings(beam=beam))
        assert row["penalty_bleu"] == row["beam_bleu"]
        assert row["decoded_edit_error"] == row["greedy_edit_error"] == 0


def test_the_search_errs_where_the_model_knows_a_likelier_sentence():
    assert row_of(GardenPath(), copies("ab", "b"))["search_errors"] == 1  # a, 0.4 against 0.24
    assert row_of(GardenPath(), copies("b", "b"), least_beam=1)["search_errors"] == 0
    assert row_of(GardenPath(), copies("a", "b"), least_beam=1)["search_errors"] == 0.5  # reference


@pytest.mark.parametrize("name", ["plain", "attention", "transformer-sinusoidal"])
def test_search_errors_are_those_of_probabilities_computed_one_by_one(name):
    size = VOCABULARY.size
    model = build_translator(TRANSLATORS[name], source_size=size, target_size=size, hidden=16)
    source = SAMPLE.batch.inputs.source_BS

    @torch.no_grad()
    def log_probability(row, words, *, ends=True):
        said = [*words, 2] if ends else words
        read = torch.tensor([[1, *said[:-1]]])
        memory = model.encode(source[row : row + 1])
        logs = model.decode(read, memory, model.start(memory)).logits_BTV.log_softmax(-1)[0]
        return sum(float(logs[at, word]) for at, word in enumerate(said))

    most = length_limit(8)
    found = beam_search(model, source, beam=4, most=most)
    missed = 0
    for row, words in enumerate(free_words(model, SAMPLE)):
        greedy = log_probability(row, words, ends=len(words) < most)
        best = found[row][0]
        searched = log_probability(row, best.words, ends=best.finished)
        reference = log_probability(row, VOCABULARY.encode(SAMPLE.pairs[row].target))
        missed += max(searched, reference) > greedy + 1e-3
    assert row_of(model, SAMPLE)["search_errors"] == pytest.approx(missed / 3)


def test_a_reference_that_no_decoder_can_say_is_no_search_error():
    size = VOCABULARY.size
    model = build_translator(TRANSLATORS["plain"], source_size=size, target_size=size, hidden=16)
    with torch.no_grad():
        model.head.bias[UNKNOWN] = 20.0
    pairs = [Pair(("a", "b"), ("never", "seen")), Pair(("b",), ("never", "seen"))]
    sample = make_sample(2, pairs, VOCABULARY, VOCABULARY)
    assert row_of(model, sample, least_beam=1)["search_errors"] == 0


def test_longer_sentences_do_not_make_up_for_shorter_ones():
    assert missing_share([["a"], ["a"] * 5], [["a"] * 3, ["a"] * 3]) == pytest.approx(2 / 6)
    assert missing_share([], []) == 0


@pytest.mark.parametrize("wrong", [{"beam": 0}, {"planted_error": 0}])
def test_settings_below_one_are_refused(wrong):
    with pytest.raises(ConfigError, match="start at 1"):
        DecodingSettings(**wrong)


def test_columns_are_those_declared_with_and_without_rows():
    assert list(length_effects_table(Copying(), [SAMPLE])) == list(COLUMNS)
    for samples in ([], [copies()]):
        assert list(length_effects_table(Copying(), samples)) == list(COLUMNS)
        assert length_effects_table(Copying(), samples).empty


def test_the_mode_and_the_batch_are_left_alone():
    model = Copying().train()
    before = [tensor.clone() for tensor in SAMPLE.batch.inputs]
    length_effects_table(model, [SAMPLE], settings=CUTS)
    assert model.training
    assert all(map(torch.equal, before, SAMPLE.batch.inputs))
