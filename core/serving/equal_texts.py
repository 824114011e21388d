"""A classifier as it is served: texts of one length, and nothing that only others need.

Legend: N texts, B batch, T time, E embedding width, C classes.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import pad

from core.models.classifiers import KERNELS
from core.models.recurrent_classifier import RecurrentClassifier
from core.models.text_classifier import ConvolutionalClassifier, TextClassifier
from core.text.words import PAD

AT_ONCE = 128
"""Texts of one length that are answered at a time where only the answers count."""

LogitsOf = Callable[[Tensor], Tensor | NDArray[Any]]


class EqualTexts(nn.Module):
    """A classifier called with ids (B, T) alone: each of the texts has T words.

    The same answers as the classifier's own, from a smaller graph: where all texts end together
    there is nothing to mask and no state to gather, so that every runtime has an operator for each
    step of it.
    """

    def __init__(self, classifier: TextClassifier) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, words_BT: Tensor) -> Tensor:
        """Return the logits, (B, C)."""
        features_BTE = self.classifier.embedding(words_BT)
        if isinstance(self.classifier, RecurrentClassifier):
            return self._last(self.classifier, features_BTE)
        lengths_B = torch.ones_like(words_BT).sum(1)
        if isinstance(self.classifier, ConvolutionalClassifier) and not self.classifier.naive:
            features_BTE = pad(features_BTE, (0, 0, 0, KERNELS[-1] - 1))  # windows enough for all
        return self.classifier.read(features_BTE, lengths_B)

    def _last(self, classifier: RecurrentClassifier, features_BTE: Tensor) -> Tensor:
        if classifier.pooling == "max":
            return classifier.head(self._states(classifier, features_BTE).amax(1))  # type: ignore[no-any-return]
        if classifier.backwards:
            states_BTH = self._states(classifier, features_BTE)
            hidden = states_BTH.shape[2] // 2
            ends_BH = torch.cat([states_BTH[:, -1, :hidden], states_BTH[:, 0, hidden:]], 1)
            return classifier.head(ends_BH)  # type: ignore[no-any-return]
        state: Any = None
        for forward in classifier.forwards:
            features_BTE, state = forward(features_BTE)
        last_1BH = state[0] if isinstance(state, tuple) else state
        return classifier.head(last_1BH[0])  # type: ignore[no-any-return]

    def _states(self, classifier: RecurrentClassifier, features_BTE: Tensor) -> Tensor:
        """Return the states of the top layer, (B, T, H); a backward layer reads from the end."""
        backwards = [*classifier.backwards, *[None] * len(classifier.forwards)]
        for forward, backward in zip(classifier.forwards, backwards, strict=False):
            states_BTH, _ = forward(features_BTE)
            if backward is not None:
                back_BTH, _ = backward(features_BTE.flip(1))
                states_BTH = torch.cat([states_BTH, back_BTH.flip(1)], 2)
            features_BTE = states_BTH
        return features_BTE


def answers_of(
    answer: LogitsOf, rows: Sequence[Sequence[int]], *, pad_to: int = 0
) -> NDArray[np.float64]:
    """Return the logits of encoded texts of any lengths, (N, C): those of one length together.

    `pad_to` is how long a naive model's texts are filled up. Texts without a word count as one
    padding.
    """
    full = [[*row, *[PAD] * (max(pad_to, 1) - len(row))] for row in rows]
    found: list[NDArray[np.float64]] = []
    order: list[int] = []
    by_length: dict[int, list[int]] = {}
    for index, row in enumerate(full):
        by_length.setdefault(len(row), []).append(index)
    for same in by_length.values():
        for at in range(0, len(same), AT_ONCE):
            some = same[at : at + AT_ONCE]
            logits_BC = answer(torch.tensor([full[index] for index in some]))
            found.append(np.asarray(logits_BC, dtype=np.float64))
            order += some
    if not found:
        return np.empty((0, 0))
    logits_NC = np.empty((len(full), found[0].shape[1]))
    logits_NC[order] = np.concatenate(found)
    return logits_NC
