import pytest
import torch
from scripted_translator import WORDS, Scripted, sources, untrained

from core.decoding.greedy import greedy, length_limit
from core.text.words import BOS, EOS, PAD, UNKNOWN

A, B = 4, 5
ONE = torch.tensor([[A, EOS]])


def test_the_likeliest_word_is_said_until_the_end():
    table = {(): {A: 0.6, B: 0.4}, (A,): {B: 0.7, EOS: 0.3}, (A, B): {EOS: 0.9, A: 0.1}}
    found = greedy(Scripted(table, 6), ONE, most=9)
    assert found.words == [[A, B]]
    assert found.finished == [True]
    expected = torch.tensor([0.6, 0.7, 0.9]).log().tolist()
    assert found.log_probabilities[0] == pytest.approx(expected, abs=1e-6)


def test_what_has_no_end_is_cut_at_the_limit_and_is_not_finished():
    found = greedy(Scripted({tuple([A] * k): {A: 1.0} for k in range(9)}, 6), ONE, most=5)
    assert found.words == [[A] * 5]
    assert found.finished == [False]
    assert len(found.log_probabilities[0]) == 5


def test_the_special_words_are_never_said_however_likely():
    table = {(): {PAD: 0.5, BOS: 0.2, UNKNOWN: 0.2, A: 0.1}}
    found = greedy(Scripted(table, 6), ONE, most=5)
    assert found.words == [[A]]
    assert found.log_probabilities[0][0] == pytest.approx(torch.tensor(0.1).log().item(), abs=1e-6)


def test_a_prefix_is_said_first_and_counted():
    table = {(): {A: 0.9, B: 0.1}, (B,): {A: 1.0}, (B, A): {EOS: 1.0}}
    found = greedy(Scripted(table, 6), ONE, most=5, prefix_BP=torch.tensor([[B]]))
    assert found.words == [[B, A]]
    assert found.log_probabilities[0][0] == pytest.approx(torch.tensor(0.1).log().item(), abs=1e-6)


@pytest.mark.parametrize("name", WORDS)
def test_every_word_is_the_best_of_a_teacher_forced_pass(name):
    model, source_BS = untrained(name), sources()
    found = greedy(model, source_BS, most=10)
    for row, said in enumerate(found.words):
        source_1S = source_BS[row : row + 1, : int((source_BS[row] != PAD).sum())]
        with torch.no_grad():
            memory = model.encode(source_1S)
            words_1T = torch.tensor([[BOS, *said]])
            logs_TV = model.decode(words_1T, memory, model.start(memory)).logits_BTV[0]
        logs_TV = logs_TV.log_softmax(-1)
        logs_TV[:, [PAD, BOS, UNKNOWN]] = -torch.inf
        best = logs_TV.max(-1)
        expected = [*said, EOS] if found.finished[row] else said
        assert best.indices[: len(expected)].tolist() == expected
        logs = best.values[: len(expected)].tolist()
        assert found.log_probabilities[row] == pytest.approx(logs, abs=1e-4)


@pytest.mark.parametrize("name", [name for name in WORDS if name != "plain"])
def test_attention_rows_sum_to_one_and_padding_gets_nothing(name):
    model, source_BS = untrained(name), sources()
    weights_BMTS = greedy(model, source_BS, most=6, want_attention=True).attention_BMTS
    torch.testing.assert_close(weights_BMTS.sum(-1), torch.ones(weights_BMTS.shape[:-1]))
    is_padding = (source_BS == PAD)[:, None, None].expand_as(weights_BMTS)
    assert is_padding.any()
    assert (weights_BMTS[is_padding] == 0).all()


def test_nothing_to_decode_is_nothing():
    found = greedy(untrained("plain"), torch.zeros(0, 3, dtype=torch.long), most=4)
    assert found.words == found.log_probabilities == found.finished == []


@pytest.mark.parametrize("name", WORDS)
def test_each_sentence_keeps_to_its_own_limit_and_decodes_as_it_would_alone(name):
    model, source_BS = untrained(name), sources()
    limits = [1 + 3 * row for row in range(len(source_BS))]
    together = greedy(model, source_BS, most=limits)
    for row, most in enumerate(limits):
        alone = greedy(model, source_BS[row : row + 1], most=most)
        assert together.words[row] == alone.words[0]
        assert together.finished[row] == alone.finished[0]
        logs = alone.log_probabilities[0]
        assert together.log_probabilities[row] == pytest.approx(logs, abs=1e-5)


def test_sentences_that_are_over_drop_out_of_the_batch():
    table = {(): {A: 1.0}, (A,): {B: 1.0}, (A, B): {A: 1.0}, (A, B, A): {EOS: 1.0}}
    model, sizes = Scripted(table, 6), []
    decode = model.decode

    def counted(words_BT, *rest, **more):
        sizes.append(len(words_BT))
        return decode(words_BT, *rest, **more)

    model.decode = counted
    found = greedy(model, ONE.expand(4, 2), most=[1, 1, 2, 9])
    assert found.words == [[A], [A], [A, B], [A, B, A]]
    assert found.finished == [False, False, False, True]
    assert sizes == [4, 2, 1, 1]


def test_one_bias_serves_all_sentences():
    model, source_BS = untrained("attention"), sources()
    bias_1TS = torch.zeros(1, 4, source_BS.shape[1])
    bias_1TS[0, :, 1:] = -torch.inf
    each_BTS = bias_1TS.repeat(len(source_BS), 1, 1)
    shared = greedy(model, source_BS, most=6, bias_BTS=bias_1TS)
    assert shared == greedy(model, source_BS, most=6, bias_BTS=each_BTS)
    assert len(source_BS) > 1


def test_a_state_and_a_memory_given_beforehand_are_used():
    model, source_BS = untrained("plain", seed=2), sources(2, seed=3)
    with torch.no_grad():
        memory = model.encode(source_BS)
        swapped = model.start(memory).select(torch.tensor([1, 0]))
    own = greedy(model, source_BS, most=8)
    other = greedy(model, source_BS, most=8, memory=memory, state=swapped)
    assert own.log_probabilities[0] != pytest.approx(own.log_probabilities[1])
    assert other.words == own.words[::-1]
    for mine, theirs in zip(own.log_probabilities, other.log_probabilities[::-1], strict=True):
        assert mine == pytest.approx(theirs, abs=1e-5)


def test_the_limit_leaves_room_for_a_quarter_more_words():
    assert length_limit(100) == 133
