"""Translators for the tests: one that says what a table says, and the catalogue's, untrained."""

import torch

from core.models.build_translator import build_translator
from core.models.translator import Decoded, DecoderState, Memory, Translator
from core.models.translators import TRANSLATORS

WORDS = ("plain", "attention", "attention-gru", "transformer-sinusoidal", "transformer-rotary")


class Scripted(Translator):
    """Says the next word with the probabilities of `table[words so far]`; it has no attention."""

    has_attention = False
    has_start_state = False

    def __init__(self, table, size):
        super().__init__()
        self.table, self.size = table, size

    def encode(self, source_BS):
        return Memory(source_BS != 0, {})

    def start(self, memory):
        return DecoderState(0, (torch.zeros(len(memory.mask_BS), 0, dtype=torch.long),))

    def decode(self, words_BT, memory, state, *, bias_BTS=None, want_attention=False):
        seen_BT = torch.cat([state.tensors[0], words_BT], 1)
        logits_BTV = torch.full((*words_BT.shape, self.size), -100.0)
        for row, words in enumerate(seen_BT.tolist()):
            for step in range(words_BT.shape[1]):
                said = tuple(words[1 : state.steps + step + 1])
                for word, probability in self.table.get(said, {2: 1.0}).items():
                    logits_BTV[row, step, word] = torch.tensor(probability).log()
        return Decoded(logits_BTV, DecoderState(seen_BT.shape[1], (seen_BT,)), None)


def untrained(name, size=12, seed=0, sharpness=6.0):
    """Return a model of the catalogue that never learned but is sure of what it says."""
    model = build_translator(
        TRANSLATORS[name], source_size=size, target_size=size, hidden=16, layers=1, seed=seed
    ).eval()
    with torch.no_grad():
        model.head.weight.mul_(sharpness)
    return model


def sources(rows=5, longest=7, size=12, seed=0):
    """Return random sources of different lengths, as ids that end in EOS."""
    generator = torch.Generator().manual_seed(seed)
    ids_BS = torch.randint(4, size, (rows, longest + 1), generator=generator)
    for row in range(rows):
        length = longest - row % longest
        ids_BS[row, length] = 2
        ids_BS[row, length + 1 :] = 0
    return ids_BS
