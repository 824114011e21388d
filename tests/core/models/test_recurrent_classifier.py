from dataclasses import replace

import pytest
import torch
from small_texts import LENGTHS, SIZES, random_rows, random_texts, small
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from core.data.text_batch import make_text_inputs
from core.models.classifiers import CLASSIFIERS
from core.models.recurrent_classifier import CELLS

KINDS = [(cell, layers, both) for cell in CELLS for layers in (1, 2) for both in (False, True)]


def recurrent(cell, layers=1, both=False, **options):
    spec = replace(CLASSIFIERS["lstm"], cell=cell, bidirectional=both, **options)
    return small(spec, layers=layers, classes=3)


class Packed(nn.Module):
    """The same function as torch has it: one fused stack, packed texts, its h_n."""

    def __init__(self, model, cell, layers, both):
        super().__init__()
        self.both = both
        self.embedding = nn.Embedding.from_pretrained(
            model.embedding.weight.detach().clone(), freeze=False, padding_idx=0
        )
        self.stack = CELLS[cell](
            SIZES.width, SIZES.hidden, layers, batch_first=True, bidirectional=both
        )
        self.head = nn.Linear(model.head.in_features, model.head.out_features)
        self.head.load_state_dict(model.head.state_dict())
        self.pairs = [(self.head.weight, model.head.weight), (self.head.bias, model.head.bias)]
        parts = [(model.forwards, ""), (model.backwards, "_reverse")]
        for modules, suffix in parts[: 1 + both]:
            for layer, module in enumerate(modules):
                for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                    ours = getattr(module, f"{kind}_l0")
                    theirs = getattr(self.stack, f"{kind}_l{layer}{suffix}")
                    theirs.data.copy_(ours.data)
                    self.pairs.append((theirs, ours))
        self.pairs.append((self.embedding.weight, model.embedding.weight))

    def forward(self, texts):
        packed = pack_padded_sequence(
            self.embedding(texts.words_BT),
            texts.lengths_B,
            batch_first=True,
            enforce_sorted=False,
        )
        _, last = self.stack(packed)
        last = last[0] if isinstance(last, tuple) else last
        return self.head(torch.cat([last[-2], last[-1]], 1) if self.both else last[-1])


@pytest.mark.parametrize(("cell", "layers", "both"), KINDS)
def test_the_gathered_last_state_is_torchs_own_packed_one(cell, layers, both):
    model = recurrent(cell, layers, both)
    packed = Packed(model, cell, layers, both)
    texts = random_texts(lengths=(*LENGTHS, 12, 12), pads=4)
    torch.testing.assert_close(model(texts), packed(texts), atol=1e-6, rtol=0)
    assert len(packed.pairs) == len(list(model.parameters()))
    for each in (model, packed):
        each(texts).square().sum().backward()
    for theirs, ours in packed.pairs:
        torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("cell", "layers", "both"), KINDS)
def test_the_states_of_a_text_are_those_it_has_alone(cell, layers, both):
    model, rows = recurrent(cell, layers, both), random_rows()
    texts = make_text_inputs(rows).with_pads(2)
    states = model.states(model.embed(texts.words_BT), texts.lengths_B)
    assert states.shape == (len(rows), max(LENGTHS) + 2, SIZES.hidden * (1 + both))
    for row, found in zip(rows, states, strict=True):
        alone = make_text_inputs([row])
        expected = model.states(model.embed(alone.words_BT), alone.lengths_B)[0]
        torch.testing.assert_close(found[: len(row)], expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("both", [False, True])
def test_the_maximum_is_over_a_texts_own_words(both):
    model, rows = recurrent("gru", both=both, pooling="max"), random_rows()
    texts = make_text_inputs(rows).with_pads(5)
    states = model.states(model.embed(texts.words_BT), texts.lengths_B)
    summary = model.summary(states, texts.lengths_B)
    for row, each, found in zip(rows, states, summary, strict=True):
        assert torch.equal(found, each[: len(row)].amax(0))


def test_a_bilstm_is_read_at_the_end_forwards_and_at_the_start_backwards():
    model, rows = recurrent("lstm", both=True), random_rows()
    texts = make_text_inputs(rows)
    states = model.states(model.embed(texts.words_BT), texts.lengths_B)
    summary = model.summary(states, texts.lengths_B)
    for row, each, found in zip(rows, states, summary, strict=True):
        half = SIZES.hidden
        assert torch.equal(found, torch.cat([each[len(row) - 1, :half], each[0, half:]]))


def test_as_written_it_is_h_n_of_the_padded_text():
    model = small("lstm-naive", layers=2)
    texts = random_texts(pads=6)
    hidden = model.embed(texts.words_BT)
    for layer in model.forwards:
        hidden, (last, _) = layer(hidden)
    torch.testing.assert_close(model(texts), model.head(last[0]))
    states = model.states(model.embed(texts.words_BT), texts.lengths_B)
    rows = torch.arange(len(LENGTHS))
    assert torch.equal(model.summary_at(states, texts.lengths_B), states[rows, texts.lengths_B - 1])
