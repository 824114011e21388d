import random
import sys

import pytest

from core.data.number_phrases import draw_number_pair, number_phrases
from core.errors import DataMissingError


def test_numbers_are_said_in_both_languages():
    phrases = number_phrases()
    assert len(phrases) == 999
    assert phrases[0] == (("one",), ("un",))
    english, french = phrases[992]
    assert english == ("nine", "hundred", "and", "ninety", "three")
    assert french == ("neuf", "cent", "quatre", "vingt", "treize")
    assert len(set(phrases)) == 999


@pytest.mark.parametrize("length", [1, 2, 10, 50, 150])
def test_the_french_is_within_a_tenth_of_the_wanted_length(length):
    rng = random.Random(0)
    for _ in range(50):
        pair = draw_number_pair(rng, length)
        assert abs(len(pair.target) - length) <= 0.1 * length + 0.5
        assert pair.source.count(",") == pair.target.count(",")


def test_each_number_of_a_pair_is_translated():
    pair = draw_number_pair(random.Random(0), 60)
    known = dict(number_phrases())
    sides = (" ".join(side).split(" , ") for side in (pair.source, pair.target))
    for english, french in zip(*sides, strict=True):
        assert known[tuple(english.split())] == tuple(french.split())


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "num2words", None)
    number_phrases.cache_clear()
    with pytest.raises(DataMissingError, match=r"pip install num2words==0\.5\.14"):
        draw_number_pair(random.Random(0), 10)
