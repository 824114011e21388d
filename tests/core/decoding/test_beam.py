import itertools

import pytest
import torch
from scripted_translator import WORDS, Scripted, sources, untrained

from core.decoding.beam import beam_search, beam_tree
from core.decoding.greedy import greedy
from core.text.words import BOS, EOS, PAD, UNKNOWN

A, B = 4, 5
GARDEN_PATH = {
    (): {A: 0.6, B: 0.4},
    (A,): {A: 0.5, EOS: 0.5},
    (A, A): {EOS: 1.0},
    (B,): {EOS: 1.0},
}
ONE = torch.tensor([[A, EOS]])


@pytest.mark.parametrize("name", WORDS)
def test_a_beam_of_one_is_greedy(name):
    model, source_BS = untrained(name), sources()
    expected = greedy(model, source_BS, most=12)
    found = beam_search(model, source_BS, beam=1, most=12)
    assert [h[0].words for h in found] == expected.words
    assert [h[0].finished for h in found] == expected.finished
    for (hypothesis,), logs in zip(found, expected.log_probabilities, strict=True):
        assert hypothesis.log_probabilities == pytest.approx(logs, abs=1e-4)
        assert hypothesis.log_probability == pytest.approx(sum(logs), abs=1e-4)


def test_two_beams_find_what_greedy_walks_past():
    model = Scripted(GARDEN_PATH, 6)
    assert greedy(model, ONE, most=5).words == [[A, A]] or greedy(model, ONE, most=5).words == [[A]]
    best = beam_search(model, ONE, beam=2, most=5)[0][0]
    assert best.words == [B]
    assert best.log_probability == pytest.approx(torch.tensor(0.4).log().item(), abs=1e-5)


def test_a_penalty_of_one_ranks_by_the_mean_per_word():
    table = {(): {A: 0.5, EOS: 0.5}, (A,): {B: 0.9, EOS: 0.1}, (A, B): {EOS: 1.0}}
    model = Scripted(table, 6)
    plain = beam_search(model, ONE, beam=3, most=6)[0][0]
    longer = beam_search(model, ONE, beam=3, most=6, length_penalty=1.0)[0][0]
    assert plain.words == []
    assert longer.words == [A, B]
    total = torch.tensor([0.5, 0.9]).log().sum().item()
    assert longer.score == pytest.approx(total / 3, abs=1e-5)


def test_a_negative_penalty_cuts_short_what_is_nearly_certain():
    sure = {tuple([A] * k): {A: 0.99, EOS: 0.01} for k in range(30)}
    model = Scripted({**sure, tuple([A] * 30): {EOS: 1.0}}, 6)
    assert beam_search(model, ONE, beam=2, most=40)[0][0].words == [A] * 30
    cut = beam_search(model, ONE, beam=2, most=40, length_penalty=-2.0)[0][0]
    assert cut.words == []
    assert cut.finished


def every_sentence(model, source_1S, most, size):
    """Return (words, log-probability) of each finished sentence, one teacher-forced pass each."""
    memory = model.encode(source_1S)
    for length in range(most):
        for words in itertools.product(range(4, size), repeat=length):
            words_1T = torch.tensor([[BOS, *words]])
            logs_TV = model.decode(words_1T, memory, model.start(memory)).logits_BTV[0]
            next_T1 = torch.tensor([*words, EOS])[:, None]
            yield list(words), logs_TV.log_softmax(-1).gather(1, next_T1).sum().item()


@pytest.mark.parametrize("penalty", [-1.0, 0.0, 0.6, 1.0])
@pytest.mark.parametrize("name", ["plain", "attention", "transformer-sinusoidal"])
def test_a_beam_as_wide_as_the_tree_finds_the_best_of_all_sentences(name, penalty):
    model = untrained(name, size=7, sharpness=2.0)
    source_BS = sources(3, 4, size=7, seed=1)
    found = beam_search(model, source_BS, beam=128, most=4, length_penalty=penalty)
    for row, hypotheses in enumerate(found):
        source_1S = source_BS[row : row + 1, : int((source_BS[row] != PAD).sum())]
        with torch.no_grad():
            all_of_them = list(every_sentence(model, source_1S, 4, 7))
        best, score = max(
            ((words, log / (len(words) + 1) ** penalty) for words, log in all_of_them),
            key=lambda each: each[1],
        )
        assert hypotheses[0].words == best
        assert hypotheses[0].score == pytest.approx(score, abs=1e-4)


@pytest.mark.parametrize("penalty", [-0.5, 0.0, 1.0])
@pytest.mark.parametrize("name", WORDS)
def test_scores_fall_and_follow_from_the_words_and_no_special_word_is_said(name, penalty):
    model, source_BS = untrained(name, seed=3), sources(seed=2)
    found = beam_search(model, source_BS, beam=4, most=10, length_penalty=penalty)
    assert len(found) == len(source_BS)
    for hypotheses in found:
        assert 1 <= len(hypotheses) <= 4
        assert [h.score for h in hypotheses] == sorted((h.score for h in hypotheses), reverse=True)
        assert len({tuple(h.words) for h in hypotheses}) == len(hypotheses)
        for each in hypotheses:
            assert not {PAD, BOS, EOS, UNKNOWN} & set(each.words)
            assert len(each.log_probabilities) == len(each.words) + each.finished <= 10
            assert each.log_probability == pytest.approx(sum(each.log_probabilities), abs=1e-5)
            length = len(each.log_probabilities)
            assert each.score == pytest.approx(each.log_probability / length**penalty, abs=1e-5)


@pytest.mark.parametrize("name", WORDS)
def test_a_sentence_is_translated_alike_alone_and_in_a_batch(name):
    model, source_BS = untrained(name, seed=5), sources(seed=4)
    together = beam_search(model, source_BS, beam=3, most=9)
    for row, expected in enumerate(together):
        length = int((source_BS[row] != PAD).sum())
        alone = beam_search(model, source_BS[row : row + 1, :length], beam=3, most=9)[0]
        assert [h.words for h in alone] == [h.words for h in expected]


def test_the_search_ends_when_nothing_can_win_any_more():
    asked = []

    class Counting(Scripted):
        def decode(self, words_BT, memory, state, **rest):
            asked.append(len(words_BT))
            return super().decode(words_BT, memory, state, **rest)

    endless = {tuple([B] * k): {B: 0.9, EOS: 0.1} for k in range(1, 60)}
    model = Counting({(): {A: 0.9, B: 0.1}, (A,): {EOS: 1.0}, **endless}, 6)
    best = beam_search(model, ONE, beam=2, most=50)[0][0]
    assert best.words == [A]
    assert asked == [2, 2]


def test_what_never_ends_is_returned_unfinished_at_the_limit():
    endless = {tuple([A] * k): {A: 1.0} for k in range(9)}
    (hypothesis,) = beam_search(Scripted(endless, 6), ONE, beam=1, most=6)[0]
    assert hypothesis.words == [A] * 6
    assert not hypothesis.finished


def test_no_sources_have_no_hypotheses():
    assert beam_search(Scripted({}, 6), torch.zeros(0, 3, dtype=torch.long), beam=2, most=4) == []


def test_forcing_a_position_changes_what_the_beam_finds():
    model, source_BS = untrained("attention", seed=1), sources(1)
    bias_1TS = torch.full((1, 8, source_BS.shape[1]), -torch.inf)
    bias_1TS[..., 0] = 0.0
    free = beam_search(model, source_BS, beam=2, most=8)
    forced = beam_search(model, source_BS, beam=2, most=8, bias_BTS=bias_1TS)
    assert free != forced
    expected = greedy(model, source_BS, most=8, bias_BTS=bias_1TS)
    one = beam_search(model, source_BS, beam=1, most=8, bias_BTS=bias_1TS)
    assert [one[0][0].words] == expected.words


def test_the_tree_holds_every_candidate_and_leads_to_the_best_hypothesis():
    hypotheses, nodes = beam_tree(Scripted(GARDEN_PATH, 6), ONE, beam=2, most=5)
    assert [node.id for node in nodes] == list(range(len(nodes)))
    assert nodes[0].parent == -1
    first = [node for node in nodes if node.step == 1]
    assert [(node.word, node.rank, node.kept) for node in first[:2]] == [(A, 0, True), (B, 1, True)]
    for node in nodes[1:]:
        assert node.step == nodes[node.parent].step + 1
        assert node.total == pytest.approx(nodes[node.parent].total + node.log_probability)
        assert nodes[node.parent].kept
    (best,) = [n for n in nodes if n.word == EOS and n.total == hypotheses[0].log_probability]
    assert nodes[best.parent].word == B
    assert any(not node.kept for node in nodes)


def test_the_tree_does_not_change_what_is_found():
    model, source_BS = untrained("attention", seed=2), sources(1)
    hypotheses, _ = beam_tree(model, source_BS, beam=3, most=9, length_penalty=0.7)
    assert hypotheses == beam_search(model, source_BS, beam=3, most=9, length_penalty=0.7)[0]


@pytest.mark.parametrize("penalty", [0.0, 1.0, -1.0])
def test_where_no_word_has_a_probability_there_is_one_hypothesis_without_words(penalty):
    model = untrained("plain")
    with torch.no_grad():
        model.head.bias.fill_(torch.nan)
    for found in beam_search(model, sources(), beam=2, most=5, length_penalty=penalty):
        assert found[0].words == []
        assert not found[0].finished or penalty < 0
