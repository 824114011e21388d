"""Which key points does an answer name, which does it miss, which mistakes does it contain?

By phrases alone: an answer names a point where one of the point's phrases stands in it. "..." in
a phrase stands for up to four words. A phrase that is denied where it stands does not count; a
mistake that the answer calls one is none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.practice.answer_words import Word, words_of
from core.practice.card import Card, Mistake, Point
from core.practice.denial import denies_mistake, denies_point

WIDEST_GAP = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """Where an answer names a point or makes a mistake: `answer[start:end]`."""

    told: Point | Mistake
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Graded:
    """What an answer names, misses and gets wrong, in the card's order, and where it does."""

    named: tuple[Point, ...]
    missed: tuple[Point, ...]
    mistakes: tuple[Mistake, ...]
    hits: tuple[Hit, ...]


def grade(card: Card, answer: str) -> Graded:
    """Return what `answer` says of the card's points and mistakes; an empty one says nothing."""
    words = words_of(answer)
    tellable: tuple[Point | Mistake, ...] = (*card.points, *card.mistakes)
    hits = tuple(
        Hit(told, words[first].start, words[last].end)
        for told in tellable
        for first, last in _places(told, words)
    )
    met = [hit.told for hit in hits]
    return Graded(
        named=tuple(point for point in card.points if point in met),
        missed=tuple(point for point in card.points if point not in met),
        mistakes=tuple(mistake for mistake in card.mistakes if mistake in met),
        hits=hits,
    )


def _places(told: Point | Mistake, words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the first and last word of each place that says it and does not deny it."""
    is_denied = denies_point if isinstance(told, Point) else denies_mistake
    found = {place for phrase in told.phrases for place in phrase_places(phrase, words)}
    return sorted(place for place in found if not is_denied(words, *place))


def phrase_places(phrase: str, words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the first and last word of each place where `phrase` stands in `words`."""
    parts = _parts(phrase)
    if not parts:
        return []
    return [
        (first, end - 1)
        for first in range(len(words))
        for end in _ends(parts, words, first)
        if words[first].sentence == words[end - 1].sentence
    ]


@lru_cache(maxsize=8192)
def _parts(phrase: str) -> tuple[tuple[Word, ...], ...]:
    """Return the phrase's words, cut where it has a gap."""
    parts: list[list[Word]] = []
    for word in words_of(phrase):
        if word.after_gap or not parts:
            parts.append([])
        parts[-1].append(word)
    return tuple(map(tuple, parts))


def _ends(parts: Sequence[Sequence[Word]], words: Sequence[Word], first: int) -> Iterator[int]:
    """Yield the nearest place behind `parts` if they stand in `words` from `first` on."""
    end = _end_of(parts[0], words, first)
    if end is None:
        return
    if len(parts) == 1:
        yield end
        return
    for gap in range(WIDEST_GAP + 1):
        for last in _ends(parts[1:], words, end + gap):
            yield last
            return


def _end_of(part: Sequence[Word], words: Sequence[Word], first: int) -> int | None:
    """Return the place behind `part` if it stands in `words` from `first` on.

    Word by word by their stems; or written together or apart, as in "time step" and "timestep".
    """
    here = words[first : first + len(part)]
    if [word.stem for word in here] == [word.stem for word in part]:
        return first + len(part)
    wanted = _joined(part)
    for end in range(first + 1, min(first + len(part) + 2, len(words)) + 1):
        if end - first != len(part) and _joined(words[first:end]) == wanted:
            return end
    return None


def _joined(words: Sequence[Word]) -> str:
    return "".join(word.form for word in words[:-1]) + words[-1].stem
