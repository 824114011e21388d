"""Pairs made from one sentence: copied, reversed, sorted, or with noise to be repaired."""

import random
from collections.abc import Callable, Sequence

from core.data.pairs import Pair

MASK = "<mask>"
NOISE_SHARE = 0.3
"""Share of words that `noisy_pair` drops, masks or swaps, a third each."""

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
MADE_UP = tuple(first + second for first in _SYLLABLES for second in _SYLLABLES)[::47][:100]
"""A hundred pronounceable words that mean nothing."""


def copied_pair(words: Sequence[str]) -> Pair:
    """Return `words` to be copied."""
    return Pair(tuple(words), tuple(words), tuple(range(len(words))))


def reversed_pair(words: Sequence[str]) -> Pair:
    """Return `words` to be said backwards."""
    return Pair(tuple(words), tuple(reversed(words)), tuple(reversed(range(len(words)))))


def sorted_pair(words: Sequence[str]) -> Pair:
    """Return `words` to be put into alphabetical order; equal ones keep theirs."""
    order = sorted(range(len(words)), key=words.__getitem__)
    return Pair(tuple(words), tuple(words[i] for i in order), tuple(order))


def noisy_pair(words: Sequence[str], rng: random.Random) -> Pair:
    """Return `words` as the target of a source where some are dropped, masked or swapped.

    At least one word of the source is left (Vincent et al. 2008; Lewis et al. 2020, BART).
    """
    source: list[str] = []
    places = list[int]()  # of each target word in the source
    for word in words:
        noise = rng.random() / NOISE_SHARE
        if noise < 1 / 3 and (source or len(places) + 1 < len(words)):
            places.append(-1)
            continue
        places.append(len(source))
        source.append(MASK if 1 / 3 <= noise < 2 / 3 else word)
        if 2 / 3 <= noise < 1 and len(source) > 1:
            _swap_last(source, places)
    return Pair(tuple(source), tuple(words), tuple(places))


def _swap_last(source: list[str], places: list[int]) -> None:
    last = len(source) - 1
    source[last], source[last - 1] = source[last - 1], source[last]
    before = places.index(last - 1)
    places[before], places[-1] = last, last - 1


def draw_word_pair(rng: random.Random, length: int, make: Callable[[Sequence[str]], Pair]) -> Pair:
    """Return what `make` makes of `length` made-up words."""
    return make(rng.choices(MADE_UP, k=length))
