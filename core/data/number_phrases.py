"""Numbers in English and in French words: "eighty one , three", "quatre vingt un , trois"."""

import random
from functools import lru_cache

from core.data.pairs import Pair, Words
from core.errors import DataMissingError

REQUIREMENT = "num2words==0.5.14"
CITATION = (
    "Numbers up to 999 as the Python package num2words 0.5.14 (LGPL) says them in English and "
    "French, several to a sentence."
)
_COMMA = (",",)


def draw_number_pair(rng: random.Random, length: int) -> Pair:
    """Return numbers whose French has `length` words, commas included, 10 % more or less.

    Raises:
        DataMissingError: num2words is not installed.
    """
    phrases = number_phrases()
    least, most = max(1, round(0.9 * length)), max(1, round(1.1 * length))
    while True:
        english, french = rng.choice(phrases)
        while len(french) < least:
            more = rng.choice(phrases)
            english, french = english + _COMMA + more[0], french + _COMMA + more[1]
        if len(french) <= most:
            return Pair(english, french)


@lru_cache(maxsize=1)
def number_phrases() -> tuple[tuple[Words, Words], ...]:
    """Return the numbers from 1 to 999 as English and as French words.

    Raises:
        DataMissingError: num2words is not installed.
    """
    try:
        from num2words import num2words  # type: ignore[import-untyped]
    except ImportError:
        raise DataMissingError(
            "The task 'numbers' needs the package num2words, which is not installed. "
            f"Run `pip install {REQUIREMENT}`, or choose the task 'grammar'."
        ) from None
    return tuple(
        (_words(num2words(number, lang="en")), _words(num2words(number, lang="fr")))
        for number in range(1, 1000)
    )


def _words(phrase: str) -> Words:
    return tuple(phrase.replace("-", " ").replace(",", "").split())
