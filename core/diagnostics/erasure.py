"""Which source words a translation stands on: erase one, and see what becomes less likely.

Li, Monroe and Jurafsky 2016 (arXiv:1612.08220). It needs no attention, so it is the same for every
model, and it shows where attention is not the explanation (Jain and Wallace 2019).
Legend: N erased sources, T target time, S source time.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from core.data.pair_batch import padded
from core.diagnostics.forced_reading import undisturbed
from core.models.translator import Translator
from core.text.words import BOS, EOS, UNKNOWN

_AT_ONCE = 32  # sources: 100 words each and 20,000 words to choose from are 256 MB of logits


def erasure_drops(
    model: Translator,
    source: Sequence[int],
    hypothesis: Sequence[int],
    *,
    how: Literal["unknown", "remove"] = "unknown",
    finished: bool = True,
) -> np.ndarray:
    """Return how much log-probability each target word loses without each source word, (T, S).

    In nats, each word with the hypothesis itself as its prefix. Positive: the source word speaks
    for the target word; negative: against it. A word that is there twice may be missed little.

    Args:
        model: any translation model.
        source: all ids that the model reads, the end of the sentence too; two or more.
        hypothesis: ids without start and end.
        how: the erased word becomes `UNKNOWN`, or is left out.
        finished: whether the last row is the end of the sentence.
    """
    put_in = [UNKNOWN] if how == "unknown" else []
    erased = [[*source[:at], *put_in, *source[at + 1 :]] for at in range(len(source))]
    said = [*hypothesis, EOS] if finished else list(hypothesis)
    if not said:
        return np.zeros((0, len(source)))
    with undisturbed(model):
        logs_NT = _log_probabilities(model, [source, *erased], said)
    return (logs_NT[:1] - logs_NT[1:]).T.cpu().double().numpy()


def top_agreement(first_TS: np.ndarray, second_TS: np.ndarray) -> float:
    """Return for which share of target words both weigh the same source word most.

    `nan` without words. A row that weighs nothing, or all alike, agrees with none.
    """
    if not first_TS.size:
        return float("nan")
    is_choice_T = np.logical_and(*(np.ptp(each, axis=1) > 0 for each in (first_TS, second_TS)))
    return float((is_choice_T & (first_TS.argmax(1) == second_TS.argmax(1))).mean())


def _log_probabilities(
    model: Translator, sources: Sequence[Sequence[int]], said: Sequence[int]
) -> Tensor:
    """Return the log-probability of each word of `said` after the ones before it, (N, T)."""
    device = next(model.parameters()).device
    source_NS = padded(sources).to(device)
    words_T = torch.tensor([BOS, *said], device=device)
    start_T, next_T1 = words_T[:-1], words_T[1:, None]
    parts = []
    for some_NS in torch.split(source_NS, _AT_ONCE):
        memory = model.encode(some_NS)
        words_NT = start_T.expand(len(some_NS), -1)
        logits_NTV = model.decode(words_NT, memory, model.start(memory)).logits_BTV
        found_NT1 = logits_NTV.log_softmax(-1).gather(2, next_T1.expand(len(some_NS), -1, 1))
        parts.append(found_NT1[..., 0])
    return torch.cat(parts)
