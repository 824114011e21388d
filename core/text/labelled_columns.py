"""Which column of a table holds the texts and which their labels: by name, else by content."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

MOST_CLASSES = 20
_TEXTS = (
    "text texts review reviews sentence sentences content comment comments body message messages "
    "tweet document phrase utterance question headline description summary post title"
)
_LABELS = (
    "label labels sentiment sentiments class classes target category categories polarity rating "
    "ratings stars score emotion intent topic tag gold"
)
_NEITHER = "id ids index date time url link confidence user author name source"
_KINDS = {"text", "label"}
_SAMPLE = 2_000
_LEAST_BELOW = 10

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """What a column looks like: `distinct` values, `characters` of a cell, shares 0 to 1."""

    names_text: bool
    names_label: bool
    distinct: int
    distinct_share: float
    characters: float
    filled: float
    numeric: float

    @property
    def is_few(self) -> bool:
        """Whether its values can be classes."""
        return 2 <= self.distinct <= MOST_CLASSES and self.filled > 0.5


def draw_some(items: Sequence[Item], most: int) -> list[Item]:
    """Return at most `most` of the items in their order, drawn at random, the same each time.

    Every n-th of them would do harm to a file whose labels alternate, the first to one sorted.
    """
    if len(items) <= most:
        return list(items)
    chosen = random.Random(0).sample(range(len(items)), most)
    return [items[at] for at in sorted(chosen)]


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first of the rows names the columns.

    It does where its cells are short, no numbers, not the values of rows below, and one of them
    is a name that we know; or where it has no value of a column of few values.
    """
    first, below = [cell.strip() for cell in rows[0]], draw_some(rows[1:], _SAMPLE)
    if {kind for cell in first if len(_words(cell)) == 1 for kind in _kinds(cell)} == _KINDS:
        return True
    below = [row for row in below if len(row) == len(first)]
    if any(map(is_number, first)):
        return False
    columns = [[row[at].strip() for row in below] for at in range(len(first))]
    if any(cell and cell in column for cell, column in zip(first, columns, strict=True)):
        return False
    if any(_kinds(cell) for cell in first if len(cell.split()) <= 3):
        return True
    return len(below) >= _LEAST_BELOW and _has_classes(columns) and _is_short(first, columns)


def guess_columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return the index of the column of texts and of that of labels; there are two at least."""
    some = draw_some(rows, _SAMPLE)
    looks = [_look(name, [row[at].strip() for row in some]) for at, name in enumerate(names)]
    places = range(len(looks))
    named = [at for at in places if looks[at].names_text and looks[at].numeric < 0.5]
    wordy = [at for at in places if looks[at].numeric < 0.5 and not looks[at].names_label]
    text = max(
        named or wordy or places,
        key=lambda at: looks[at].characters * looks[at].distinct_share,
    )
    others = [at for at in places if at != text]
    called = [at for at in others if looks[at].names_label]
    few = [at for at in others if looks[at].is_few]
    pool = [at for at in called if at in few] or called or few or others
    label = min(
        pool, key=lambda at: (looks[at].distinct < 2, looks[at].distinct, looks[at].numeric)
    )
    return text, label


def _look(name: str, cells: Sequence[str]) -> ColumnLook:
    filled = [cell for cell in cells if cell]
    count = len(filled) or 1
    kinds = _kinds(name)
    distinct = len(set(filled))
    return ColumnLook(
        names_text="text" in kinds and "label" not in kinds,
        names_label="label" in kinds,
        distinct=distinct,
        distinct_share=distinct / count,
        characters=sum(map(len, filled)) / count,
        filled=len(filled) / (len(cells) or 1),
        numeric=sum(map(is_number, filled)) / count,
    )


def _kinds(name: str) -> set[str]:
    """Return which of "text" and "label" a column's name says it is."""
    words = set(_words(name))
    if not words.isdisjoint(_NEITHER.split()):
        return set()
    known = {"text": _TEXTS, "label": _LABELS}
    return {kind for kind, names in known.items() if not words.isdisjoint(names.split())}


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W\d_]+", spaced.lower())


def is_number(cell: str) -> bool:
    """Return whether the cell is a number, with a point or a comma in it."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _has_classes(columns: Sequence[Sequence[str]]) -> bool:
    distinct = [len(set(column) - {""}) for column in columns]
    return any(2 <= count <= MOST_CLASSES and 3 * count <= len(columns[0]) for count in distinct)


def _is_short(first: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row's cell is far shorter than what the longest column holds."""
    means = [sum(map(len, column)) / len(column) for column in columns]
    longest = max(range(len(means)), key=means.__getitem__)
    return 2 * len(first[longest]) < means[longest]
