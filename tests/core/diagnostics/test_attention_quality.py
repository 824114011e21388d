import math

import numpy as np
import pytest
import torch
from copying_translator import VOCABULARY, Copying, copies

from core.diagnostics.attention_quality import (
    COLUMNS,
    QUALITIES,
    attention_quality,
    attention_quality_table,
    errors_off_alignment,
    looks_right,
)
from core.models.build_translator import build_translator
from core.models.translators import TRANSLATORS

SAMPLE = copies("abcdefgh", "abcd", "ab")


def mask_of(sample):
    return sample.batch.inputs.source_BS != 0


def random_weights(sample, seed=0):
    draw = torch.Generator().manual_seed(seed)
    mask = mask_of(sample)
    scores = 3 * torch.randn(*sample.is_real.shape, mask.shape[1], generator=draw)
    return scores.masked_fill(~mask[:, None], -torch.inf).softmax(-1)


def by_loops(weights, sample):
    """Return the qualities of the mean sentence, each word on its own."""
    found = {name: [] for name in ("entropy", "never_attended", "recency", "diagonality")}
    matches = []
    for row, pair in enumerate(sample.pairs):
        size = len(pair.source) + 1
        grid = weights[row, :size, :size].double().numpy()
        found["entropy"].append(np.mean([-sum(w * math.log(w) for w in r) for r in grid]))
        found["entropy"][-1] /= math.log(size)
        found["never_attended"].append(np.mean(grid.max(0) < 0.2))
        cells = 100 * size  # each position in a hundred parts: which of them are in the last fifth
        late = np.array(
            [np.mean(np.arange(100) + 0.5 + 100 * s > 0.8 * cells) for s in range(size)]
        )
        found["recency"].append(np.mean(grid @ late))
        looked = grid @ np.arange(size)
        found["diagonality"].append(np.corrcoef(looked, np.arange(size))[0, 1])
        matches += [
            pair.source[t] == ([*pair.source, ""])[grid[t].argmax()] for t in range(size - 1)
        ]
    return {name: np.mean(values) for name, values in found.items()} | {
        "matches_alignment": np.mean(matches),
        "padding_mass": 0.0,
    }


def test_two_words_by_hand():
    sample = copies("ab")
    weights = torch.tensor([[[0.9, 0.1, 0.0], [0.5, 0.4, 0.1], [0.1, 0.0, 0.9]]])
    quality = attention_quality(weights, mask_of(sample), sample)
    nats = [-sum(w * math.log(w) for w in row if w) for row in weights[0].tolist()]
    assert quality["entropy"] == pytest.approx(sum(nats) / 3 / math.log(3), rel=1e-6)
    assert quality["never_attended"] == 0  # 0.9, 0.4 and 0.9
    assert quality["recency"] == pytest.approx(0.6 * (0.0 + 0.1 + 0.9) / 3)  # 0.6 of the last third
    assert quality["matches_alignment"] == 0.5  # the second word looks at the first
    looked = [0.1, 0.6, 1.8]
    assert quality["diagonality"] == pytest.approx(np.corrcoef(looked, range(3))[0, 1])


def test_a_position_that_gets_less_than_a_fifth_is_never_attended():
    sample = copies("ab")
    weights = torch.tensor([[[0.7, 0.19, 0.11], [0.7, 0.19, 0.11], [0.0, 0.0, 1.0]]])
    assert attention_quality(weights, mask_of(sample), sample)["never_attended"] == pytest.approx(
        1 / 3
    )


@pytest.mark.parametrize("seed", range(5))
def test_random_weights_measure_as_in_loops(seed):
    weights = random_weights(SAMPLE, seed)
    found = attention_quality(weights, mask_of(SAMPLE), SAMPLE)
    wanted = by_loops(weights, SAMPLE)
    assert set(found) == set(wanted) == set(QUALITIES)
    assert found == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    ("override", "wanted"),
    [
        ("learned", [0, 0, 0.2, 1, 1]),
        ("uniform", [1, 1, 0.2, 0, 0]),
        ("last", [0, 6 / 7, 1, 0, 0]),
    ],
)
def test_each_planted_attention_measures_as_what_it_is(override, wanted):
    model, sample = Copying(), copies("abcdef", "fedcba")
    model.override = override
    table = attention_quality_table(model, [sample])
    assert table.loc[0, list(QUALITIES[:5])].tolist() == pytest.approx(wanted, abs=1e-6)


def test_another_position_with_the_same_word_is_right_too():
    sample = copies("aba")
    weights = torch.eye(4)[[2, 1, 0, 3]][None]
    right, known = looks_right(weights, sample)
    assert right.tolist() == [[True, True, True, False]]
    assert known.tolist() == [[True, True, True, False]]


def test_only_words_that_are_wrong_while_it_looks_elsewhere_are_its_errors():
    sample = copies("abc")
    weights = torch.eye(4)[[0, 0, 0, 3]][None]  # off for b and c
    right = torch.tensor([[False, True, False, False]])
    assert errors_off_alignment(weights, right, sample) == 0.25  # c, of four


def test_without_gold_what_needs_it_is_not_measured():
    row = attention_quality_table(Copying(), [copies("abc", gold=False)]).iloc[0]
    assert math.isnan(row["matches_alignment"])
    assert math.isnan(row["errors_off_alignment"])
    assert row["diagonality"] == pytest.approx(1)


def test_weight_on_padding_is_seen():
    weights = torch.full((3, 9, 9), 1 / 9)
    assert attention_quality(weights, mask_of(SAMPLE), SAMPLE)["padding_mass"] == pytest.approx(
        1 / 9
    )


@pytest.mark.parametrize("name", [n for n, spec in TRANSLATORS.items() if spec.has_attention])
def test_no_model_looks_at_padding(name):
    size = VOCABULARY.size
    model = build_translator(TRANSLATORS[name], source_size=size, target_size=size, hidden=16)
    table = attention_quality_table(model, [SAMPLE], by_map=True)
    assert (table["padding_mass"] == 0).all()
    assert table["map"].tolist() == list(range(len(table)))
    assert table["entropy"].between(0, 1).all()


def test_columns_are_those_declared_with_and_without_rows():
    assert list(attention_quality_table(Copying(), [SAMPLE])) == list(COLUMNS)
    for empty in (
        attention_quality_table(Copying(), []),
        attention_quality_table(Copying(), [copies()]),
        attention_quality_table(Copying("state"), [SAMPLE]),
    ):
        assert list(empty) == list(COLUMNS)
        assert empty.empty


def test_the_weights_are_left_alone():
    weights = random_weights(SAMPLE)
    before = weights.clone()
    attention_quality(weights, mask_of(SAMPLE), SAMPLE)
    assert torch.equal(weights, before)
