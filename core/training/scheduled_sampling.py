"""Scheduled sampling: now and then the decoder is fed its own word instead of the reference's.

Bengio et al. 2015 (arXiv:1506.03099), in two passes: all words are predicted once under teacher
forcing, then some of the inputs are replaced by them, so that both passes stay fused.

Legend: B batch, T target time.
"""

import math

import torch

from core.data.pair_batch import PairBatch, PairInputs
from core.models.translator import Translator
from core.models.translators import Sampling
from core.text.words import PAD

STEEPNESS = 10.0


def sampling_probability(kind: Sampling, progress: float, end: float) -> float:
    """Return the probability that an input is the model's own word, 0 at the start of training.

    Args:
        kind: "linear" rises evenly; "inverse-sigmoid" is 1 - k / (k + exp(i / k)) of section 2.4,
            stretched so that it too rises from 0 to `end`; "none" stays 0.
        progress: the share of training that is done, 0 to 1.
        end: the probability at the end.
    """
    if kind == "none":
        return 0.0
    if kind == "linear":
        return end * progress
    first, now, last = (_own_share(at) for at in (0.0, progress, 1.0))
    return end * (now - first) / (last - first)


def _own_share(progress: float) -> float:
    teacher = STEEPNESS / (STEEPNESS + math.exp(progress * 2 * math.log(STEEPNESS)))
    return 1 - teacher


@torch.no_grad()
def sampled_batch(
    model: Translator, batch: PairBatch, probability: float, generator: torch.Generator
) -> PairBatch:
    """Return the batch with some of its inputs replaced by what `model` would have said.

    BOS and padding stay, and so do the targets. `generator` is the CPU's.
    """
    if probability <= 0:
        return batch
    source_BS, words_BT = batch.inputs
    predicted_BT = model(batch.inputs).argmax(-1)
    own_BT = torch.cat([words_BT[:, :1], predicted_BT[:, :-1]], 1)
    replace_BT = torch.rand(words_BT.shape, generator=generator) < probability
    replace_BT[:, 0] = False
    replace_BT = replace_BT.to(words_BT.device) & (words_BT != PAD)
    return PairBatch(
        PairInputs(source_BS, torch.where(replace_BT, own_BT, words_BT)), batch.targets
    )
