"""How names and numbers are said within a sentence."""

from collections.abc import Sequence


def listed(names: Sequence[str]) -> str:
    """Return the names, one at least, as "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def percent(share: float, digits: int = 1) -> str:
    """Return a share from 0 to 1 as "73.4 %"."""
    return f"{100 * share:.{digits}f} %"


def interval_digits(low: float, high: float) -> int:
    """Return how many decimals of a percentage its 95 % interval allows: none from 10 points on."""
    return 0 if high - low >= 0.1 else 1


def percent_between(share: float, low: float, high: float, between: str = "") -> str:
    """Return a share with its interval as "78 % right (73 % to 83 %)"; `between` is " right"."""
    digits = interval_digits(low, high)
    ends = f"{percent(low, digits)} to {percent(high, digits)}"
    return f"{percent(share, digits)}{between} ({ends})"


def short_number(value: float) -> str:
    """Return a number with two digits that count: "0.42", "13", "1200"."""
    return f"{float(f'{value:.2g}'):g}"


def signed(value: float, digits: int = 0) -> str:
    """Return a number with its sign, a true minus: "+3", "\N{MINUS SIGN}0.8"."""
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}")
