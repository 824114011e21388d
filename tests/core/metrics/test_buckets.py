import math

import pytest

from core.errors import ConfigError
from core.metrics.buckets import DEFAULT_BUCKETS, LEAST_SENTENCES, Buckets, is_reliable


def test_buckets_meet_half_way_between_their_centres():
    buckets = Buckets((10, 25, 50))
    assert [buckets.bounds(centre) for centre in buckets.centres] == [
        (1, 17),
        (18, 37),
        (38, math.inf),
    ]


@pytest.mark.parametrize("centres", [DEFAULT_BUCKETS, (1,), (1, 2), (3, 4, 6), (10, 11, 1000)])
def test_each_length_is_within_the_bounds_of_its_bucket_and_of_no_other(centres):
    buckets = Buckets(centres)
    for length in range(1, 1100):
        within = [c for c in centres if buckets.bounds(c)[0] <= length <= buckets.bounds(c)[1]]
        assert within == [buckets.of(length)]


def test_each_centre_is_in_its_own_bucket():
    buckets = Buckets((1, 2, 3, 7))
    assert [buckets.of(centre) for centre in buckets.centres] == [1, 2, 3, 7]


def test_split_sorts_all_sentences_and_keeps_empty_buckets():
    lengths = [12, 0, 500, 30, 10]
    split = Buckets((10, 25, 50, 75)).split(lengths)
    assert split == {10: [0, 1, 4], 25: [3], 50: [], 75: [2]}


@pytest.mark.parametrize("centres", [(), (10, 10), (25, 10)])
def test_centres_must_rise(centres):
    with pytest.raises(ConfigError, match="in rising order, as 10,25,50"):
        Buckets(centres)


def test_a_bucket_below_one_word_is_refused():
    with pytest.raises(ConfigError, match="at length 0; the shortest is 1 word"):
        Buckets((0, 10))


def test_the_bounds_of_no_bucket_are_refused_with_those_there_are():
    with pytest.raises(ConfigError, match="no bucket at length 11; those there are: 10, 25"):
        Buckets((10, 25)).bounds(11)


def test_thirty_sentences_are_needed():
    assert LEAST_SENTENCES == 30
    assert [is_reliable(n) for n in (0, 29, 30, 96)] == [False, False, True, True]
