"""What every trained classifier can do, whatever it is made of: from texts to probabilities.

Legend: N texts, C classes, B batch.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.labelled import encode_text, words_of
from core.data.text_batch import TextInputs, make_text_inputs
from core.models.text_classifier import TextClassifier
from core.text.words import WordVocabulary

TEXTS_AT_ONCE = 128
FLOAT_BYTES = 4


class Predictor(Protocol):
    """A trained classifier."""

    def predict(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the probability of each class for each text, (N, C); rows sum to 1."""

    @property
    def parameters(self) -> int:
        """How many numbers it learned."""

    @property
    def embedding_parameters(self) -> int:
        """How many of them are the table of words."""

    @property
    def megabytes(self) -> float:
        """How large it is on disk."""


class NeuralPredictor:
    """A neural classifier with its vocabulary.

    Texts are cut after `most_words`. A naive model reads them padded to `pad_to` words, as the
    code that answers write down does; the others get the padding of their batch.
    """

    def __init__(
        self,
        model: TextClassifier,
        vocabulary: WordVocabulary,
        *,
        most_words: int,
        pad_to: int = 0,
        device: torch.device,
    ) -> None:
        self.model, self.vocabulary, self.device = model, vocabulary, device
        self.most_words = most_words
        self.pad_to = pad_to if model.naive else 0

    def predict(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the probability of each class for each text, (N, C); rows sum to 1."""
        rows = [self.encode(text) for text in texts]
        return self.predict_rows(rows)

    def up_to(self, most_words: int) -> "NeuralPredictor":
        """Return the same model, cutting texts after `most_words`."""
        return NeuralPredictor(
            self.model,
            self.vocabulary,
            most_words=most_words,
            pad_to=self.pad_to,
            device=self.device,
        )

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text's words."""
        return encode_text(words_of(text), self.vocabulary, self.most_words)

    def predict_rows(self, rows: Sequence[Sequence[int]], *, pads: int = 0) -> NDArray[np.float64]:
        """Return the probabilities of encoded texts, with `pads` more positions of padding."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        found: list[NDArray[np.float64]] = []
        for at in range(0, len(rows), TEXTS_AT_ONCE):
            some = [rows[i] for i in order[at : at + TEXTS_AT_ONCE]]
            found.append(self.probabilities(make_text_inputs(some, self.pad_to).with_pads(pads)))
        if not found:
            return np.empty((0, self.model.head.out_features))
        probabilities_NC = np.empty((len(rows), found[0].shape[1]))
        probabilities_NC[order] = np.concatenate(found)
        return probabilities_NC

    @torch.no_grad()
    def probabilities(self, inputs: TextInputs) -> NDArray[np.float64]:
        """Return the probabilities of texts as tensors, dropout off, (B, C)."""
        was_training = self.model.training
        self.model.eval()
        logits_BC = self.model(inputs.to(self.device))
        self.model.train(was_training)
        found: NDArray[np.float64] = logits_BC.cpu().double().softmax(1).numpy()
        return found

    @property
    def parameters(self) -> int:
        """How many numbers it learned."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def embedding_parameters(self) -> int:
        """How many of them are the table of words."""
        return self.model.embedding.weight.numel()

    @property
    def megabytes(self) -> float:
        """How large its weights are on disk; the vocabulary is not counted."""
        return FLOAT_BYTES * self.parameters / 1e6


class MajorityPredictor:
    """Answers every text with the shares of the classes: the floor of every table."""

    def __init__(self, labels: Sequence[int], classes: int) -> None:
        counts_C = np.bincount(labels, minlength=classes)
        self.shares_C = counts_C / counts_C.sum()

    def predict(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the shares of the classes for each text, (N, C)."""
        return np.tile(self.shares_C, (len(texts), 1))

    @property
    def parameters(self) -> int:
        """How many numbers it learned."""
        return len(self.shares_C)

    @property
    def embedding_parameters(self) -> int:
        """None: it knows no words."""
        return 0

    @property
    def megabytes(self) -> float:
        """How large it is on disk."""
        return FLOAT_BYTES * self.parameters / 1e6
