"""Sentence pairs to learn translation from, and to test it on. No torch here."""

from dataclasses import dataclass, field

from core.metrics.buckets import Buckets

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A source sentence and its reference translation, as words.

    `alignment` has, for each target word, the position of the source word that it translates
    (the gold alignment of generated tasks), -1 where there is none; None where nobody knows.
    """

    source: Words
    target: Words
    alignment: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelCorpus:
    """What a translation lab trains and tests on; no source of `test` is in `train`.

    Attributes:
        train: the pairs to learn from.
        test: held-out pairs by bucket of reference length, in random order: the first few are
            looked at while training, all of them at the end.
        citation: what it is and whom to cite, for the screen.
        notes: what was kept and dropped, in plain sentences.
    """

    name: str
    train: tuple[Pair, ...]
    test: dict[int, tuple[Pair, ...]]
    buckets: Buckets
    citation: str
    notes: tuple[str, ...] = field(default=())
