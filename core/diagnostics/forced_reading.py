"""A bucket of test pairs, and what a model says of it when it is fed the references.

Legend: B batch, T target time, S source time, M attention maps, V target vocabulary.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.pair_batch import PairBatch, make_pair_batch, padded
from core.data.pairs import Pair
from core.models.translator import Decoded, Translator
from core.text.words import BOS, PAD, UNKNOWN, WordVocabulary

NEVER_SAID = [PAD, BOS, UNKNOWN]
"""What no decoder says, however likely the model finds it."""

_AT_ONCE = 16  # sentences: 200 words each and 20,000 words to choose from are 256 MB of logits


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The test pairs of one bucket, as words and as ids, the latter on the CPU."""

    bucket: int
    pairs: tuple[Pair, ...]
    batch: PairBatch
    source: WordVocabulary
    target: WordVocabulary

    @property
    def is_real(self) -> Tensor:
        """(B, T): True where a reference has a word or its end."""
        return self.batch.targets != PAD

    @property
    def lengths(self) -> Tensor:
        """(B,): words of each reference, without its end."""
        return self.is_real.sum(1) - 1


def make_sample(
    bucket: int, pairs: Sequence[Pair], source: WordVocabulary, target: WordVocabulary
) -> Sample:
    """Return the pairs of a bucket with their ids."""
    return Sample(bucket, tuple(pairs), make_pair_batch(pairs, source, target), source, target)


def filled(samples: Iterable[Sample]) -> list[Sample]:
    """Return the samples that have a pair."""
    return [sample for sample in samples if sample.pairs]


def gold_alignment(sample: Sample) -> Tensor | None:
    """Return (B, T): the source position of each target word, -1 where there is none.

    None where a pair has no alignment.
    """
    found = [pair.alignment for pair in sample.pairs]
    if not found or any(alignment is None for alignment in found):
        return None
    return padded([[*(at + 1 for at in alignment or ()), 0] for alignment in found]) - 1


@dataclass(frozen=True, slots=True, eq=False)
class ForcedReading:
    """What a model says at each place of the references, given all before it; on the CPU.

    `right_BT` is True where the likeliest word is the reference's (never at padding),
    `log_probability_BT` the reference's own (0 at padding), `mask_BS` where attention may look;
    `attention_BMTS` is None where the model has none.
    """

    right_BT: Tensor
    log_probability_BT: Tensor
    mask_BS: Tensor
    attention_BMTS: Tensor | None


def home(model: nn.Module) -> torch.device:
    """Return the device that the model is on."""
    return next((each.device for each in model.parameters()), torch.device("cpu"))


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Within it the model neither drops out nor keeps gradients; after it all is as before."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def read_forced(
    model: Translator,
    batch: PairBatch,
    *,
    state_from_B: Tensor | None = None,
    memory_from_B: Tensor | None = None,
    want_attention: bool = False,
) -> ForcedReading:
    """Return what the model says of each reference with its gold prefix.

    Args:
        model: any translation model.
        batch: the pairs.
        state_from_B: of which sentence the decoder's first state is, by sentence; None: its own.
        memory_from_B: of which sentence the memory (what attention reads) is.
        want_attention: whether the weights are kept, if there are any.
    """
    want_attention = want_attention and model.has_attention
    batch = batch.to(home(model))
    with undisturbed(model):
        memory = model.encode(batch.inputs.source_BS)
        start = model.start(memory)
        if memory_from_B is not None:
            memory = memory.select(memory_from_B.to(home(model)))
        if state_from_B is not None:
            start = start.select(state_from_B.to(home(model)))
        parts = []
        for first in range(0, len(batch.targets), _AT_ONCE):
            index_N = torch.arange(len(batch.targets), device=home(model))[first:][:_AT_ONCE]
            targets_NT, words_NT = batch.targets[index_N], batch.inputs.target_BT[index_N]
            decoded = model.decode(
                words_NT,
                memory.select(index_N),
                start.select(index_N),
                want_attention=want_attention,
            )
            parts.append(_compared(decoded, targets_NT))
    right, log_probability, attention = zip(*parts, strict=True)
    return ForcedReading(
        torch.cat(right),
        torch.cat(log_probability),
        memory.mask_BS.cpu(),
        torch.cat(attention) if want_attention else None,
    )


def _compared(decoded: Decoded, targets_NT: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
    real_NT = targets_NT != PAD
    scores_NTV = decoded.logits_BTV.log_softmax(-1)
    gold_NT = scores_NTV.gather(2, targets_NT[..., None])[..., 0].masked_fill(~real_NT, 0.0)
    scores_NTV[..., NEVER_SAID] = -torch.inf
    attention = decoded.attention_BMTS
    return (
        ((scores_NTV.argmax(-1) == targets_NT) & real_NT).cpu(),
        gold_NT.cpu(),
        None if attention is None else attention.cpu(),
    )


def derangement(count: int, seed: int) -> Tensor:
    """Return another index for each of `count` (2 or more), none twice, drawn with `seed`."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    other = torch.empty_like(order)
    other[order] = order.roll(1)
    return other
