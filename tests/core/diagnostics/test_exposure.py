import math

import pytest
import torch
from copying_translator import VOCABULARY, Copying, copies

from core.data.pairs import Pair
from core.diagnostics.exposure import (
    EXPOSURE_COLUMNS,
    POSITION_COLUMNS,
    RECOVERY_COLUMNS,
    exposure_table,
    free_words,
    plant_error,
    position_table,
    recovery_table,
)
from core.diagnostics.forced_reading import make_sample, read_forced
from core.metrics.quality import exact_match
from core.models.build_translator import build_translator
from core.models.translators import TRANSLATORS

SAMPLE = copies("abcde", "fgh", "ab", "bcdefgha")
TABLES = {
    exposure_table: EXPOSURE_COLUMNS,
    recovery_table: RECOVERY_COLUMNS,
    position_table: POSITION_COLUMNS,
}


def built(name, seed=0):
    size = VOCABULARY.size
    return build_translator(
        TRANSLATORS[name], source_size=size, target_size=size, hidden=16, seed=seed
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_planted_word_is_another_and_all_else_is_as_it_was(seed):
    planted = plant_error(SAMPLE, 2, seed=seed)
    assert planted.sample_index_B.tolist() == [0, 1, 3]  # ab has no word after the second
    before, after = SAMPLE.batch.inputs.target_BT[[0, 1, 3]], planted.batch.inputs.target_BT
    assert (before[:, 2] != after[:, 2]).all()
    assert after[:, 2].min() >= 4
    assert after[:, 2].max() < VOCABULARY.size
    after[:, 2] = before[:, 2]
    assert torch.equal(before, after)
    assert torch.equal(planted.batch.targets, SAMPLE.batch.targets[[0, 1, 3]])


def test_every_other_word_is_planted_sooner_or_later():
    words = {plant_error(SAMPLE, 1, seed=s).batch.inputs.target_BT[0, 1].item() for s in range(99)}
    assert words == set(range(5, 12))  # all but a, which is 4


def test_a_vocabulary_of_one_word_has_no_wrong_one():
    one = type(VOCABULARY).of([["a"]])
    sample = make_sample(10, [Pair(("a",) * 4, ("a",) * 4)], one, one)
    assert len(plant_error(sample, 1).sample_index_B) == 0


def test_a_model_that_minds_no_mistake_loses_only_what_it_loses_anyway():
    row = exposure_table(Copying(), [SAMPLE], planted_word=2).iloc[0]
    assert row["n"] == 4
    assert row["n_planted"] == 3
    assert row["first_error"] == 1
    errors = ["teacher_forced_error", "edit_error", "clean_edit_error", "planted_edit_error"]
    assert row[errors].tolist() == [0, 0, 0, 0]


def test_a_model_that_is_lost_after_one_mistake_loses_the_rest():
    sample = copies("abcde", "edcba")
    row = exposure_table(Copying(fragile=True), [sample], planted_word=2).iloc[0]
    assert row["teacher_forced_error"] == row["clean_edit_error"] == row["edit_error"] == 0
    assert row["planted_edit_error"] == 1


def test_the_planted_word_itself_is_no_error():
    sample = copies("abc")  # one word after the planted one, which a copier gets right
    row = exposure_table(Copying(), [sample], planted_word=2, seed=4).iloc[0]
    assert row["planted_edit_error"] == 0


def test_errors_by_hand_where_a_model_stops_after_two_words():
    sample = copies("abcd", "ab")
    row = exposure_table(Copying(stops=2), [sample], planted_word=1).iloc[0]
    assert row["teacher_forced_error"] == pytest.approx(2 / 8)  # c and d
    assert row["edit_error"] == pytest.approx(2 / 6)
    assert row["first_error"] == pytest.approx((2 / 5 + 1) / 2)
    assert row["clean_edit_error"] == row["planted_edit_error"] == pytest.approx(2 / 4)


def test_without_a_sentence_long_enough_nothing_is_planted():
    row = exposure_table(Copying(), [copies("ab")], planted_word=2).iloc[0]
    assert row["n_planted"] == 0
    assert math.isnan(row["planted_edit_error"])
    assert math.isnan(row["clean_edit_error"])
    assert recovery_table(Copying(), [copies("ab")], planted_word=2).empty


@pytest.mark.parametrize(("fragile", "planted"), [(False, [1, 1, 1, 1]), (True, [0, 0.5, 0, 1])])
def test_recovery_counts_each_word_after_the_planted_one(fragile, planted):
    table = recovery_table(Copying(fragile=fragile), [copies("abcde", "abc")], planted_word=2)
    assert table["distance"].tolist() == [1, 2, 3, 4]
    assert table["n"].tolist() == [2, 2, 1, 1]
    assert (table["clean"] == 1).all()
    assert table["planted"].tolist() == planted  # the end counts as a word: the lost one says it


def test_recovery_ends_where_it_is_told_to():
    table = recovery_table(Copying(), [SAMPLE], planted_word=1, furthest=3)
    assert table["distance"].tolist() == [1, 2, 3]


def test_positions_by_hand_where_a_model_stops_after_two_words():
    table = position_table(Copying(stops=2), [copies("abcd", "efgh")])
    assert table["position"].tolist() == pytest.approx([0.025, 0.275, 0.525, 0.775])
    assert table["n"].tolist() == [2, 2, 2, 2]
    assert table["teacher_forced"].tolist() == table["free_running"].tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize("name", ["plain", "attention", "transformer-sinusoidal"])
def test_a_sentence_decodes_right_just_when_each_of_its_words_is_right(name):
    model = built(name, seed=1)
    said = free_words(model, SAMPLE)
    pairs = [
        Pair(pair.source, tuple(VOCABULARY.decode(words[:6])))  # a reference that it can reach
        for pair, words in zip(SAMPLE.pairs, said, strict=True)
    ]
    sample = make_sample(10, [*pairs, *SAMPLE.pairs], VOCABULARY, VOCABULARY)
    right = read_forced(model, sample.batch).right_BT
    is_right = (right | ~sample.is_real).all(1).tolist()
    references = [VOCABULARY.encode(pair.target) for pair in sample.pairs]
    alone = [
        exact_match([words], [reference])
        for words, reference in zip(free_words(model, sample), references, strict=True)
    ]
    assert alone == is_right


@pytest.mark.parametrize("table_of", TABLES)
def test_columns_are_those_declared_with_and_without_rows(table_of):
    for samples in ([SAMPLE], [], [copies()]):
        table = table_of(Copying(), samples)
        assert list(table) == list(TABLES[table_of])
        assert table.empty == (samples != [SAMPLE])


@pytest.mark.parametrize("table_of", TABLES)
def test_model_and_batch_are_left_alone_and_the_answer_repeats(table_of):
    model = built("attention").train()
    before = [tensor.clone() for tensor in (*SAMPLE.batch.inputs, SAMPLE.batch.targets)]
    assert table_of(model, [SAMPLE]).equals(table_of(model, [SAMPLE]))
    assert model.training
    assert all(weight.grad is None for weight in model.parameters())
    after = (*SAMPLE.batch.inputs, SAMPLE.batch.targets)
    assert all(map(torch.equal, before, after))
