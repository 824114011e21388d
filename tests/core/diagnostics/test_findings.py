import math

import pandas as pd
import pytest

from core.diagnostics.findings import (
    amiss_signs,
    attention_cost,
    attention_finding,
    bottleneck_finding,
    exposure_finding,
    length_finding,
    percent,
)
from core.diagnostics.length_effects import DecodingSettings

NOTHING = pd.Series({10: 0.0})
HALF = pd.Series({10: 0.5})
GREEDY = DecodingSettings()


def swap(**values):
    row = {
        "own_state": 0.5,
        "other_state": 0.2,
        "state_nats": 1.0,
        "source_nats": 1.0,
        "source_nats_error": 0.1,
        "language_nats": 1.0,
    }
    return pd.DataFrame([row | values], index=[10])


def attention(**values):
    row = {
        "never_attended": 0.0,
        "recency": 0.2,
        "entropy": 0.1,
        "diagonality": 1.0,
        "matches_alignment": math.nan,
        "errors_off_alignment": math.nan,
    }
    return pd.DataFrame([row | values], index=[10])


def exposure(**values):
    row = {
        "teacher_forced_error": 0.0,
        "edit_error": 0.0,
        "clean_edit_error": 0.0,
        "planted_edit_error": 0.0,
    }
    return pd.DataFrame([row | values], index=[10])


def length(**values):
    row = {
        "missing": 0.0,
        "greedy_edit_error": 0.0,
        "decoded_edit_error": 0.0,
        "search_errors": 0.0,
    }
    return pd.DataFrame([row | values], index=[10])


def test_words_lost_by_a_decoder_that_lives_on_its_state_are_the_bottlenecks():
    found = bottleneck_finding(swap(), HALF, NOTHING, is_only_way=True)
    assert found.cost == 0.5
    assert "100 % of what the model reads" in found.sentence


def test_what_attention_lost_is_not_lost_again():
    assert bottleneck_finding(swap(), HALF, HALF * 0.6, is_only_way=False).cost == pytest.approx(
        0.2
    )
    assert bottleneck_finding(swap(), HALF, HALF * 2, is_only_way=False).cost == 0


def test_a_decoder_that_reads_most_of_its_source_otherwise_has_no_bottleneck():
    assert bottleneck_finding(swap(state_nats=0.49), HALF, NOTHING, is_only_way=False).cost == 0
    assert bottleneck_finding(swap(state_nats=0.51), HALF, NOTHING, is_only_way=False).cost == 0.5


def test_similar_states_accuse_nobody():
    found = bottleneck_finding(swap(state_nats=0.0, cosine=1.0), HALF, NOTHING, is_only_way=False)
    assert found.cost == 0


@pytest.mark.parametrize(
    ("language_nats", "is_only_way", "cost"), [(1.0, True, 0.5), (0.1, True, 0), (1.0, False, 0)]
)
def test_a_vector_through_which_nothing_comes_is_a_bottleneck_of_a_model_that_learned_the_language(
    language_nats, is_only_way, cost
):
    table = swap(source_nats=0.01, source_nats_error=0.01, language_nats=language_nats)
    found = bottleneck_finding(table, HALF, NOTHING, is_only_way=is_only_way)
    assert found.cost == cost
    assert "nothing of the source comes through" in found.sentence


def test_without_a_start_state_there_is_no_bottleneck():
    found = bottleneck_finding(swap(state_nats=math.nan), HALF, NOTHING, is_only_way=False)
    assert found.cost == 0
    assert "no start state" in found.sentence


def test_with_gold_the_errors_off_it_are_what_attention_costs():
    table = attention(errors_off_alignment=0.3, matches_alignment=0.6, entropy=1.0, recency=1.0)
    assert attention_cost(table, HALF).tolist() == [0.3]
    found = attention_finding(table, attention_cost(table, HALF))
    assert "on the gold word for 60 % of the words" in found.sentence


@pytest.mark.parametrize(
    ("values", "cost"),
    [
        ({}, 0),
        ({"diagonality": 0.0}, 0),  # one sign can be the task's
        ({"diagonality": -1.0, "entropy": 0.9}, 0),  # a reversed sentence is on its diagonal
        ({"diagonality": 0.0, "entropy": 0.9}, 0.5),
        ({"recency": 0.9, "never_attended": 0.9}, 0.5),
    ],
)
def test_without_gold_two_signs_must_agree(values, cost):
    table = attention(**values)
    assert attention_cost(table, HALF).tolist() == [cost]
    assert amiss_signs(table).to_numpy().sum() == len(values) - (values.get("diagonality") == -1)
    assert attention_finding(table, attention_cost(table, HALF)).cost == cost


def test_attention_that_looks_amiss_costs_nothing_while_words_are_right():
    table = attention(diagonality=0.0, entropy=0.9)
    assert attention_cost(table, NOTHING).tolist() == [0]


def test_a_model_without_attention_does_not_fail_by_it():
    table = attention().iloc[:0]
    assert attention_cost(table, HALF).tolist() == [0]
    assert attention_finding(table, attention_cost(table, HALF)).sentence.endswith("has none.")


def test_exposure_costs_the_larger_of_what_the_planted_and_its_own_mistakes_do():
    table = exposure(clean_edit_error=0.1, planted_edit_error=0.5, edit_error=0.2)
    assert exposure_finding(table, NOTHING, GREEDY).cost == pytest.approx(0.4)
    table = exposure(clean_edit_error=0.1, planted_edit_error=0.2, edit_error=0.6)
    assert exposure_finding(table, NOTHING, GREEDY).cost == pytest.approx(0.6)
    table = exposure(clean_edit_error=math.nan, planted_edit_error=math.nan, edit_error=0.3)
    assert exposure_finding(table, NOTHING, GREEDY).cost == pytest.approx(0.3)


def test_a_planted_mistake_that_no_sentence_is_long_enough_for_has_no_numbers():
    table = exposure(clean_edit_error=math.nan, planted_edit_error=math.nan, edit_error=0.3)
    found = exposure_finding(table, NOTHING, DecodingSettings(planted_error=40))
    assert "no sentence is long enough to replace word 40" in found.sentence
    assert "nan" not in found.sentence + found.measured


def test_where_words_are_wrong_with_the_gold_prefix_exposure_cannot_be_told():
    table = exposure(planted_edit_error=1.0, edit_error=1.0)
    assert exposure_finding(table, HALF, GREEDY).cost == 0
    both = pd.concat([table, table.rename(index={10: 25})])
    wrong = pd.Series({10: 0.1, 25: 0.5})
    assert exposure_finding(both, wrong, GREEDY).cost == pytest.approx(0.5)  # one of two buckets


def test_length_costs_words_that_are_missing_beyond_those_that_were_wrong():
    assert length_finding(length(missing=0.6), NOTHING, GREEDY).cost == pytest.approx(0.6)
    assert length_finding(length(missing=0.6), HALF * 0.4, GREEDY).cost == pytest.approx(0.4)
    assert length_finding(length(missing=0.1), HALF * 0.4, GREEDY).cost == 0
    assert length_finding(length(missing=0.6), HALF, GREEDY).cost == 0  # they were wrong anyway


def test_length_costs_what_the_search_adds_to_the_greedy_errors_and_at_most_all():
    table = length(greedy_edit_error=0.1, decoded_edit_error=0.4)
    assert length_finding(table, HALF, GREEDY).cost == pytest.approx(0.3)
    table = length(greedy_edit_error=0.1, decoded_edit_error=4.0)
    assert length_finding(table, NOTHING, GREEDY).cost == 1
    table = length(greedy_edit_error=0.4, decoded_edit_error=0.1)
    assert length_finding(table, NOTHING, GREEDY).cost == 0


def test_the_sentence_says_how_it_was_decoded():
    settings = DecodingSettings(beam=4, length_penalty=-1)
    assert "beam 4 and length penalty -1" in length_finding(length(), NOTHING, settings).sentence
    assert "greedy decoding" in length_finding(length(), NOTHING, GREEDY).sentence


def test_shares_are_written_as_percent():
    assert percent(0.074) == "7 %"
