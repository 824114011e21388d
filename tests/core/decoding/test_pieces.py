import pytest
import torch
from scripted_translator import untrained

from core.data.pair_batch import padded
from core.decoding.greedy import greedy, length_limit
from core.decoding.pieces import cut, greedy_in_pieces
from core.text.words import EOS, SPECIALS, WordVocabulary

VOCABULARY = WordVocabulary((*SPECIALS, *"abcdef", "and", "but"))


def words(text):
    return tuple(text.split())


def test_a_conjunction_begins_a_piece_and_stays_with_it():
    found = cut(words("a b and c d but e"), segment=2, conjunctions={"and", "but"})
    assert found == [words("a b"), words("and c d"), words("but e")]


def test_a_conjunction_at_the_start_cuts_nothing_off():
    found = cut(words("and a b but c"), segment=2, conjunctions={"and", "but"})
    assert found == [words("and a b"), words("but c")]


def test_a_sentence_without_a_conjunction_is_one_piece_where_the_task_has_some():
    assert cut(words("a b c"), segment=2, conjunctions={"and"}) == [words("a b c")]


def test_where_the_task_has_no_conjunctions_a_piece_has_so_many_words():
    assert cut(words("a b c d e"), segment=2) == [words("a b"), words("c d"), words("e")]
    assert cut(words("a b"), segment=2) == [words("a b")]
    assert cut((), segment=2) == [()]


@pytest.mark.parametrize("conjunctions", [frozenset({"and", "but"}), frozenset()])
@pytest.mark.parametrize("name", ["plain", "attention"])
def test_the_pieces_are_translated_one_by_one_and_joined(name, conjunctions):
    model = untrained(name, size=VOCABULARY.size)
    sources = [words("a b and c d e but f"), words("c a"), words("a b c d e f a b c")]
    found = greedy_in_pieces(model, sources, VOCABULARY, segment=4, conjunctions=conjunctions)
    assert found.attention_BMTS is None
    cuts = [cut(source, segment=4, conjunctions=conjunctions) for source in sources]
    for row in range(len(sources)):
        said, logs, ends, finished = [], [], 0.0, True
        for piece in cuts[row]:
            ids_BS = padded([[*VOCABULARY.encode(piece), EOS]])
            alone = greedy(model, ids_BS, most=length_limit(1 + len(piece)))
            said += alone.words[0]
            logs += alone.log_probabilities[0][: len(alone.words[0])]
            ends += sum(alone.log_probabilities[0][len(alone.words[0]) :])
            finished &= alone.finished[0]
        assert found.words[row] == said
        assert found.finished[row] == finished
        expected = [*logs, ends] if finished else logs
        assert found.log_probabilities[row] == pytest.approx(expected, abs=1e-4)


def test_a_sentence_of_one_piece_is_plain_greedy():
    model = untrained("plain", size=VOCABULARY.size, seed=4)
    found = greedy_in_pieces(model, [words("a b c")], VOCABULARY, segment=10)
    ids_BS = torch.tensor([[*VOCABULARY.encode(words("a b c")), EOS]])
    assert found.words == greedy(model, ids_BS, most=length_limit(4)).words


def test_no_sources_have_no_translations():
    assert greedy_in_pieces(untrained("plain"), [], VOCABULARY, segment=4).words == []
