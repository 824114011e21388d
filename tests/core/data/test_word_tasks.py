import random
from itertools import pairwise

import pytest

from core.data.word_tasks import (
    MADE_UP,
    MASK,
    copied_pair,
    draw_word_pair,
    noisy_pair,
    reversed_pair,
    sorted_pair,
)

WORDS = ("tree", "apple", "cat", "apple")


def test_each_task_by_hand():
    assert copied_pair(WORDS).target == WORDS
    assert reversed_pair(WORDS).target == ("apple", "cat", "apple", "tree")
    assert reversed_pair(WORDS).alignment == (3, 2, 1, 0)
    assert sorted_pair(WORDS).target == ("apple", "apple", "cat", "tree")
    assert sorted_pair(WORDS).alignment == (1, 3, 2, 0)


@pytest.mark.parametrize("make", [copied_pair, reversed_pair, sorted_pair])
@pytest.mark.parametrize("length", [1, 10, 150])
def test_a_drawn_pair_has_the_wanted_length_and_is_aligned_word_by_word(make, length):
    pair = draw_word_pair(random.Random(0), length, make)
    assert len(pair.source) == len(pair.target) == length
    assert pair.target == tuple(pair.source[place] for place in pair.alignment)
    assert sorted(pair.alignment) == list(range(length))


def test_a_hundred_made_up_words_can_be_pronounced():
    assert len(set(MADE_UP)) == 100
    assert all(len(w) == 4 and {w[1], w[3]} <= set("aeiou") for w in MADE_UP)
    assert not {w[0] for w in MADE_UP} & set("aeiou")
    assert len({w[:2] for w in MADE_UP}) > 50
    assert len({w[2:] for w in MADE_UP}) > 50


def test_noise_drops_masks_and_swaps_and_the_alignment_finds_what_is_left():
    words = tuple(f"w{i}" for i in range(2_000))
    pair = noisy_pair(words, random.Random(0))
    assert pair.target == words
    dropped = pair.alignment.count(-1)
    masked = pair.source.count(MASK)
    left = [place for place in pair.alignment if place >= 0]
    swapped = sum(a > b for a, b in pairwise(left))
    assert all(150 < count < 250 for count in (dropped, masked, swapped))
    assert sorted(left) == list(range(len(pair.source)))
    for word, place in zip(pair.target, pair.alignment, strict=True):
        assert place == -1 or pair.source[place] in (word, MASK)


@pytest.mark.parametrize("seed", range(30))
def test_noise_leaves_at_least_one_word(seed):
    assert noisy_pair(("alone",), random.Random(seed)).source
    assert noisy_pair(("two", "words"), random.Random(seed)).source


def test_the_same_seed_makes_the_same_noise():
    one, same, other = (noisy_pair(MADE_UP, random.Random(seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other
