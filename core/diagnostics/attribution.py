"""Which words a classifier's answer stands on, by three methods that can disagree.

All explain the probability of a class, in the same unit: how much of it is a word's. A probability
is bounded, so what no word can add is shared out too: where a model is sure, the gradient at the
text is almost 0 although its words decide, and integrated gradients are not.
Legend: N points between nothing and the text, T time, E embedding width.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.diagnostics.forced_reading import undisturbed
from core.diagnostics.one_text import OneText, embed_text
from core.models.predictor import NeuralPredictor, Predictor
from core.models.text_classifier import TextClassifier
from core.text.sentences import Words

COMPLETENESS = 0.01
"""How far the words' shares may be from what they explain together."""
PIECES = 32
_MOST_PIECES = 1024
_SHORTEST = 2.0**-22  # of the whole way; below it, the rounding of float32 is all there is
_POSITIONS_AT_ONCE = 16_384  # of all points of a batch: 100 MB of what an LSTM keeps for gradients


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """How much of the probability of a class each word is answerable for.

    Attributes:
        words: those that the model reads.
        methods: by name, one number a word; negative where it speaks against the class.
        probability: of the class.
        baseline_probability: of the class where all words are embedded as zeros.
        completeness_error: how far the integrated gradients' sum is from the difference of the two.
    """

    words: Words
    methods: dict[str, list[float]]
    probability: float
    baseline_probability: float
    completeness_error: float


@dataclass(frozen=True, slots=True)
class DeletionDrop:
    """What a probability loses without the words of the highest shares, and without random ones."""

    top: float
    random: float


def attribute(predictor: NeuralPredictor, text: str, label: int) -> Attribution:
    """Return what each word of a text does to the probability of the class `label`.

    - *Integrated gradients* (Sundararajan et al. 2017, arXiv:1703.01365) sum to the probability
      minus that without any word; `completeness_error` says how well.
    - *Gradient x input* is the same with the gradient at the text alone.
    - *Occlusion* is what the probability loses when the word is left out, see `occlusion`.

    None of them is what a model "thinks": words that are there twice share one effect, and a word
    without a share can still matter together with another one.
    """
    with undisturbed(predictor.model):
        one = embed_text(predictor, text)
        way = Way(predictor.model, one, label)
        baseline, probability = way.probabilities(torch.tensor([0.0, 1.0])).tolist()
        shares_T = integrated_gradients(way)
        _, product_1T = way.slopes(torch.ones(1))
    return Attribution(
        words=one.words,
        methods={
            "integrated gradients": shares_T.tolist(),
            "gradient x input": product_1T[0].tolist(),
            "occlusion": occlusion(predictor, one.words, label),
        },
        probability=probability,
        baseline_probability=baseline,
        completeness_error=abs(float(shares_T.sum()) - (probability - baseline)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """The straight line from a text whose words are all zero to the text, and a class on it.

    A naive model's padding stays as it is throughout.
    """

    model: TextClassifier
    one: OneText
    label: int

    def probabilities(self, places_N: Tensor) -> Tensor:
        """Return the probability of the class at places from 0, no words, to 1, the text: (N,)."""
        return self._read(self._points(places_N)).cpu().double()

    def slopes(self, places_N: Tensor) -> tuple[Tensor, Tensor]:
        """Return the probability at the places, and what each word adds to its slope, (N, T)."""
        found = [self._slopes(some_N) for some_N in self._parts(places_N)]
        probability_N, product_NT = (torch.cat(part) for part in zip(*found, strict=True))
        return probability_N.cpu().double(), product_NT.cpu().double()

    def _parts(self, places_N: Tensor) -> list[Tensor]:
        at_once = max(1, _POSITIONS_AT_ONCE // self.one.features_1TE.shape[1])
        return list(torch.split(places_N, at_once))

    def _slopes(self, places_N: Tensor) -> tuple[Tensor, Tensor]:
        points_NTE = self._points(places_N).requires_grad_()
        # cuDNN has no gradients of recurrent layers in eval mode
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
            probability_N = self._read(points_NTE)
            (gradient_NTE,) = torch.autograd.grad(probability_N.sum(), points_NTE)
        words_TE = self.one.features_1TE[0, : self.one.count]
        return probability_N.detach(), (gradient_NTE[:, : self.one.count] * words_TE).sum(2)

    def _points(self, places_N: Tensor) -> Tensor:
        features_1TE = self.one.features_1TE
        scale_NT1 = features_1TE.new_ones(len(places_N), features_1TE.shape[1], 1)
        scale_NT1[:, : self.one.count] = places_N.to(scale_NT1)[:, None, None]
        return scale_NT1 * features_1TE

    def _read(self, points_NTE: Tensor) -> Tensor:
        length_N = self.one.length_1.expand(len(points_NTE))
        return self.model.read(points_NTE, length_N).softmax(1)[:, self.label]


def integrated_gradients(
    way: Way, *, pieces: int = PIECES, completeness: float = COMPLETENESS
) -> Tensor:
    """Return the share of each word in the probability of the class, (words,), in float64.

    The slope is summed over `pieces` of the way, each taken at its middle. What a piece should
    come to is known, the difference of the probability at its ends: a piece that misses it by
    more than its part of `completeness` is halved. A plain RNN can need that, since near the
    zero state it may jump from one answer to the other within a thousandth of the way.
    """
    edges_N = torch.linspace(0, 1, pieces + 1, dtype=torch.float64)
    edge_probabilities_N = way.probabilities(edges_N)
    low_N, before_N, after_N = edges_N[:-1], edge_probabilities_N[:-1], edge_probabilities_N[1:]
    shares_T = torch.zeros(way.one.count, dtype=torch.float64)
    width, used = 1 / pieces, pieces
    while True:
        middle_N, product_NT = way.slopes(low_N + width / 2)
        gap_N = (product_NT.sum(1) * width - (after_N - before_N)).abs()
        is_rough_N = gap_N > completeness / pieces
        used += 2 * int(is_rough_N.sum())
        if used > _MOST_PIECES or width < _SHORTEST:
            is_rough_N[:] = False
        shares_T += product_NT[~is_rough_N].sum(0) * width
        if not is_rough_N.any():
            return shares_T
        width /= 2
        low_N = torch.cat([low_N[is_rough_N], low_N[is_rough_N] + width])
        before_N, after_N = (
            torch.cat([before_N[is_rough_N], middle_N[is_rough_N]]),
            torch.cat([middle_N[is_rough_N], after_N[is_rough_N]]),
        )


def occlusion(predictor: Predictor, words: Sequence[str], label: int) -> list[float]:
    """Return how much of the probability of a class is lost when each word is left out.

    Left out, not replaced by an unknown word: so it is the same question for every kind of model,
    also one that knows no unknown words, and no trained vector takes the word's place. Positions
    close up, so two words that were apart can become neighbours.
    """
    rest = [_without(words, {at}) for at in range(len(words))]
    probability_N = predictor.predict([" ".join(words), *rest])[:, label]
    lost: list[float] = (probability_N[0] - probability_N[1:]).tolist()
    return lost


def deletion_drop(
    predictor: Predictor,
    words: Sequence[str],
    label: int,
    shares: Sequence[float],
    *,
    count: int = 3,
    draws: int = 20,
    seed: int = 0,
) -> DeletionDrop:
    """Return whether the words that a method names are those that the answer stands on.

    Args:
        predictor: any trained classifier.
        words: of a text, as it is read.
        label: of which class the probability is.
        shares: one number a word, see `Attribution.methods`.
        count: so many words are removed at a time; of a shorter text, all.
        draws: how often random ones are, of which the mean is taken.
        seed: of the random words.
    """
    random = np.random.default_rng(seed)
    count = min(count, len(words))
    top = np.argsort(-np.asarray(shares), kind="stable")[:count]
    removed = [top, *(random.choice(len(words), count, replace=False) for _ in range(draws))]
    rest = [_without(words, set(each.tolist())) for each in removed]
    probability_N = predictor.predict([" ".join(words), *rest])[:, label]
    lost_N = probability_N[0] - probability_N[1:]
    return DeletionDrop(top=float(lost_N[0]), random=float(lost_N[1:].mean()))


def _without(words: Sequence[str], removed: set[int]) -> str:
    return " ".join(word for at, word in enumerate(words) if at not in removed)
