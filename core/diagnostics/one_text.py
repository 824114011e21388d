"""One text as a neural classifier reads it, so that what it reads can be taken apart.

Legend: T time, the padding of a naive model included; E embedding width.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.labelled import words_of
from core.data.text_batch import make_text_inputs
from core.models.predictor import NeuralPredictor
from core.text.sentences import Words
from core.text.words import SPECIALS, UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class OneText:
    """A text, embedded: `words` are those that are read, `length_1` says how many there are."""

    words: Words
    features_1TE: Tensor
    length_1: Tensor

    @property
    def count(self) -> int:
        """The number of words."""
        return len(self.words)


def read_words(text: str, most_words: int) -> Words:
    """Return the words of a text that a classifier reads; of an empty one, an unknown word."""
    return words_of(text)[:most_words] or (SPECIALS[UNKNOWN],)


@torch.no_grad()
def embed_text(predictor: NeuralPredictor, text: str) -> OneText:
    """Return the text, embedded and padded as the predictor does it."""
    ids = predictor.encode(text)
    inputs = make_text_inputs([ids], predictor.pad_to).to(predictor.device)
    return OneText(
        words=read_words(text, predictor.most_words),
        features_1TE=predictor.model.embed(inputs.words_BT),
        length_1=inputs.lengths_B,
    )
