"""Which runs of words decide in a convolutional classifier.

Legend: F filters of a kernel, W windows, C classes.
"""

from collections import defaultdict
from dataclasses import dataclass

import torch
from torch import Tensor

from core.diagnostics.forced_reading import undisturbed
from core.diagnostics.one_text import embed_text
from core.models.classifiers import KERNELS
from core.models.predictor import NeuralPredictor
from core.models.text_classifier import ConvolutionalClassifier
from core.text.words import PAD, SPECIALS
from core.training.events import Columns


@dataclass(frozen=True, slots=True)
class WinningNgrams:
    """What makes up the lead of a class: `bias` and the weights of the windows sum to `lead`.

    Attributes:
        columns: a window a row, the weightiest first: `words`, `start` (0 is the text's first
            word), `kernel` (words it looks at), `filters` (how many have their maximum there) and
            `weight`, what these add to the lead.
        bias: what the lead is without any word.
        lead: the logit of the class minus the mean of the other classes' logits.
    """

    columns: Columns
    bias: float
    lead: float


def winning_ngrams(predictor: NeuralPredictor, text: str, label: int) -> WinningNgrams:
    """Return the windows of a text that a convolutional classifier answers by.

    Of each filter only the window with the highest answer counts (the first of equal ones); a
    filter that answers nothing anywhere wins nothing. So this is no approximation: it is the
    whole logit, taken apart. In a text shorter than the kernel a window has fewer words; in a
    naive model windows can lie in the padding.
    """
    model = predictor.model
    assert isinstance(model, ConvolutionalClassifier)
    with undisturbed(model):
        one = embed_text(predictor, text)
        answers = [each.cpu() for each in model.windows(one.features_1TE, one.length_1)]
        logits_C = model.read(one.features_1TE, one.length_1)[0].cpu().double()
        weights_CF, bias_C = model.head.weight.cpu().double(), model.head.bias.cpu().double()
        weights = torch.split(_lead(weights_CF, label), [each.shape[1] for each in answers])
        names = [*one.words, *[SPECIALS[PAD]] * (one.features_1TE.shape[1] - one.count)]
        rows = []
        for kernel, answers_1FW, weight_F in zip(KERNELS, answers, weights, strict=True):
            best_F, start_F = answers_1FW[0].double().max(1)
            won = _won(start_F[best_F > 0], (weight_F * best_F)[best_F > 0])
            rows += [
                (" ".join(names[start : start + kernel]), start, kernel, filters, weight)
                for start, (filters, weight) in won.items()
            ]
    rows.sort(key=lambda row: -abs(row[-1]))
    columns = ("words", "start", "kernel", "filters", "weight")
    return WinningNgrams(
        columns={name: [row[at] for row in rows] for at, name in enumerate(columns)},
        bias=float(_lead(bias_C, label)),
        lead=float(_lead(logits_C, label)),
    )


def _lead(values_C: Tensor, label: int) -> Tensor:
    """Return the class's values minus the mean of the other classes'."""
    others = values_C.sum(0) - values_C[label]
    return values_C[label] - others / (len(values_C) - 1)


def _won(start_F: Tensor, weight_F: Tensor) -> dict[int, tuple[int, float]]:
    """Return, by window, how many filters it wins and what they add."""
    won: defaultdict[int, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for start, weight in zip(start_F.tolist(), weight_F.tolist(), strict=True):
        filters, before = won[start]
        won[start] = filters + 1, before + weight
    return won
