import random

from core.text.lengths import LengthBin, LengthSummary, length_bins, summarize_lengths


def test_lengths_are_summed_up_by_hand():
    assert summarize_lengths(range(1, 101)) == LengthSummary(50, 96, 100)
    assert summarize_lengths([]) == LengthSummary(0, 0, 0)


def test_bins_are_counted_by_hand():
    assert length_bins([1, 1, 3]) == (
        LengthBin(1, 1, 2),
        LengthBin(2, 2, 0),
        LengthBin(3, 3, 1),
    )
    assert length_bins([]) == ()


def test_one_very_long_text_leaves_the_others_their_bins():
    bins = length_bins([*range(1, 41)] * 5 + [10_000])
    assert [(b.low, b.high, b.count) for b in bins[:2]] == [(1, 2, 10), (3, 4, 10)]
    assert (bins[-1].low, bins[-1].high, bins[-1].count) == (39, None, 11)


def test_every_text_is_in_one_bin_and_the_bins_join():
    rng = random.Random(0)
    for _ in range(200):
        lengths = [int(rng.paretovariate(0.7)) for _ in range(rng.randrange(1, 300))]
        bins = length_bins(lengths)
        assert len(bins) <= 20
        assert sum(each.count for each in bins) == len(lengths)
        assert [b.low for b in bins[1:]] == [b.high + 1 for b in bins[:-1]]
        for each in bins:
            inside = [n for n in lengths if n >= each.low and n <= (each.high or max(lengths))]
            assert len(inside) == each.count
