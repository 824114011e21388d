"""Neighbouring verses or sentences joined into pairs of any length, split by chapter."""

import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, chain

from core.data.pairs import Pair, Words
from core.data.split import Split, SplitPlan, empty_notes, sentence_key
from core.errors import ConfigError

Unit = tuple[Words, Words]
"""What is joined: a verse or sentence, as source and as target."""
Chapter = Sequence[Unit]
JoinPair = Callable[[Words, Words], Pair]

TEST_SHARE = 0.15
"""Of the chapters."""
_TRIES = 12
_MOST_MISSES = 2_000


def split_passages(
    chapters: Sequence[Chapter], plan: SplitPlan, join: JoinPair = Pair, *, noun: str = "chapters"
) -> Split:
    """Return pairs of joined neighbours, tested on chapters that nothing is trained on.

    A unit of another chapter that repeats a tested one is not trained on either. Passages to
    train on may overlap, but none is there twice; those to test on in a bucket do not overlap.
    `noun` is what the notes call the chapters.

    Raises:
        ConfigError: no passage of the lengths to train on, or of a tested one, can be made.
    """
    order = [chapter for chapter in chapters if chapter]
    plan.rng("chapters").shuffle(order)
    count = max(1, round(TEST_SHARE * len(order)))
    held_out = Passages(order[:count])
    runs, repeated = _without_twins(order[count:], order[:count])
    test = {centre: _draw_test(held_out, centre, plan, join) for centre in plan.buckets.centres}
    train = _draw_train(Passages(runs), plan, join)
    if not train:
        raise ConfigError(
            f"No passage of {plan.shortest} to {plan.longest} words can be made to train on; "
            "change the shortest or the longest length, or bring a longer text."
        )
    if not any(test.values()):
        lengths = ", ".join(map(str, plan.buckets.centres))
        raise ConfigError(
            f"No passage of about {lengths} words can be made of the {count:,} {noun} held out to "
            "be tested; test shorter lengths, or bring a longer text."
        )
    notes = [
        f"Tested on {count:,} of {len(order):,} {noun}, trained on {len(train):,} passages of the "
        "others."
    ]
    if repeated:
        notes.append(
            f"{repeated:,} sentences of the others that repeat a tested one were left out."
        )
    return Split(train=tuple(train), test=test, notes=(*notes, *empty_notes(test)))


class Passages:
    """Chapters from which passages of a wanted length are drawn."""

    def __init__(self, chapters: Sequence[Chapter]) -> None:
        self._units = list(chain.from_iterable(chapters))
        self._ends = [
            end
            for chapter, end in zip(chapters, accumulate(map(len, chapters)), strict=True)
            for _ in chapter
        ]
        lengths = [len(target) for _, target in self._units]
        self._before = [0, *accumulate(lengths)]
        self._by_length = sorted(range(len(lengths)), key=lengths.__getitem__)
        self._sorted_lengths = sorted(lengths)

    def draw(self, rng: random.Random, length: int) -> range | None:
        """Return neighbours of one chapter whose targets have `length` words, 10 % more or less.

        None where a few tries find none.
        """
        least, most = round(0.9 * length), round(1.1 * length)
        starts = bisect_right(self._sorted_lengths, most)
        for _ in range(_TRIES if starts else 0):
            start = self._by_length[int(rng.random() * starts)]
            before = self._before[start]
            end = bisect_right(self._before, before + most, start, self._ends[start] + 1) - 1
            if self._before[end] - before >= max(1, least):
                return range(start, end)
        return None

    def join(self, passage: range) -> tuple[Words, Words]:
        """Return the words of a passage, source and target."""
        units = self._units[passage.start : passage.stop]
        source, target = zip(*units, strict=True)
        return tuple(chain.from_iterable(source)), tuple(chain.from_iterable(target))


def _without_twins(
    chapters: Sequence[Chapter], held_out: Sequence[Chapter]
) -> tuple[list[Chapter], int]:
    sources, targets = (
        {sentence_key(unit[side]) for chapter in held_out for unit in chapter} for side in (0, 1)
    )
    runs: list[Chapter] = []
    repeated = 0
    for chapter in chapters:
        run: list[Unit] = []
        for unit in chapter:
            if sentence_key(unit[0]) in sources or sentence_key(unit[1]) in targets:
                repeated += 1
                runs.append(run)
                run = []
            else:
                run.append(unit)
        runs.append(run)
    return [run for run in runs if run], repeated


def _draw_test(
    passages: Passages, centre: int, plan: SplitPlan, join: JoinPair
) -> tuple[Pair, ...]:
    rng = plan.rng(f"test {centre}")
    taken = set[int]()
    found: list[Pair] = []
    for _ in range(_TRIES * plan.per_bucket):
        passage = passages.draw(rng, centre)
        if passage is None or not taken.isdisjoint(passage):
            continue
        source, target = passages.join(passage)
        if plan.buckets.of(len(target)) == centre:
            taken.update(passage)
            found.append(join(source, target))
        if len(found) == plan.per_bucket:
            break
    return tuple(found)


def _draw_train(passages: Passages, plan: SplitPlan, join: JoinPair) -> list[Pair]:
    rng = plan.rng("training")
    taken = set[range]()
    found: list[Pair] = []
    misses = 0
    while len(found) < plan.pairs and misses < _MOST_MISSES:
        passage = passages.draw(rng, plan.draw_length(rng))
        if passage is None or passage in taken:
            misses += 1
            continue
        misses = 0
        taken.add(passage)
        source, target = passages.join(passage)
        if plan.shortest <= len(target) <= plan.longest:
            found.append(join(source, target))
    return found
