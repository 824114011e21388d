import numpy as np
import pytest
import torch

from core.diagnostics.erasure import erasure_drops, top_agreement
from core.models.build_translator import build_translator
from core.models.translator import Decoded, DecoderState, Memory, Translator
from core.models.translators import TRANSLATORS
from core.text.words import BOS, EOS, UNKNOWN

NAMES = ("plain", "attention", "attention-additive", "hierarchical", "transformer-sinusoidal")
SOURCE, SAID = [5, 7, 6, 9, 5, EOS], [8, 4, 10, 6]


def build(name, seed=0):
    return build_translator(
        TRANSLATORS[name], source_size=12, target_size=12, hidden=16, segment=3, seed=seed
    )


class Copier(Translator):
    """Says word t of the source at step t, nine times in ten."""

    has_attention = False
    has_start_state = False

    def __init__(self):
        super().__init__()
        self.dummy = torch.nn.Parameter(torch.zeros(1))

    def encode(self, source_BS):
        return Memory(source_BS != 0, {"source": source_BS})

    def start(self, memory):
        return DecoderState(0, ())

    def decode(self, words_BT, memory, state, *, bias_BTS=None, want_attention=False):
        shares_BTV = torch.full((*words_BT.shape, 12), 0.1 / 11)
        steps = words_BT.shape[1]
        said_BT1 = memory.tensors["source"][:, state.steps : state.steps + steps, None]
        return Decoded(shares_BTV.scatter(2, said_BT1, 0.9).log(), state, None)


def test_a_copier_stands_on_one_word_each_by_hand():
    drops = erasure_drops(Copier(), [5, 6, 7, EOS], [5, 6, 7])
    lost = np.log(0.9) - np.log(0.1 / 11)
    expected = np.zeros((4, 4))
    np.fill_diagonal(expected, lost)
    np.testing.assert_allclose(drops, expected, atol=1e-5)


def test_without_its_end_the_last_row_is_the_last_word():
    drops = erasure_drops(Copier(), [5, 6, 7, EOS], [5, 6, 7], finished=False)
    assert drops.shape == (3, 4)


def log_probability(model, source, said, step):
    """Return the log-probability of one word, one step after the other: the slow oracle."""
    with torch.no_grad():
        memory = model.encode(torch.tensor([source]))
        state, word = model.start(memory), BOS
        for each in said[: step + 1]:
            decoded = model.decode(torch.tensor([[word]]), memory, state)
            state, word = decoded.state, each
    return decoded.logits_BTV[0, -1].log_softmax(-1)[said[step]].item()


@pytest.mark.parametrize("how", ["unknown", "remove"])
@pytest.mark.parametrize("name", NAMES)
def test_each_drop_is_that_of_one_source_erased_alone(name, how):
    model = build(name).eval()
    drops = erasure_drops(model, SOURCE, SAID, how=how)
    assert drops.shape == (len(SAID) + 1, len(SOURCE))
    for at in range(len(SOURCE)):
        rest = [*SOURCE[:at], *([UNKNOWN] if how == "unknown" else []), *SOURCE[at + 1 :]]
        for step in range(len(SAID) + 1):
            whole = log_probability(model, SOURCE, [*SAID, EOS], step)
            erased = log_probability(model, rest, [*SAID, EOS], step)
            assert drops[step, at] == pytest.approx(whole - erased, abs=1e-5)


def test_a_source_longer_than_one_pass_is_the_same():
    model = build("attention").eval()
    source = [*(4 + at % 8 for at in range(70)), EOS]
    drops = erasure_drops(model, source, SAID)
    erased = [*source[:65], UNKNOWN, *source[66:]]
    whole = log_probability(model, source, SAID, 2)
    expected = whole - log_probability(model, erased, SAID, 2)
    assert drops[2, 65] == pytest.approx(expected, abs=1e-5)


def test_the_model_is_left_in_its_mode_without_gradients():
    model = build("attention").train()
    erasure_drops(model, SOURCE, SAID)
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_nothing_said_is_empty_not_an_error():
    model = build("attention").eval()
    assert erasure_drops(model, SOURCE, [], finished=False).shape == (0, 6)


def test_agreement_counts_the_rows_with_the_same_choice():
    first = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.5, 0.5]])
    second = np.array([[3.0, 1.0], [3.0, 1.0], [0.0, -2.0], [1.0, 0.0]])
    assert top_agreement(first, second) == 0.5
    assert top_agreement(first, first) == 0.75  # the last row makes no choice
    assert np.isnan(top_agreement(np.zeros((0, 3)), np.zeros((0, 3))))
