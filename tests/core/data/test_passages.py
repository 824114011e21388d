import random

import pytest

from core.data.pairs import Pair
from core.data.passages import TEST_SHARE, Passages, split_passages
from core.data.split import SplitPlan
from core.data.word_tasks import reversed_pair
from core.errors import ConfigError
from core.metrics.buckets import Buckets


def plan(**changes):
    settings = {
        "name": "bible",
        "seed": 0,
        "shortest": 4,
        "longest": 60,
        "pairs": 300,
        "buckets": Buckets((10, 25, 50)),
        "per_bucket": 8,
    }
    return SplitPlan(**(settings | changes))


def book(chapters=40, verses=20, seed=0):
    """Return chapters whose words say where they stand, as "c3v5w0"; the target is in capitals."""
    rng = random.Random(seed)

    def verse(c, v):
        source = tuple(f"c{c}v{v}w{i}" for i in range(rng.randint(4, 20)))
        return source, tuple(word.upper() for word in source)

    return [[verse(c, v) for v in range(verses)] for c in range(chapters)]


def chapters_of(pairs):
    return {word.split("v")[0] for pair in pairs for word in pair.source}


def held_out(split):
    return [pair for pairs in split.test.values() for pair in pairs]


def test_passages_are_neighbours_of_one_chapter_in_both_languages():
    chapters = book()
    whole = [" ".join(word for source, _ in chapter for word in source) for chapter in chapters]
    split = split_passages(chapters, plan())
    for pair in (*split.train, *held_out(split)):
        assert sum(" ".join(pair.source) in chapter for chapter in whole) == 1
        assert pair.target == tuple(word.upper() for word in pair.source)


def test_no_tested_chapter_is_trained_on():
    split = split_passages(book(), plan())
    tested, trained = chapters_of(held_out(split)), chapters_of(split.train)
    assert not tested & trained
    assert len(tested) <= TEST_SHARE * 40
    assert len(trained) > 30


def test_a_repeated_verse_is_not_trained_on_when_it_is_tested():
    chapters = book()
    refrain = (("And", "so", "it", "was", "."), ("Und", "so", "war", "es", "."))
    again = (("and", "SO", "it", "was", "."), ("Und", "so", "geschah", "es", "."))
    for c, chapter in enumerate(chapters):
        chapter[7] = refrain if c % 2 else again
    split = split_passages(chapters, plan())
    assert split.notes[1].startswith("34 sentences of the others that repeat a tested one")
    assert not any("was" in pair.source for pair in split.train)
    for pair in split.train:  # nor is the gap it leaves joined over
        assert not {word.split("w")[0][-2:] for word in pair.source} >= {"v6", "v8"}


def test_lengths_are_within_a_tenth_of_the_wanted_one():
    passages = Passages(book())
    rng = random.Random(0)
    for length in (5, 10, 30, 100):
        drawn = [passages.draw(rng, length) for _ in range(100)]
        found = [len(passages.join(passage)[1]) for passage in drawn if passage]
        assert len(found) > 20
        assert all(abs(each - length) <= 0.1 * length + 0.5 for each in found)
    assert passages.draw(rng, 2) is None
    assert passages.draw(rng, 10_000) is None


def test_trained_passages_are_different_and_have_trained_lengths():
    split = split_passages(book(), plan(shortest=10, longest=40))
    assert len(split.train) == 300
    assert len(set(split.train)) == 300
    assert all(10 <= len(pair.target) <= 40 for pair in split.train)


def test_tested_passages_of_a_bucket_do_not_overlap_and_lie_in_it():
    split = split_passages(book(), plan())
    for centre, pairs in split.test.items():
        words = [word for pair in pairs for word in pair.source]
        assert len(words) == len(set(words))
        assert {plan().buckets.of(len(pair.target)) for pair in pairs} == {centre}
        assert len(pairs) == 8


def test_a_short_book_gives_what_it_has_and_the_rest_is_said():
    split = split_passages(book(4, 3), plan(buckets=Buckets((10, 500)), pairs=10_000))
    assert 0 < len(split.train) < 100
    assert split.test[500] == ()
    assert split.notes[-1] == "No pair is long or short enough for the buckets at 500 words."


def test_the_same_plan_gives_the_same_passages():
    assert split_passages(book(), plan()) == split_passages(book(), plan())
    assert split_passages(book(), plan(seed=1)) != split_passages(book(), plan())


def test_a_passage_can_be_made_into_a_task():
    split = split_passages(book(), plan(), lambda _, target: reversed_pair(target))
    assert all(pair.target == pair.source[::-1] for pair in split.train)


def test_nothing_to_train_on_is_refused():
    for chapters in ([], book(1), [[(("a",), ("b",))], [(("a",), ("b",))]]):
        with pytest.raises(ConfigError, match="No passage of 4 to 60 words"):
            split_passages(chapters, plan())
    assert isinstance(split_passages(book(2), plan()).train[0], Pair)


def test_nothing_to_test_on_is_refused():
    with pytest.raises(
        ConfigError, match="No passage of about 300, 500 words can be made of the 6"
    ):
        split_passages(book(40, 2), plan(buckets=Buckets((300, 500))))
