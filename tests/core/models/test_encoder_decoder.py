import pytest
import torch
from torch import nn

from core.models.build_translator import build_translator
from core.models.encoder_decoder import read_padded, reversed_source
from core.models.translators import find_translator
from core.text.words import BOS, EOS


def by_cells(model, source, target):
    """Return the logits of a one-layer LSTM pair, computed step by step with cells."""

    def cell(recurrent, direction=""):
        made = nn.LSTMCell(recurrent.input_size, recurrent.hidden_size).double()
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(made, kind).data = getattr(recurrent, f"{kind}_l0{direction}").data
        return made

    def read(recurrent, words, direction=""):
        step, state, states = cell(recurrent, direction), None, []
        for word in words:
            state = step(word[None], state)
            states.append(state[0])
        return torch.cat(states), state

    words = model.source_embedding(source)
    if model.encoder.bidirectional:
        there, last_there = read(model.encoder, words)
        back, last_back = read(model.encoder, words.flip(0), "_reverse")
        states = torch.cat([there, back.flip(0)], 1)
        final = [torch.cat(pair, 1) for pair in zip(last_there, last_back, strict=True)]
    else:
        states, final = read(model.encoder, words.flip(0) if model.reverse_source else words)
    hidden, cell_state = (bridge(part) for bridge, part in zip(model.bridges, final, strict=True))
    state, step, logits = (torch.tanh(hidden), cell_state), cell(model.decoder), []
    for word in model.target_embedding(target):
        state = step(word[None], state)
        output = state[0]
        if model.alignment is not None:
            attention = model.alignment
            scores = []
            for key in attention.key(states):
                query = attention.query(output)[0]
                if attention.kind == "additive":
                    scores.append(attention.energy(torch.tanh(query + key))[0])
                else:
                    scores.append(query @ key)
            weights = torch.stack(scores).softmax(0)
            context = weights @ torch.cat([states, words], 1)
            output = torch.tanh(attention.combine(torch.cat([output, context[None]], 1)))
        logits.append(model.head(output))
    return torch.cat(logits)


@pytest.mark.parametrize(
    "name",
    ["plain", "plain-forward", "bidirectional", "attention", "attention-dot", "attention-additive"],
)
def test_the_fused_model_is_the_loop_of_cells(name):
    spec = find_translator(name)
    model = build_translator(spec, source_size=9, target_size=11, hidden=8).double()
    source, target = torch.tensor([4, 5, 8, 6, EOS]), torch.tensor([BOS, 7, 10, 4])
    memory = model.encode(source[None])
    fused = model.decode(target[None], memory, model.start(memory)).logits_BTV[0]
    torch.testing.assert_close(fused, by_cells(model, source, target), rtol=1e-10, atol=1e-10)


def test_a_reversed_source_keeps_its_padding_at_the_end():
    source = torch.tensor([[4, 5, 6, EOS], [7, EOS, 0, 0]])
    turned = reversed_source(source, torch.tensor([4, 2]))
    assert turned.tolist() == [[EOS, 6, 5, 4], [EOS, 7, 0, 0]]


def test_both_directions_of_all_layers_reach_the_bridge():
    recurrent = nn.LSTM(4, 3, 2, batch_first=True, bidirectional=True)
    words = torch.randn(2, 5, 4)
    states, (hidden, cell) = read_padded(recurrent, words, torch.tensor([5, 5]))
    assert hidden.shape == cell.shape == (2, 2, 6)
    torch.testing.assert_close(hidden[:, 1, :3], states[:, -1, :3])
    torch.testing.assert_close(hidden[:, 1, 3:], states[:, 0, 3:])


def test_forget_gates_start_open_and_recurrence_orthogonal():
    model = build_translator(find_translator("plain"), source_size=9, target_size=9, hidden=8)
    assert model.encoder.bias_hh_l0[8:16].tolist() == [1.0] * 8
    block = model.decoder.weight_hh_l0[:8]
    torch.testing.assert_close(block @ block.T, torch.eye(8), atol=1e-5, rtol=0)


def test_a_hierarchical_encoder_sees_every_segment():
    spec = find_translator("hierarchical")
    model = build_translator(spec, source_size=9, target_size=9, hidden=8, segment=3)
    source = torch.tensor([[4, 5, 6, 7, 8, 4, 5, EOS]])
    start = model.start(model.encode(source)).tensors[0]
    for at in range(7):
        changed = source.clone()
        changed[0, at] = 4 + (int(source[0, at]) - 3) % 5
        assert not torch.allclose(model.start(model.encode(changed)).tensors[0], start)
