import random
from collections import Counter
from functools import partial

import pytest

from core.data.grammar import SMALL, draw_grammar_pair
from core.data.pairs import Pair
from core.data.split import (
    TEST_SHARE,
    SplitPlan,
    draw_split,
    sentence_key,
    split_off,
    split_pairs,
    twin_groups,
)
from core.data.word_tasks import copied_pair, draw_word_pair
from core.errors import ConfigError
from core.metrics.buckets import Buckets

DRAW = partial(draw_grammar_pair, lexicon=SMALL)


def plan(**changes):
    settings = {
        "name": "grammar",
        "seed": 0,
        "shortest": 4,
        "longest": 30,
        "pairs": 500,
        "buckets": Buckets((5, 10, 25)),
        "per_bucket": 40,
    }
    return SplitPlan(**(settings | changes))


def numbered(count, length=3):
    """Return pairs that have no word in common."""
    return [
        Pair(tuple(f"s{i}.{k}" for k in range(length)), tuple(f"t{i}.{k}" for k in range(length)))
        for i in range(count)
    ]


def held_out(split):
    return [pair for pairs in split.test.values() for pair in pairs]


def twins(pairs, others):
    sides = ("source", "target")
    return any(
        {sentence_key(getattr(p, side)) for p in pairs}
        & {sentence_key(getattr(p, side)) for p in others}
        for side in sides
    )


def test_no_drawn_test_source_is_in_training_and_none_is_tested_twice():
    # there are only some 20,000 sentences of 5 words: without care some would be in both
    split = draw_split(DRAW, plan(shortest=5, longest=5, pairs=4_000))
    sources = [pair.source for pair in held_out(split)]
    assert not set(sources) & {pair.source for pair in split.train}
    assert len(set(sources)) == len(sources) == 120
    assert len(split.train) == 4_000


def test_drawn_test_pairs_lie_in_their_bucket():
    split = draw_split(DRAW, plan())
    for centre, pairs in split.test.items():
        assert {plan().buckets.of(len(pair.target)) for pair in pairs} == {centre}


def test_test_sets_depend_on_the_seed_and_not_on_how_is_trained():
    split = draw_split(DRAW, plan())
    assert draw_split(DRAW, plan()) == split
    assert draw_split(DRAW, plan(longest=12, pairs=100)).test == split.test
    assert draw_split(DRAW, plan(seed=1)).test != split.test
    assert draw_split(DRAW, plan(seed=1)).train != split.train
    fewer = draw_split(DRAW, plan(per_bucket=10)).test
    assert all(fewer[centre] == pairs[:10] for centre, pairs in split.test.items())


def test_trained_lengths_are_log_uniform():
    lengths = plan(shortest=4, longest=144).draw_length
    rng = random.Random(0)
    drawn = Counter(lengths(rng) < 24 for _ in range(4_000))  # 24 is half way on a log axis
    assert 0.45 < drawn[True] / 4_000 < 0.55
    lengths = [plan(shortest=4, longest=144).draw_length(rng) for _ in range(4_000)]
    assert (min(lengths), max(lengths)) == (4, 144)


def test_a_bucket_that_cannot_be_drawn_stays_empty_and_is_named():
    split = draw_split(DRAW, plan(buckets=Buckets((1, 3, 4, 10))))
    assert (split.test[1], split.test[3]) == ((), ())
    assert len(split.test[10]) == 40
    assert split.notes == ("No pair is long or short enough for the buckets at 1, 3 words.",)


def test_too_few_different_sentences_are_refused():
    def draw(rng, length):
        return copied_pair(rng.choice(["ab", "cd"]))

    with pytest.raises(ConfigError, match="too few to train on and to test on"):
        draw_split(draw, plan(shortest=1, longest=1, buckets=Buckets((2,))))


def test_a_drawn_copy_task_holds_out_sources_of_one_word_too():
    draw = partial(draw_word_pair, make=copied_pair)
    split = draw_split(draw, plan(shortest=1, longest=2, buckets=Buckets((1, 3))))
    assert not {p.source for p in split.train} & {p.source for p in held_out(split)}


def test_given_pairs_are_split_once_each():
    pairs = numbered(200)
    split = split_pairs(pairs, plan(shortest=1))
    assert sorted([*split.train, *held_out(split)], key=str) == sorted(pairs, key=str)
    assert len(split.test[5]) == TEST_SHARE * 200
    assert split_pairs(pairs, plan(shortest=1)) == split
    assert split_pairs(pairs, plan(shortest=1, seed=1)) != split


def test_given_pairs_with_an_equal_side_stay_together_case_and_spaces_aside():
    rng = random.Random(0)

    def sentence():
        letters = [rng.choice("aAbBcCdDeE") for _ in range(3)]
        return tuple(letters) if rng.random() < 0.5 else ("".join(letters),)

    pairs = [Pair(sentence(), sentence()) for _ in range(60)]
    assert twins(pairs[:30], pairs[30:])
    for seed in range(10):
        split = split_pairs(pairs, plan(shortest=1, seed=seed))
        assert len(held_out(split)) >= 5
        assert not twins(split.train, held_out(split))


def test_twins_of_twins_are_one_group():
    a, b, c = Pair(("a",), ("x",)), Pair(("A",), ("y",)), Pair(("c",), ("Y",))
    alone = Pair(("d",), ("z",))
    assert sorted(map(sorted, twin_groups([a, b, alone, c]))) == [[0, 1, 3], [2]]


def test_pairs_that_all_hang_together_cannot_be_split():
    pairs = [Pair((f"s{i}",), ("yes",)) for i in range(50)]
    with pytest.raises(ConfigError, match="None of the 50 pairs can be held out"):
        split_pairs(pairs, plan(shortest=1))


def test_a_rare_length_is_not_all_taken_for_the_test():
    pairs = numbered(50) + numbered(3, length=9)
    split = split_pairs(pairs, plan(shortest=1, longest=99))
    assert len(split.test[10]) == 1
    assert sum(len(pair.target) == 9 for pair in split.train) == 2


def test_only_trained_lengths_are_kept_and_at_most_so_many():
    pairs = numbered(100) + numbered(100, length=12)
    split = split_pairs(pairs, plan(shortest=4, longest=20, pairs=70))
    assert {len(pair.target) for pair in split.train} == {12}
    assert len(split.train) == 70
    assert "80 pairs are not trained on" in split.notes[0]
    with pytest.raises(ConfigError, match="No pair has a reference of 40 to 50 words"):
        split_pairs(pairs, plan(shortest=40, longest=50))


def test_given_test_pairs_are_never_trained_on():
    pairs = numbered(100)
    own_test = [Pair(pairs[0].source, ("other",)), Pair(("other",), pairs[1].target)]
    split = split_off(pairs, own_test, plan(shortest=1))
    assert sorted(held_out(split), key=str) == sorted(own_test, key=str)
    assert sorted(split.train, key=str) == sorted(pairs[2:], key=str)
    assert split.notes[0] == ("2 training pairs have a sentence that is tested, and were left out.")
