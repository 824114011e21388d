"""How well a model looks at its source, in numbers.

Legend: B batch, M attention maps, T target time, S source time.
"""

import math
from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from core.diagnostics.forced_reading import Sample, filled, gold_alignment, read_forced
from core.models.translator import Translator
from core.text.words import PAD

ATTENDED = 0.2
"""A source position counts as looked at when a target word gives it this weight or more."""

RECENT = 0.2
"""The share of the source, at its end, that `recency` weighs; it is also the ideal weight."""

QUALITIES = (
    "entropy",
    "never_attended",
    "recency",
    "diagonality",
    "matches_alignment",
    "padding_mass",
)
COLUMNS = ("bucket", "map", "n", *QUALITIES, "errors_off_alignment")


def attention_quality_table(
    model: Translator, samples: Sequence[Sample], *, by_map: bool = False
) -> pd.DataFrame:
    """Return how a model attends while it is fed the references, a row per bucket.

    Of sentences, the mean; of the model's maps (layers x heads of a Transformer), the mean of
    the weights, or a row per map. No single number condemns a model: one that looks sharply at
    the wrong words has the least entropy of all, and heads may share the work. Without
    attention the table is empty.

    Columns:
        bucket: words of the reference.
        map: 0, 1, ... with `by_map`, else -1, the mean of all.
        n: sentences.
        entropy: of the weights over log(source length): 0 one position, 1 all alike.
        never_attended: share of source positions that no target word gives a weight of 0.2.
        recency: the weight on the last fifth of the source; 0.2 is even.
        diagonality: correlation of the place looked at with the target position; 0 where either
            never moves. About 1 where both languages have one order, -1 where it is reversed.
        matches_alignment: share of target words whose heaviest source position is the gold one,
            or has the same word; NaN where no gold alignment is known.
        padding_mass: the greatest weight on any position behind the source's end: 0.
        errors_off_alignment: share of all target words that the model gets wrong, with the gold
            prefix, while it looks elsewhere than at the gold word; NaN as above.
    """
    rows = []
    for sample in filled(samples) if model.has_attention else ():
        reading = read_forced(model, sample.batch, want_attention=True)
        assert reading.attention_BMTS is not None
        weights_BMTS = reading.attention_BMTS
        maps = range(weights_BMTS.shape[1]) if by_map else (-1,)
        for at in maps:
            chosen_BTS = weights_BMTS.mean(1) if at < 0 else weights_BMTS[:, at]
            row = {"bucket": sample.bucket, "map": at, "n": len(sample.pairs)}
            values = attention_quality(chosen_BTS, reading.mask_BS, sample)
            off = errors_off_alignment(chosen_BTS, reading.right_BT, sample)
            rows.append({**row, **values, "errors_off_alignment": off})
    return pd.DataFrame(rows, columns=list(COLUMNS))


@torch.no_grad()
def attention_quality(weights_BTS: Tensor, mask_BS: Tensor, sample: Sample) -> dict[str, float]:
    """Return `QUALITIES` of one map: see `attention_quality_table`.

    The end of a sentence counts as a word of it, on either side.

    Args:
        weights_BTS: rows over the source sum to 1; those of padding are not read.
        mask_BS: True where attention may look.
        sample: the pairs whose weights they are.
    """
    real_BT, weights_BTS = sample.is_real, weights_BTS.double()
    sizes_B = mask_BS.sum(1)
    matches = looks_right(weights_BTS, sample)
    return {
        "entropy": _entropy(weights_BTS, real_BT, sizes_B),
        "never_attended": _never_attended(weights_BTS, real_BT, mask_BS),
        "recency": _recency(weights_BTS, real_BT, sizes_B),
        "diagonality": float(_diagonalities(weights_BTS, real_BT).mean()),
        "matches_alignment": math.nan if matches is None else _share(*matches),
        "padding_mass": float((weights_BTS * (real_BT[..., None] & ~mask_BS[:, None])).amax()),
    }


@torch.no_grad()
def looks_right(weights_BTS: Tensor, sample: Sample) -> tuple[Tensor, Tensor] | None:
    """Return (B, T) twice: where the heaviest position is right, and where that is known.

    Right is the gold position, or another one with the same word. None where no gold alignment
    is known, or the weights are not over words.
    """
    gold_BT = gold_alignment(sample)
    source_BS = sample.batch.inputs.source_BS
    if gold_BT is None or weights_BTS.shape[-1] != source_BS.shape[1]:
        return None
    known_BT = gold_BT >= 0
    looked_at_BT = source_BS.gather(1, weights_BTS.argmax(-1))
    wanted_BT = source_BS.gather(1, gold_BT.clamp(min=0))
    # All alike points nowhere: the first of equal weights is no choice.
    points_BT = weights_BTS.amax(-1) > (1 + 1e-6) / (source_BS != PAD).sum(1, keepdim=True)
    return (looked_at_BT == wanted_BT) & points_BT & known_BT, known_BT


def errors_off_alignment(weights_BTS: Tensor, right_BT: Tensor, sample: Sample) -> float:
    """Return the share of target words that are wrong while the weights are off the gold word."""
    matches = looks_right(weights_BTS, sample)
    if matches is None:
        return math.nan
    looks_right_BT, known_BT = matches
    return _share(known_BT & ~looks_right_BT & ~right_BT, sample.is_real)


def _share(is_so: Tensor, counted: Tensor) -> float:
    return float(is_so.sum() / counted.sum().clamp(min=1))


def _mean_of_rows(values_BT: Tensor, real_BT: Tensor) -> float:
    """Return the mean over the words of a sentence, then over the sentences."""
    return float(((values_BT * real_BT).sum(1) / real_BT.sum(1)).mean())


def _entropy(weights_BTS: Tensor, real_BT: Tensor, sizes_B: Tensor) -> float:
    nats_BT = torch.special.entr(weights_BTS).sum(-1)
    return _mean_of_rows(nats_BT / sizes_B.clamp(min=2).log()[:, None], real_BT)


def _never_attended(weights_BTS: Tensor, real_BT: Tensor, mask_BS: Tensor) -> float:
    heaviest_BS = (weights_BTS * real_BT[..., None]).amax(1)
    never_BS = (heaviest_BS < ATTENDED) & mask_BS
    return float((never_BS.sum(1) / mask_BS.sum(1)).mean())


def _recency(weights_BTS: Tensor, real_BT: Tensor, sizes_B: Tensor) -> float:
    """Weigh each position by the share of it that lies in the last fifth, so that even is even."""
    ends_S = torch.arange(1, weights_BTS.shape[-1] + 1, device=weights_BTS.device)
    recent_BS = (ends_S - (1 - RECENT) * sizes_B[:, None].double()).clamp(0, 1)
    return _mean_of_rows((weights_BTS * recent_BS[:, None]).sum(-1), real_BT)


def _diagonalities(weights_BTS: Tensor, real_BT: Tensor) -> Tensor:
    places_S = torch.arange(weights_BTS.shape[-1], device=weights_BTS.device).double()
    steps_T = torch.arange(weights_BTS.shape[1], device=weights_BTS.device).double()
    counts_B1 = real_BT.sum(1, keepdim=True)
    looked_BT, steps_BT = weights_BTS @ places_S, steps_T.expand_as(real_BT)
    looked_BT, steps_BT = (
        (each - (each * real_BT).sum(1, keepdim=True) / counts_B1) * real_BT
        for each in (looked_BT, steps_BT)
    )
    together_B = (looked_BT * steps_BT).sum(1)
    spread_B = looked_BT.norm(dim=1) * steps_BT.norm(dim=1)
    return torch.where(spread_B > 1e-6, together_B / spread_B.clamp(min=1e-6), 0.0)
