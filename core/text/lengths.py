"""How long texts are, in words: three numbers, and a histogram of a few bins."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MOST_BINS = 20
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class LengthSummary:
    """How many words the texts have."""

    median: int
    percentile_95: int
    longest: int


@dataclass(frozen=True, slots=True)
class LengthBin:
    """The number of texts of `low` to `high` words, both in it; a `high` of None has no end."""

    low: int
    high: int | None
    count: int


def summarize_lengths(lengths: Sequence[int]) -> LengthSummary:
    """Return the median, 95th percentile and greatest of the lengths; zeros without any."""
    ordered = sorted(lengths) or [0]
    last = len(ordered) - 1
    return LengthSummary(ordered[last // 2], ordered[math.ceil(0.95 * last)], ordered[last])


def length_bins(lengths: Sequence[int]) -> tuple[LengthBin, ...]:
    """Return at most `MOST_BINS` equally wide bins; the last takes in the longest hundredth.

    One text of ten thousand words would otherwise leave all others in one bin. None without a
    length; each length is 1 at least.
    """
    if not lengths:
        return ()
    ordered = sorted(lengths)
    common = ordered[round(0.99 * (len(ordered) - 1))]
    width = _round_width(common / MOST_BINS)
    counts = [0] * math.ceil(common / width)
    for length in lengths:
        counts[min((length - 1) // width, len(counts) - 1)] += 1
    ends = [(at + 1) * width for at in range(len(counts))]
    highs = [*ends[:-1], ends[-1] if ordered[-1] <= ends[-1] else None]
    return tuple(
        LengthBin(end - width + 1, high, count)
        for end, high, count in zip(ends, highs, counts, strict=True)
    )


def _round_width(least: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50 ... that is not below `least`."""
    power = 1
    while 5 * power < least:
        power *= 10
    return next(step * power for step in _STEPS if step * power >= least)
