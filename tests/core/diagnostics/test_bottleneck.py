import math

import pytest
import torch
from copying_translator import VOCABULARY, Copying, copies

from core.diagnostics.bottleneck import (
    PROBE_COLUMNS,
    SWAP_COLUMNS,
    bottleneck_table,
    mean_cosine,
    probe_table,
    ridge_probe,
    start_states,
)
from core.models.build_translator import build_translator
from core.models.translators import TRANSLATORS

TWO = copies("abc", "dbe")  # b and the end are the same: half of what a swap brings is right
DOUBT = 0.08  # of twelve words


def built(name, seed=0):
    size = VOCABULARY.size
    return build_translator(
        TRANSLATORS[name], source_size=size, target_size=size, hidden=16, seed=seed
    )


def random_copies(count, length, seed=0):
    draw = torch.randint(8, (count, length), generator=torch.Generator().manual_seed(seed))
    return copies(*("".join("abcdefgh"[i] for i in row) for row in draw.tolist()))


def test_a_decoder_that_lives_on_its_state_loses_all_by_the_swap():
    row = bottleneck_table(Copying("state", doubt=DOUBT), [TWO]).iloc[0]
    assert row["own_state"] == 1
    assert row["other_state"] == row["other_source"] == 0.5
    right, wrong = math.log(1 - DOUBT + DOUBT / 12), math.log(DOUBT / 12)
    assert row["state_nats"] == pytest.approx((right - wrong) / 2, rel=1e-5)
    assert row["source_nats"] == row["state_nats"]
    assert row["source_nats_error"] == pytest.approx(0, abs=1e-6)
    frequency = (2 * math.log(1 / 4) + 2 * math.log(1 / 8)) / 4  # b and the end twice in eight
    assert row["language_nats"] == pytest.approx(right - frequency, rel=1e-5)


def test_a_decoder_that_lives_on_attention_loses_nothing_by_the_swap_of_its_state():
    row = bottleneck_table(Copying("memory", doubt=DOUBT), [TWO]).iloc[0]
    assert row["own_state"] == row["other_state"] == 1
    assert row["other_source"] == 0.5
    assert row["state_nats"] == 0
    assert row["source_nats"] > 1


def test_a_transformer_has_no_state_to_swap_but_another_source():
    row = bottleneck_table(built("transformer-sinusoidal"), [TWO]).iloc[0]
    assert math.isnan(row["other_state"])
    assert math.isnan(row["state_nats"])
    assert math.isnan(row["cosine"])
    assert math.isfinite(row["other_source"])


def test_a_single_sentence_has_nobody_to_swap_with():
    row = bottleneck_table(Copying("state"), [copies("abc")]).iloc[0]
    assert row["own_state"] == 1
    assert row[["other_state", "other_source", "source_nats", "cosine"]].isna().all()


def test_without_attention_the_state_is_all_of_the_source():
    row = bottleneck_table(built("plain"), [random_copies(20, 5)]).iloc[0]
    assert row["state_nats"] == row["source_nats"]
    assert row["other_state"] == row["other_source"]


@pytest.mark.parametrize("seed", range(5))
def test_the_mean_cosine_is_that_of_all_pairs(seed):
    states = torch.randn(6, 4, generator=torch.Generator().manual_seed(seed))
    pairs = [
        torch.cosine_similarity(states[i], states[j], dim=0)
        for i in range(6)
        for j in range(6)
        if i != j
    ]
    assert mean_cosine(states) == pytest.approx(float(torch.stack(pairs).mean()), abs=1e-6)


def test_equal_states_have_cosine_one():
    assert mean_cosine(torch.ones(3, 5)) == pytest.approx(1)


def test_start_states_join_all_that_the_decoder_starts_from():
    assert start_states(built("plain"), TWO.batch.inputs.source_BS).shape == (2, 32)  # h and c
    assert start_states(built("plain-gru"), TWO.batch.inputs.source_BS).shape == (2, 16)


@pytest.mark.parametrize("seed", range(5))
def test_the_probe_is_least_squares_with_a_penalty_row_for_each_column(seed):
    draw = torch.Generator().manual_seed(seed)
    fit, test = (torch.randn(n, 5, generator=draw).double() for n in (30, 20))
    words = torch.randint(4, 8, (30,), generator=draw)
    scale = fit.std(0, correction=0)
    ones = torch.ones(30, 1).double()
    penalty = torch.cat([torch.eye(5), torch.zeros(5, 1)], 1).double() * 2.0**0.5
    rows = torch.cat([torch.cat([(fit - fit.mean(0)) / scale, ones], 1), penalty])
    classes = words.unique()
    wanted = torch.cat(
        [(words[:, None] == classes).double(), torch.zeros(5, len(classes)).double()]
    )
    weights = torch.linalg.lstsq(rows, wanted).solution
    scores = torch.cat([(test - fit.mean(0)) / scale, torch.ones(20, 1).double()], 1) @ weights
    assert torch.equal(ridge_probe(fit, words, test, 2.0), classes[scores.argmax(1)])


def test_a_probe_reads_what_is_there_and_falls_back_on_the_majority_where_nothing_is():
    words = torch.tensor([4, 5, 6, 4] * 10)
    plain = torch.nn.functional.one_hot(words, 8).float()
    assert torch.equal(ridge_probe(plain, words, plain, 1.0), words)
    assert (ridge_probe(torch.zeros(40, 3), words, torch.zeros(5, 3), 1.0) == 4).all()


def test_a_probe_has_a_row_for_each_position_that_a_sentence_reaches():
    fit, test = random_copies(60, 4), copies("aab", "ab", "a")
    table = probe_table(built("plain"), built("plain", seed=1), fit, test, (1, 2, 3, 4, 9))
    assert list(table) == list(PROBE_COLUMNS)
    assert table["position"].tolist() == [1, 2, 3]
    assert table["n"].tolist() == [3, 2, 1]
    assert table[["trained", "untrained", "majority"]].stack().between(0, 1).all()
    assert table["majority"][0] in (0, 1)  # all three begin with a


def test_a_probe_of_the_last_word_read_finds_it_in_a_state_that_was_never_trained():
    fit, test = random_copies(400, 3), random_copies(100, 3, seed=1)
    table = probe_table(built("plain"), built("plain"), fit, test, (1, 3))  # it reads backwards
    assert table["untrained"][0] > 0.8 > 0.3 > table["majority"].max()
    assert table["trained"].tolist() == table["untrained"].tolist()


def test_columns_are_those_declared_with_and_without_rows():
    assert list(bottleneck_table(Copying(), [TWO])) == list(SWAP_COLUMNS)
    for samples in ([], [copies()]):
        assert list(bottleneck_table(Copying(), samples)) == list(SWAP_COLUMNS)
        assert bottleneck_table(Copying(), samples).empty
    model = built("transformer-sinusoidal")
    table = probe_table(model, model, TWO, TWO, (1,))
    assert list(table) == list(PROBE_COLUMNS)
    assert table.empty
    for fit, test in ((copies(), TWO), (TWO, copies())):
        table = probe_table(built("plain"), built("plain"), fit, test, (1,))
        assert list(table) == list(PROBE_COLUMNS)
        assert table.empty


def test_the_mode_and_the_weights_are_left_alone():
    model = built("attention").train()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    bottleneck_table(model, [TWO])
    probe_table(model, built("attention"), TWO, TWO, (1,))
    assert model.training
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())
