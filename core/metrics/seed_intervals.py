"""How sure a mean over few seeds is: Student's t, whose tails a normal distribution has not."""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.intervals import CONFIDENCE

_TABLE = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


def mean_interval(values: ArrayLike) -> tuple[float, float, float] | None:
    """Return the mean of the values and its 95 % interval; None for fewer than two."""
    found = np.asarray(values, dtype=np.float64)
    if found.size < 2:
        return None
    mean = float(found.mean())
    reach = t_quantile(found.size - 1) * float(found.std(ddof=1)) / math.sqrt(found.size)
    return mean, mean - reach, mean + reach


def t_quantile(freedom: int) -> float:
    """Return the half-width of a 95 % interval in standard errors, for so many degrees of freedom.

    From ten on by its expansion in 1 / `freedom` (Abramowitz and Stegun 1964, 26.7.5), right to
    three digits.
    """
    if freedom <= len(_TABLE):
        return _TABLE[freedom - 1]
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
