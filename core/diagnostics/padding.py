"""What padding behind a text does to its classification: nothing, if the model is right.

Legend: B batch, N texts, H hidden width.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cosine_similarity

from core.data.text_batch import TextInputs, make_text_inputs
from core.diagnostics.forced_reading import undisturbed
from core.diagnostics.word_order import flip_share
from core.metrics.classification import STANDARD_ERRORS
from core.models.predictor import TEXTS_AT_ONCE, NeuralPredictor
from core.models.recurrent_classifier import RecurrentClassifier
from core.training.events import Columns

PADS = (0, 1, 5, 20, 100, 400)
LAB_PADS = (0, 1, 2, 3, 5, 10, 20, 40)
READINGS = ("right", "as written")


def padding_columns(
    predictor: NeuralPredictor,
    texts: Sequence[str],
    labels: Sequence[int],
    *,
    pads: Sequence[int] = PADS,
) -> Columns:
    """Return what more padding does to the answers, a row per number of pads.

    Compared are the answers without more padding than the model usually gets. What a right model
    changes is rounding, below 1e-6.

    Columns: `pads`, `largest_change` of a probability, `flips`, the share of changed answers, and
    `accuracy`, from 0 to 1.
    """
    if not texts:
        return {name: [] for name in ("pads", "largest_change", "flips", "accuracy")}
    rows = [predictor.encode(text) for text in texts]
    usual_NC = predictor.predict_rows(rows)
    found = [predictor.predict_rows(rows, pads=each) for each in pads]
    labels_N = np.asarray(labels)
    return {
        "pads": list(pads),
        "largest_change": [float(np.abs(each - usual_NC).max()) for each in found],
        "flips": [flip_share(usual_NC, each) for each in found],
        "accuracy": [float((each.argmax(1) == labels_N).mean()) for each in found],
    }


def padding_lab_columns(
    predictor: NeuralPredictor,
    texts: Sequence[str],
    labels: Sequence[int],
    *,
    pads: Sequence[int] = LAB_PADS,
) -> Columns:
    """Return how far the last state is from the true one, a row per reading and number of pads.

    The same weights are read in two ways. "right": the state where the text ends. "as written":
    the state after its padding, which is what `h_n` is without packing; a backward layer then
    reads the padding first. The true state is the right one without any padding. Each text has
    just so many pads behind its own end. There are no rows for a model that is not recurrent.

    Columns: `reading`, `pads`, `cosine` of the two states, mean over the texts, with its 95 %
    interval over the texts `cosine_low` and `cosine_high` (None of a single text), `accuracy` of
    the head on that state, from 0 to 1, and `n` texts.
    """
    names = ("reading", "pads", "cosine", "cosine_low", "cosine_high", "accuracy", "n")
    model = predictor.model
    if not texts or not isinstance(model, RecurrentClassifier):
        return {name: [] for name in names}
    found = []
    with undisturbed(model):
        parts = list(_parts(predictor, model, texts, labels))
        for reading in READINGS:
            for each in pads:
                read = [_read(model, part, reading, each) for part in parts]
                cosine_N, right_N = (
                    torch.cat(values).double().numpy() for values in zip(*read, strict=True)
                )
                mean, low, high = _mean_interval(cosine_N)
                found.append((reading, each, mean, low, high, float(right_N.mean()), len(texts)))
    return dict(zip(names, map(list, zip(*found, strict=True)), strict=True))


class _Part(NamedTuple):
    """Texts of about one length, with their labels and true states."""

    inputs: TextInputs
    labels_B: Tensor
    true_BH: Tensor


def _parts(
    predictor: NeuralPredictor,
    model: RecurrentClassifier,
    texts: Sequence[str],
    labels: Sequence[int],
) -> Iterator[_Part]:
    coded = zip([predictor.encode(text) for text in texts], labels, strict=True)
    ordered = sorted(coded, key=lambda each: len(each[0]))
    for at in range(0, len(ordered), TEXTS_AT_ONCE):
        rows, some = zip(*ordered[at : at + TEXTS_AT_ONCE], strict=True)
        inputs = make_text_inputs(rows).to(predictor.device)
        yield _Part(inputs, torch.tensor(some), _state(model, inputs, inputs.lengths_B))


def _read(
    model: RecurrentClassifier, part: _Part, reading: str, pads: int
) -> tuple[Tensor, Tensor]:
    """Return the cosine to the true state and whether the answer is right, (B,), on the CPU."""
    ends_B = part.inputs.lengths_B + (0 if reading == "right" else pads)
    state_BH = _state(model, part.inputs.with_pads(pads), ends_B)
    right_B = model.head(state_BH).argmax(1).cpu() == part.labels_B
    return cosine_similarity(part.true_BH, state_BH).cpu(), right_B


def _state(model: RecurrentClassifier, inputs: TextInputs, ends_B: Tensor) -> Tensor:
    """Return what is read of texts that end at `ends_B`, padding before it being a word."""
    return model.summary_at(model.states(model.embed(inputs.words_BT), ends_B), ends_B)


def _mean_interval(values_N: NDArray[np.float64]) -> tuple[float, float | None, float | None]:
    """Return the mean of cosines with its 95 % interval, which ends at 1."""
    mean = float(values_N.mean())
    if len(values_N) < 2:
        return mean, None, None
    reach = STANDARD_ERRORS * float(values_N.std(ddof=1)) / math.sqrt(len(values_N))
    return mean, mean - reach, min(1.0, mean + reach)
