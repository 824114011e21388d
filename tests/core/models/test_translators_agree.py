"""What every translation model keeps to, whichever it is."""

import pytest
import torch

from core.data.pair_batch import PairInputs, padded
from core.decoding.greedy import greedy
from core.models.build_translator import build_translator
from core.models.translators import TRANSLATORS, find_translator
from core.text.words import BOS, EOS, PAD

NAMES = [name for name, spec in TRANSLATORS.items() if not spec.pieces_of]
WITH_ATTENTION = [name for name in NAMES if find_translator(name).has_attention]


def make(name, seed=0, **sizes):
    sizes = {"source_size": 12, "target_size": 14, "hidden": 16, "layers": 1, "segment": 3} | sizes
    return build_translator(find_translator(name), **sizes, seed=seed).double()


def sentences(*lengths, seed=0, size=12):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(4, size, (n,), generator=generator).tolist() for n in lengths]


def batch(*lengths, seed=0):
    sources = [[*ids, EOS] for ids in sentences(*lengths, seed=seed)]
    targets = [[BOS, *ids] for ids in sentences(*lengths, seed=seed + 1, size=14)]
    return PairInputs(padded(sources), padded(targets))


@pytest.mark.parametrize("name", NAMES)
def test_padding_changes_nothing(name):
    model, both = make(name), batch(7, 4)
    together = model(both)
    source_B, target_B = both
    alone = model(PairInputs(source_B[1:, :5], target_B[1:, :5]))
    torch.testing.assert_close(together[1:, :5], alone, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_word_by_word_is_the_same_as_all_at_once(name):
    model, inputs = make(name), batch(6, 6)
    whole = model(inputs)
    memory = model.encode(inputs.source_BS)
    state = model.start(memory)
    steps = []
    for step in range(inputs.target_BT.shape[1]):
        decoded = model.decode(inputs.target_BT[:, step, None], memory, state)
        state = decoded.state
        steps.append(decoded.logits_BTV)
    assert state.steps == inputs.target_BT.shape[1]
    torch.testing.assert_close(torch.cat(steps, 1), whole, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_no_word_sees_what_comes_after_it(name):
    model, inputs = make(name), batch(6, 6)
    changed = inputs.target_BT.clone()
    changed[:, 4] = 5
    before, after = model(inputs), model(PairInputs(inputs.source_BS, changed))
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


@pytest.mark.parametrize("name", NAMES)
def test_selecting_sentences_is_decoding_them_alone(name):
    model, inputs = make(name), batch(6, 3)
    memory = model.encode(inputs.source_BS)
    index = torch.tensor([1, 0, 1])
    state = model.start(memory).select(index)
    words = inputs.target_BT[index]
    chosen = model.decode(words, memory.select(index), state).logits_BTV
    torch.testing.assert_close(chosen, model(inputs)[index])


@pytest.mark.parametrize("name", WITH_ATTENTION)
def test_attention_rows_sum_to_one_and_padding_gets_nothing(name):
    model, inputs = make(name), batch(7, 2)
    memory = model.encode(inputs.source_BS)
    decoded = model.decode(inputs.target_BT, memory, model.start(memory), want_attention=True)
    weights = decoded.attention_BMTS.detach()
    torch.testing.assert_close(weights.sum(-1), torch.ones_like(weights.sum(-1)))
    assert float(weights[1, :, :, 3:].abs().max()) == 0.0
    torch.testing.assert_close(decoded.logits_BTV, model(inputs))


@pytest.mark.parametrize("name", WITH_ATTENTION)
def test_a_forced_position_gets_all_and_a_blocked_one_nothing(name):
    model, inputs = make(name), batch(5, 5)
    memory = model.encode(inputs.source_BS)
    free = model(inputs)
    for at in (0.0, -torch.inf):
        bias = torch.full((2, 6, 6), -torch.inf if at == 0.0 else 0.0, dtype=torch.float64)
        bias[:, :, 2] = at
        decoded = model.decode(
            inputs.target_BT, memory, model.start(memory), bias_BTS=bias, want_attention=True
        )
        wanted = 1.0 if at == 0.0 else 0.0
        assert decoded.attention_BMTS[..., 2].unique().tolist() == [wanted]
        assert not torch.allclose(decoded.logits_BTV, free)


@pytest.mark.parametrize("name", WITH_ATTENTION)
def test_an_override_is_uniform_or_looks_at_the_last_real_position(name):
    model, inputs = make(name), batch(5, 3)
    memory = model.encode(inputs.source_BS)

    def weights():
        start = model.start(memory)
        return model.decode(inputs.target_BT, memory, start, want_attention=True).attention_BMTS

    model.override = "uniform"
    torch.testing.assert_close(weights()[1, 0, 0, :4], torch.full((4,), 0.25).double())
    model.override = "last"
    assert weights()[1, :, :, 3].unique().tolist() == [1.0]
    assert weights()[0, :, :, 5].unique().tolist() == [1.0]


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_weights_and_leaves_the_generator_alone(name):
    before = torch.get_rng_state()
    one, two, other = make(name), make(name), make(name, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    same = [torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True)]
    assert all(same)
    changed = [
        not torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True)
    ]
    assert any(changed)


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_is_trained(name):
    model, inputs = make(name), batch(7, 4)
    model(inputs)[inputs.target_BT != PAD].square().sum().backward()
    idle = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert idle == []


@pytest.mark.parametrize("name", NAMES)
def test_greedy_stops_at_its_limit_and_never_says_padding(name):
    model, inputs = make(name), batch(5, 2)
    found = greedy(model, inputs.source_BS, most=4)
    assert all(len(words) <= 4 for words in found.words)
    assert not {PAD, BOS, EOS} & {word for words in found.words for word in words}
    assert all(score <= 0 for scores in found.log_probabilities for score in scores)
