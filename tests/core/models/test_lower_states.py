import pytest
import torch
from tiny_encoders import TEXTS, tiny_bert

from core import device
from core.models import lower_states
from core.models.lower_states import LowerStates


@pytest.fixture(params=[torch.float32, torch.bfloat16])
def precision(request, monkeypatch):
    for module in (device, lower_states):
        monkeypatch.setattr(module, "fast_precision", lambda _: request.param)
    return request.param


def computed(encoder, rows, below):
    inputs = encoder.inputs(rows)
    return encoder.run(encoder.embed(inputs), inputs.lengths_B, last=below), inputs.lengths_B


@pytest.mark.parametrize("is_filled", [True, False])
@pytest.mark.parametrize("below", [0, 2, 4])
def test_what_is_read_is_what_the_lower_layers_say(precision, below, is_filled):
    encoder = tiny_bert()
    lower = LowerStates(encoder, below=below)
    if is_filled:
        list(lower.fill(TEXTS))
    rows = encoder.encode(TEXTS[::-1])
    states, lengths = lower.read(rows)
    expected, expected_lengths = computed(encoder, rows, below)
    assert torch.equal(lengths, expected_lengths)
    assert states.dtype == torch.float32
    near = 1e-5 if precision == torch.float32 else 0.1
    for row, length in enumerate(lengths):
        torch.testing.assert_close(states[row, :length], expected[row, :length], atol=near, rtol=0)
        assert (states[row, length:] == 0).all()


def test_it_says_how_many_texts_are_done_and_computes_each_once(monkeypatch):
    monkeypatch.setattr(lower_states, "READ_AT_ONCE", 2)
    lower = LowerStates(tiny_bert(), below=2)
    assert list(lower.fill([*TEXTS, TEXTS[0]])) == [3, 5, 7]
    assert list(lower.fill(TEXTS)) == []
    assert list(lower.fill([*TEXTS, "good"])) == [7]


def test_reading_computes_nothing_that_was_kept(monkeypatch):
    encoder = tiny_bert()
    lower = LowerStates(encoder, below=2)
    list(lower.fill(TEXTS))
    monkeypatch.setattr(encoder, "run", None)
    states, _ = lower.read(encoder.encode(TEXTS))
    assert len(states) == len(TEXTS)


def test_what_does_not_fit_is_computed_when_it_is_read(monkeypatch):
    encoder = tiny_bert()
    rows = encoder.encode(TEXTS)
    whole = LowerStates(encoder, below=2)
    list(whole.fill(TEXTS))
    monkeypatch.setattr(lower_states, "READ_AT_ONCE", 1)
    monkeypatch.setattr(lower_states, "MOST_MEGABYTES", 12 * 16 * 4 / 1e6)
    small = LowerStates(encoder, below=2)
    done = list(small.fill(TEXTS))
    assert 0 < len(done) < len(TEXTS)
    torch.testing.assert_close(small.read(rows)[0], whole.read(rows)[0], atol=0.05, rtol=0)
