"""How names and numbers are said within a sentence."""

from collections.abc import Sequence


def listed(names: Sequence[str]) -> str:
    """Return the names, one at least, as "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def percent(share: float) -> str:
    """Return a share from 0 to 1 as "73.4 %"."""
    return f"{100 * share:.1f} %"


def short_number(value: float) -> str:
    """Return a number with two digits that count: "0.42", "13", "1200"."""
    return f"{float(f'{value:.2g}'):g}"
