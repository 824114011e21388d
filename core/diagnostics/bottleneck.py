"""Whether all that a decoder knows of its source passes through one vector.

Legend: B batch, D width, C classes (words), F sentences that a probe is fitted to.
"""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from core.diagnostics.forced_reading import (
    ForcedReading,
    Sample,
    derangement,
    filled,
    home,
    read_forced,
    undisturbed,
)
from core.models.translator import Translator

SWAP_COLUMNS = (
    "bucket",
    "n",
    "own_state",
    "other_state",
    "other_source",
    "state_nats",
    "source_nats",
    "source_nats_error",
    "language_nats",
    "cosine",
)
PROBE_COLUMNS = ("position", "n", "trained", "untrained", "majority")


def bottleneck_table(
    model: Translator, samples: Sequence[Sample], *, seed: int = 0
) -> pd.DataFrame:
    """Return the swap test of each bucket: what a decoder loses with another sentence's state.

    Accuracies are with the gold prefix. Another sentence's state is one that the decoder knows
    how to read, which a vector of zeros is not. A loss shows that the decoder lives on that
    vector, not that the vector is too small: more units, or more updates, may fill it better.

    Columns:
        bucket: words of the reference.
        n: sentences.
        own_state: share of words right, the end of the sentence included.
        other_state: the same when the decoder starts from the state of another sentence of the
            bucket, and its attention, if any, still reads its own; NaN without a start state
            (a Transformer) and for a single sentence.
        other_source: the same when attention too reads the other sentence.
        state_nats: what a word's log-probability loses with the other state, in nats, the mean
            over the sentences; finer than the accuracy, which sees only the likeliest word.
        source_nats: what it loses when attention too reads the other sentence: all that the
            model reads in its source.
        source_nats_error: the standard error of that.
        language_nats: by how many nats a word of the references is likelier to the model than by
            its frequency in them: what it has learned at all, of the language or of the source.
        cosine: mean pairwise cosine of the start states. The usual answer takes similar states
            for a bottleneck; yet they are most similar where attention makes them superfluous.
    """
    rows = [_swap_row(model, sample, seed) for sample in filled(samples)]
    return pd.DataFrame(rows, columns=list(SWAP_COLUMNS))


def _swap_row(model: Translator, sample: Sample, seed: int) -> dict[str, float]:
    own = read_forced(model, sample.batch)
    row = {
        "bucket": sample.bucket,
        "n": len(sample.pairs),
        "own_state": _accuracy(own, sample),
        "language_nats": _language_nats(own, sample),
    }
    if len(sample.pairs) < 2:
        return row
    other_B = derangement(len(sample.pairs), seed)
    swapped = read_forced(model, sample.batch, state_from_B=other_B, memory_from_B=other_B)
    lost_B = _nats_lost(own, swapped, sample)
    row |= {
        "other_source": _accuracy(swapped, sample),
        "source_nats": float(lost_B.mean()),
        "source_nats_error": float(lost_B.std() / len(lost_B) ** 0.5),
    }
    if model.has_start_state:
        swapped = read_forced(model, sample.batch, state_from_B=other_B)
        row |= {
            "other_state": _accuracy(swapped, sample),
            "state_nats": float(_nats_lost(own, swapped, sample).mean()),
            "cosine": mean_cosine(start_states(model, sample.batch.inputs.source_BS)),
        }
    return row


def _accuracy(reading: ForcedReading, sample: Sample) -> float:
    return float(reading.right_BT.sum() / sample.is_real.sum())


def _language_nats(own: ForcedReading, sample: Sample) -> float:
    words = sample.batch.targets[sample.is_real]
    frequency = torch.bincount(words).double()[words] / len(words)
    said = own.log_probability_BT[sample.is_real].double()
    return float((said - frequency.log()).mean())


def _nats_lost(own: ForcedReading, swapped: ForcedReading, sample: Sample) -> Tensor:
    lost_B = (own.log_probability_BT - swapped.log_probability_BT).sum(1)
    return lost_B.double() / sample.is_real.sum(1)


def start_states(model: Translator, source_BS: Tensor) -> Tensor:
    """Return the vector from which each sentence's decoder starts, all layers joined, (B, D)."""
    with undisturbed(model):
        state = model.start(model.encode(source_BS.to(home(model))))
    return torch.cat([tensor.flatten(1) for tensor in state.tensors], 1).cpu()


@torch.no_grad()
def mean_cosine(states_BD: Tensor) -> float:
    """Return the mean cosine between two different rows (two or more)."""
    unit_BD = torch.nn.functional.normalize(states_BD.double(), dim=1)
    count = len(unit_BD)
    return float((unit_BD.sum(0).square().sum() - count) / (count * (count - 1)))


def probe_table(
    model: Translator,
    untrained: Translator,
    fit: Sample,
    test: Sample,
    positions: Sequence[int],
    *,
    ridge: float = 1.0,
) -> pd.DataFrame:
    """Return how well a linear probe reads the source's words from the start state.

    A ridge regression onto the words of one position, fitted to some sentences and tested on
    others. It tells what the vector holds, not what the decoder uses; and a vector that was
    never trained holds words too, so that only what is above `untrained` was learned. Sentences
    too short for a position are left out; a position that none reaches has no row.

    Columns:
        position: of the word in the source, 1 is the first.
        n: sentences tested.
        trained: share of words read from the states of `model`.
        untrained: from those of a model of the same kind with random weights.
        majority: share that the position's most frequent word has.
    """
    rows: list[dict[str, float]] = []
    if model.has_start_state and fit.pairs and test.pairs:
        parts = [
            [start_states(each, sample.batch.inputs.source_BS) for each in (model, untrained)]
            for sample in (fit, test)
        ]
        for position in positions:
            rows += _probe_rows(fit, test, parts, position, ridge)
    return pd.DataFrame(rows, columns=list(PROBE_COLUMNS))


def _probe_rows(
    fit: Sample, test: Sample, states: list[list[Tensor]], position: int, ridge: float
) -> list[dict[str, float]]:
    has_fit_B, has_test_B = (
        torch.tensor([len(pair.source) >= position for pair in sample.pairs], dtype=torch.bool)
        for sample in (fit, test)
    )
    if not has_fit_B.any() or not has_test_B.any():
        return []
    words_F = fit.batch.inputs.source_BS[has_fit_B, position - 1]
    words_B = test.batch.inputs.source_BS[has_test_B, position - 1]
    said = [
        ridge_probe(fitted[has_fit_B], words_F, tested[has_test_B], ridge)
        for fitted, tested in zip(*states, strict=True)
    ]
    said.append(words_F.mode().values.expand_as(words_B))
    shares = [float((words == words_B).double().mean()) for words in said]
    return [dict(zip(PROBE_COLUMNS, (position, len(words_B), *shares), strict=True))]


@torch.no_grad()
def ridge_probe(fit_FD: Tensor, words_F: Tensor, test_BD: Tensor, ridge: float) -> Tensor:
    """Return the word that a ridge regression onto one-hot words gives each row of `test_BD`.

    Columns are standardized as in `fit_FD`; the intercept is not penalized.
    """
    fit_FD, test_BD = fit_FD.double(), test_BD.double()
    mean_D, scale_D = fit_FD.mean(0), fit_FD.std(0, correction=0).clamp(min=1e-9)
    fit_FD, test_BD = (fit_FD - mean_D) / scale_D, (test_BD - mean_D) / scale_D
    classes_C, index_F = torch.unique(words_F, return_inverse=True)
    wanted_FC = torch.nn.functional.one_hot(index_F, len(classes_C)).double()
    prior_C = wanted_FC.mean(0)
    covariance_DD = fit_FD.T @ fit_FD + ridge * torch.eye(fit_FD.shape[1], dtype=torch.double)
    weight_DC = torch.linalg.solve(covariance_DD, fit_FD.T @ (wanted_FC - prior_C))
    said_B: Tensor = classes_C[(test_BD @ weight_DC + prior_C).argmax(1)]
    return said_B
