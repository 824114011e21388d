"""A translator that copies its source by rule, and can be broken in one known way at a time."""

import torch
from torch.nn.functional import one_hot

from core.data.pairs import Pair
from core.diagnostics.forced_reading import make_sample
from core.models.translator import Decoded, DecoderState, Memory, Translator, overridden
from core.text.words import EOS, PAD, WordVocabulary

VOCABULARY = WordVocabulary.of([["a", "b", "c", "d", "e", "f", "g", "h"]])


class Copying(Translator):
    """Says the word at its own place; no weights, no training.

    `reads` says where the source is: "state" (one vector, no attention), "memory" (attention).
    A `fragile` one only ends once a word before was not the source's. `stops` is after how
    many words it ends; `doubt` is the probability that it spreads over all words.
    """

    def __init__(self, reads="memory", *, fragile=False, stops=1000, doubt=1e-6):
        super().__init__()
        self.has_attention = reads == "memory"
        self.has_start_state = True
        self.fragile, self.stops, self.doubt = fragile, stops, doubt

    def encode(self, source_BS):
        return Memory(source_BS != PAD, {"source": source_BS})

    def start(self, memory):
        lost_B1 = torch.zeros(len(memory.mask_BS), 1, dtype=torch.bool)
        source_BS = memory.tensors["source"]
        return DecoderState(0, (lost_B1, source_BS * (not self.has_attention)))

    def decode(self, words_BT, memory, state, *, bias_BTS=None, want_attention=False):
        lost_B1, source_BS = state.tensors
        read_BS = memory.tensors["source"] if self.has_attention else source_BS
        mask_BS = read_BS != PAD
        places_S, logits, weights = torch.arange(read_BS.shape[1]), [], []
        for step, word_B in enumerate(words_BT.T, start=state.steps):
            if step and self.fragile:
                word_B1, wanted = word_B[:, None], min(step, len(places_S))
                lost_B1 = lost_B1 | (word_B1 != read_BS[:, wanted - 1 : wanted])
            scores_BS = -1e4 * (places_S - step).abs().expand(mask_BS.shape).float()
            scores_BS = overridden(scores_BS, mask_BS, self.override)
            weights_BS = scores_BS.masked_fill(~mask_BS, -torch.inf).softmax(-1)
            said_BV = (weights_BS[..., None] * one_hot(read_BS, VOCABULARY.size)).sum(1)
            if step >= self.stops:
                said_BV = one_hot(torch.full_like(word_B, EOS), VOCABULARY.size).float()
            said_BV = torch.where(lost_B1, 0.0, said_BV)
            logits.append(((1 - self.doubt) * said_BV + self.doubt / VOCABULARY.size).log())
            weights.append(weights_BS)
        attention = torch.stack(weights, 1)[:, None] if want_attention else None
        after = DecoderState(state.steps + words_BT.shape[1], (lost_B1, source_BS))
        return Decoded(torch.stack(logits, 1), after, attention)


def copies(*sentences, bucket=10, gold=True):
    """Return a sample of sentences ("abc" is three words) that are to be copied."""
    pairs = [
        Pair(tuple(words), tuple(words), tuple(range(len(words))) if gold else None)
        for words in sentences
    ]
    return make_sample(bucket, pairs, VOCABULARY, VOCABULARY)
