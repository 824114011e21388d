import pytest
import torch
from copying_translator import VOCABULARY, Copying, copies

from core.data.pairs import Pair
from core.decoding.greedy import greedy
from core.diagnostics.forced_reading import (
    NEVER_SAID,
    derangement,
    filled,
    gold_alignment,
    make_sample,
    read_forced,
    undisturbed,
)
from core.models.build_translator import build_translator
from core.models.translators import TRANSLATORS
from core.text.words import EOS, PAD

NAMES = ("plain", "attention", "attention-gru", "transformer-sinusoidal")
MANY = copies(*("abcdefgh"[i % 5 : i % 5 + 1 + i % 3] for i in range(35)))


def untrained(name, seed=0):
    size = VOCABULARY.size
    return build_translator(
        TRANSLATORS[name], source_size=size, target_size=size, hidden=16, seed=seed
    )


def test_a_model_that_copies_is_right_at_every_word_and_at_the_end():
    reading = read_forced(Copying(), copies("abc", "d").batch)
    assert reading.right_BT.tolist() == [[True] * 4, [True, True, False, False]]
    assert reading.log_probability_BT.abs().max() < 1e-5
    assert reading.attention_BMTS is None


def test_another_sentences_state_is_copied_where_the_state_is_all_there_is():
    sample, other = copies("abc", "dbe"), torch.tensor([1, 0])
    by_state = read_forced(Copying("state"), sample.batch, state_from_B=other)
    assert by_state.right_BT[0].tolist() == [False, True, False, True]
    by_memory = read_forced(Copying("memory"), sample.batch, state_from_B=other)
    assert by_memory.right_BT.all()
    by_memory = read_forced(Copying("memory"), sample.batch, memory_from_B=other)
    assert by_memory.right_BT[0].tolist() == [False, True, False, True]


@pytest.mark.parametrize("name", NAMES)
def test_many_sentences_at_once_read_as_each_alone(name):
    model = untrained(name)
    together = read_forced(model, MANY.batch, want_attention=True)
    for at in (0, 16, 34):
        ids = [VOCABULARY.encode(MANY.pairs[at].source)]
        source = torch.tensor([[*ids[0], EOS]])
        memory = model.encode(source)
        state, log_probabilities = model.start(memory), []
        for read, wanted in zip([1, *ids[0]], [*ids[0], EOS], strict=True):
            decoded = model.decode(torch.tensor([[read]]), memory, state)
            state = decoded.state
            log_probabilities.append(decoded.logits_BTV[0, 0].log_softmax(0)[wanted].item())
        found = together.log_probability_BT[at]
        assert found[: len(log_probabilities)].tolist() == pytest.approx(
            log_probabilities, abs=1e-4
        )
        assert (found[len(log_probabilities) :] == 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_what_greedy_decoding_says_is_right_everywhere(name):
    model = untrained(name, seed=3)
    said = greedy(model, MANY.batch.inputs.source_BS, most=6)
    pairs = [
        Pair(pair.source, tuple(VOCABULARY.decode(words)))
        for pair, words in zip(MANY.pairs, said.words, strict=True)
    ]
    sample = make_sample(10, pairs, VOCABULARY, VOCABULARY)
    right = read_forced(model, sample.batch).right_BT
    for row, words in enumerate(said.words):
        assert right[row, : len(words) + said.finished[row]].all()


def test_what_no_decoder_says_is_never_right():
    sample = copies(["?", "a"])  # a word that the vocabulary does not know
    assert sample.batch.targets[0, 0] in NEVER_SAID
    assert read_forced(Copying(), sample.batch).right_BT.tolist() == [[False, True, True]]


@pytest.mark.parametrize("name", NAMES)
def test_the_model_its_gradients_and_the_batch_are_left_alone(name):
    model = untrained(name).train()
    next(model.children()).eval()
    modes = [module.training for module in model.modules()]
    weight = next(model.parameters())
    weight.grad = torch.ones_like(weight)
    before = [tensor.clone() for tensor in (*MANY.batch.inputs, MANY.batch.targets)]
    reading = read_forced(model, MANY.batch, state_from_B=derangement(35, 0), want_attention=True)
    assert not reading.log_probability_BT.requires_grad
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(weight.grad, torch.ones_like(weight))
    after = (*MANY.batch.inputs, MANY.batch.targets)
    assert all(map(torch.equal, before, after))


def test_an_error_within_leaves_the_mode_as_it_was():
    model = untrained("plain").train()
    with pytest.raises(ZeroDivisionError), undisturbed(model):
        1 / (0 if not model.training else 1)
    assert model.training


@pytest.mark.parametrize("count", range(2, 12))
def test_nobody_keeps_its_own_and_everybody_gets_one(count):
    other = derangement(count, seed=count)
    assert sorted(other.tolist()) == list(range(count))
    assert (other != torch.arange(count)).all()
    assert torch.equal(other, derangement(count, seed=count))


def test_gold_positions_are_minus_one_where_nothing_is_known():
    assert gold_alignment(copies("abc", "d")).tolist() == [[0, 1, 2, -1], [0, -1, -1, -1]]
    assert gold_alignment(copies("abc", gold=False)) is None


def test_lengths_count_words_and_padding_is_not_real():
    sample = copies("abc", "d")
    assert sample.lengths.tolist() == [3, 1]
    assert torch.equal(sample.is_real, sample.batch.targets != PAD)
    assert filled([copies(), sample]) == [sample]
