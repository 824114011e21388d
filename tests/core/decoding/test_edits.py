import pytest
import torch
from scripted_translator import sources, untrained

from core.decoding.edits import AttentionEdit, attention_bias
from core.decoding.greedy import greedy
from core.errors import ConfigError

OFF = -torch.inf


def force(target, source):
    return AttentionEdit(target, source, "force")


def block(target, source):
    return AttentionEdit(target, source, "block")


def rows(*edits, most=2, positions=3):
    return attention_bias(edits, most=most, positions=positions)[0].tolist()


def test_forcing_leaves_one_position_and_blocking_takes_one_away():
    assert rows(force(0, 1), block(1, 2)) == [[OFF, 0, OFF], [0, 0, OFF]]


def test_several_edits_of_a_row_compose():
    assert rows(force(0, 0), force(0, 2)) == [[0, OFF, 0], [0, 0, 0]]
    assert rows(block(0, 0), block(0, 2)) == [[OFF, 0, OFF], [0, 0, 0]]
    assert rows(force(0, 0), block(0, 1)) == [[0, OFF, OFF], [0, 0, 0]]


def test_the_last_edit_of_a_place_counts():
    assert rows(force(0, 0), block(0, 0)) == [[OFF, 0, 0], [0, 0, 0]]
    assert rows(block(0, 0), force(0, 0)) == [[0, OFF, OFF], [0, 0, 0]]


def test_no_edits_are_no_bias():
    assert attention_bias([], most=4, positions=3) is None


def test_blocking_every_position_is_refused():
    message = "All 3 source positions are blocked for target word 2; .* undo a block"
    with pytest.raises(ConfigError, match=message):
        rows(*(block(1, source) for source in range(3)))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (force(2, 0), "target position 2; this sentence has positions 0 to 1"),
        (block(0, 3), "source position 3; this sentence has positions 0 to 2"),
        (block(-1, 0), "target position -1"),
        (AttentionEdit(0, 0, "pull"), "says 'pull'; it can force or block"),
    ],
)
def test_an_edit_outside_the_sentence_is_refused(edit, message):
    with pytest.raises(ConfigError, match=message):
        rows(edit)


@pytest.mark.parametrize("name", ["attention", "attention-gru", "transformer-sinusoidal"])
def test_forcing_changes_the_output_and_undoing_restores_it_exactly(name):
    model, source_BS = untrained(name, seed=1), sources(1)
    positions = source_BS.shape[1]
    before = greedy(model, source_BS, most=8, want_attention=True)
    looked_at = int(before.attention_BMTS[0].mean(0)[0].argmax())
    edits = [force(0, (looked_at + 1) % positions)]
    bias_1TS = attention_bias(edits, most=8, positions=positions)
    forced = greedy(model, source_BS, most=8, bias_BTS=bias_1TS, want_attention=True)
    assert forced.log_probabilities[0][0] != before.log_probabilities[0][0]
    first_MS = forced.attention_BMTS[0, :, 0]
    assert torch.equal(first_MS, bias_1TS[0, 0].exp().expand_as(first_MS))
    undone = attention_bias(edits[:-1], most=8, positions=positions)
    after = greedy(model, source_BS, most=8, bias_BTS=undone, want_attention=True)
    assert after.words == before.words
    assert after.log_probabilities == before.log_probabilities
    assert torch.equal(after.attention_BMTS, before.attention_BMTS)
