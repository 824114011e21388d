"""Which pairs are trained on and which are held out to be tested on."""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.data.pairs import Pair, Words
from core.errors import ConfigError
from core.metrics.buckets import Buckets

DrawPair = Callable[[random.Random, int], Pair]
"""Draws a pair whose reference has about so many words."""

TEST_SHARE = 0.2
"""Of the given pairs of a bucket, at most this share is held out."""
_MOST_TRIES = 20
_MOST_IN_A_ROW = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPlan:
    """How many pairs of which reference lengths; the same plan and pairs give the same split.

    Attributes:
        pairs: to train on, at most.
        per_bucket: to test on, at most.
        name: of the task: two tasks of one seed are drawn apart.
    """

    name: str
    seed: int
    shortest: int
    longest: int
    pairs: int
    buckets: Buckets
    per_bucket: int

    def rng(self, purpose: str) -> random.Random:
        """Return the random numbers for a purpose, independent of those for any other."""
        return random.Random(f"{self.name} {purpose} {self.seed}")

    def draw_length(self, rng: random.Random) -> int:
        """Return a length to train on, log-uniform from `shortest` to `longest`."""
        return round(math.exp(rng.uniform(math.log(self.shortest), math.log(self.longest))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Pairs to train on, pairs to test on by bucket, and sentences on what was left out."""

    train: tuple[Pair, ...]
    test: dict[int, tuple[Pair, ...]]
    notes: tuple[str, ...] = ()


def draw_split(draw: DrawPair, plan: SplitPlan) -> Split:
    """Return generated pairs; the test sets depend on name, seed and bucket alone.

    Raises:
        ConfigError: there are too few different sentences of the lengths to train on.
    """
    test = {centre: draw_test(draw, centre, plan) for centre in plan.buckets.centres}
    held_out = {pair.source for pairs in test.values() for pair in pairs}
    rng = plan.rng("training")
    train: list[Pair] = []
    rejected = 0
    while len(train) < plan.pairs:
        pair = draw(rng, plan.draw_length(rng))
        if pair.source not in held_out:
            train.append(pair)
            rejected = 0
        elif (rejected := rejected + 1) == _MOST_IN_A_ROW:
            raise ConfigError(
                f"Sentences of {plan.shortest} to {plan.longest} words are too few to train on "
                "and to test on; raise the longest length."
            )
    return Split(train=tuple(train), test=test, notes=empty_notes(test))


def draw_test(draw: DrawPair, centre: int, plan: SplitPlan) -> tuple[Pair, ...]:
    """Return different pairs that fall into a bucket: `plan.per_bucket`, or fewer if they are rare.

    `draw` is asked for a length inside the bucket, at its centre.
    """
    rng = plan.rng(f"test {centre}")
    found: dict[Words, Pair] = {}
    for _ in range(_MOST_TRIES * plan.per_bucket):
        pair = draw(rng, centre)
        if plan.buckets.of(len(pair.target)) == centre:
            found.setdefault(pair.source, pair)
        if len(found) == plan.per_bucket:
            break
    return tuple(found.values())


def split_pairs(pairs: Sequence[Pair], plan: SplitPlan) -> Split:
    """Return given pairs in random order, up to `TEST_SHARE` of each bucket held out.

    Pairs with the same source or the same target, case and spaces aside, go to the same side.

    Raises:
        ConfigError: no pair can be held out, or none is left to train on.
    """
    groups = twin_groups(pairs)
    plan.rng("order").shuffle(groups)
    wanted = _wanted(pairs, plan)
    test: dict[int, list[Pair]] = {centre: [] for centre in plan.buckets.centres}
    rest: list[Pair] = []
    for group in groups:
        by_bucket = _by_bucket((pairs[i] for i in group), plan.buckets)
        if all(len(test[c]) + len(found) <= wanted[c] for c, found in by_bucket.items()):
            for centre, found in by_bucket.items():
                test[centre] += found
        else:
            rest += (pairs[i] for i in group)
    if not any(test.values()):
        raise ConfigError(
            f"None of the {len(pairs):,} pairs can be held out to be tested: each shares a "
            "sentence with too many others. Bring more pairs, or pairs to test on."
        )
    return _split(rest, {centre: tuple(found) for centre, found in test.items()}, plan)


def split_off(pairs: Sequence[Pair], test_pairs: Sequence[Pair], plan: SplitPlan) -> Split:
    """Return `test_pairs` to test on and those of `pairs` to train on that are no twins of them.

    Raises:
        ConfigError: no pair is left to train on.
    """
    held_out = list(test_pairs)
    plan.rng("order").shuffle(held_out)
    by_bucket = _by_bucket(held_out, plan.buckets)
    test = {c: tuple(by_bucket.get(c, ())[: plan.per_bucket]) for c in plan.buckets.centres}
    sources = {sentence_key(pair.source) for pair in held_out}
    targets = {sentence_key(pair.target) for pair in held_out}
    rest = [
        pair
        for pair in pairs
        if sentence_key(pair.source) not in sources and sentence_key(pair.target) not in targets
    ]
    plan.rng("order").shuffle(rest)
    split = _split(rest, test, plan)
    if not (twins := len(pairs) - len(rest)):
        return split
    was = (
        "pair has a sentence that is tested, and was"
        if twins == 1
        else ("pairs have a sentence that is tested, and were")
    )
    note = f"{twins:,} training {was} left out."
    return Split(train=split.train, test=split.test, notes=(note, *split.notes))


def sentence_key(words: Words) -> str:
    """Return what two sentences share that differ in case and spaces only."""
    return "".join(words).casefold()


def twin_groups(pairs: Sequence[Pair]) -> list[list[int]]:
    """Return the indices of `pairs` in groups that share no source and no target."""
    parent = list(range(len(pairs)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = i = parent[parent[i]]
        return i

    first: dict[tuple[str, str], int] = {}
    for i, pair in enumerate(pairs):
        for side, words in (("source", pair.source), ("target", pair.target)):
            twin = first.setdefault((side, sentence_key(words)), i)
            parent[root(i)] = root(twin)
    groups = defaultdict(list)
    for i in range(len(pairs)):
        groups[root(i)].append(i)
    return list(groups.values())


def empty_notes(test: dict[int, tuple[Pair, ...]]) -> tuple[str, ...]:
    """Return a sentence on the buckets that have nothing to test, if there are any."""
    empty = [str(centre) for centre, pairs in test.items() if not pairs]
    if not empty:
        return ()
    return (f"No pair is long or short enough for the buckets at {', '.join(empty)} words.",)


def _wanted(pairs: Sequence[Pair], plan: SplitPlan) -> dict[int, int]:
    found = plan.buckets.split(len(pair.target) for pair in pairs)
    return {
        centre: min(plan.per_bucket, max(math.floor(TEST_SHARE * len(indices)), len(indices) > 1))
        for centre, indices in found.items()
    }


def _by_bucket(pairs: Iterable[Pair], buckets: Buckets) -> dict[int, list[Pair]]:
    found = defaultdict(list)
    for pair in pairs:
        found[buckets.of(len(pair.target))].append(pair)
    return dict(found)


def _split(rest: Sequence[Pair], test: dict[int, tuple[Pair, ...]], plan: SplitPlan) -> Split:
    fitting = [pair for pair in rest if plan.shortest <= len(pair.target) <= plan.longest]
    if not fitting:
        raise ConfigError(
            f"No pair has a reference of {plan.shortest} to {plan.longest} words to train on; "
            "change the shortest or the longest length."
        )
    notes = []
    if outside := len(rest) - len(fitting):
        notes.append(
            f"{outside:,} pairs are not trained on: their references are shorter than "
            f"{plan.shortest} or longer than {plan.longest} words."
        )
    return Split(train=tuple(fitting[: plan.pairs]), test=test, notes=(*notes, *empty_notes(test)))
