"""Which rows of texts and labels can be used: the others are counted by the reason why not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.errors import TextError
from core.text.labelled_columns import MOST_CLASSES, is_number
from core.text.labelled_report import DROPPED, LEAST_OF_CLASS
from core.text.sentences import has_no_spaces, split_words
from core.text.table_text import DAMAGE

LEAST_ROWS = 20
LONGEST_CLASS = 100
_MOST_RARE = 0.1
_SEEN = 400
"""Characters of a text by which its script is judged: one long text should not speak for all."""

LabelledRow = tuple[str, str]
"""A text and the name of its class."""


class UsableRow(NamedTuple):
    """A text with its class; `key` is what a model reads: its words in lower case."""

    number: int
    text: str
    label: str
    key: str

    @property
    def words(self) -> int:
        """How many words the text has."""
        return self.key.count(" ") + 1


@dataclass(slots=True)
class UsableRows:
    """The rows that can be used, and by reason how many cannot and where the first of them is."""

    rows: list[UsableRow] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)
    by_characters: bool = False

    @property
    def classes(self) -> Counter[str]:
        """Number of rows by class."""
        return Counter(row.label for row in self.rows)

    def drop(self, reason: str, number: int) -> None:
        """Count the row of that number among those dropped for `reason`."""
        self.dropped[reason] += 1
        self.first.setdefault(reason, number)

    def notes(self, *, with_numbers: bool) -> list[str]:
        """Return a sentence for each thing that was done; row numbers only where they are right."""
        said = ["The texts have no spaces between words: each character is a word."]
        said = said if self.by_characters else []
        for reason, how in DROPPED.items():
            if count := self.dropped[reason]:
                where = f", the first at row {self.first[reason]:,}" if with_numbers else ""
                said.append(f"Dropped {count:,} {'row' if count == 1 else 'rows'} {how}{where}.")
        return said


def find_usable(cells: Sequence[LabelledRow | None]) -> UsableRows:
    """Return the rows with a text and a label, each text once.

    Texts are the same where their words are, in whatever case. One that has two labels teaches
    neither and no answer to it is right or wrong: none of its rows is kept.
    """
    found = UsableRows(by_characters=has_no_spaces(row[0][:_SEEN] for row in cells if row))
    labels: dict[str, str | None] = {}
    whole: list[UsableRow] = []
    for number, row in enumerate(cells, start=1):
        words = split_words(row[0].lower(), by_characters=found.by_characters) if row else ()
        reason = _reason(row, words)
        if row is None or reason:
            found.drop(reason, number)
            continue
        text, label = row
        if found.by_characters:
            text = " ".join(split_words(text, by_characters=True))
        key = " ".join(words)
        whole.append(UsableRow(number, text, label, key))
        labels[key] = label if labels.get(key, label) == label else None
    seen: set[str] = set()
    for each in whole:
        if labels[each.key] is None:
            found.drop("conflicting", each.number)
        elif each.key in seen:
            found.drop("duplicate", each.number)
        else:
            seen.add(each.key)
            found.rows.append(each)
    return found


def _reason(row: LabelledRow | None, words: Sequence[str]) -> str:
    if row is None:
        return "ragged"
    if any(map(DAMAGE.search, row)):
        return "mis-encoded"
    if not words:
        return "empty"
    return "" if row[1] else "unlabelled"


def drop_rare_classes(found: UsableRows) -> None:
    """Drop the rows of classes so small that they cannot be learned, stopped at and tested."""
    counts = found.classes
    rows, found.rows = found.rows, []
    for row in rows:
        if counts[row.label] < LEAST_OF_CLASS:
            found.drop("rare", row.number)
        else:
            found.rows.append(row)


def require_rows(found: UsableRows, read: int, least: int) -> None:
    """Refuse fewer than `least` usable rows.

    Raises:
        TextError: there are fewer.
    """
    if len(found.rows) < least:
        why = _dropped_words(found)
        raise TextError(
            f"{len(found.rows):,} of {read:,} {'row' if read == 1 else 'rows'} can be used"
            f"{f' ({why})' if why else ''}; at least {least} "
            f"{'is' if least == 1 else 'are'} needed. Bring more texts with their labels, or "
            "choose other columns."
        )


def _dropped_words(found: UsableRows) -> str:
    """Return how many rows are not used and why, empty where all are."""
    return ", ".join(f"{found.dropped[name]:,} {name}" for name in DROPPED if found.dropped[name])


def require_classes(found: UsableRows, place: int) -> None:
    """Refuse values that are no classes; `place` is the column's, counted from 1.

    Raises:
        TextError: there are too many of them, or they are too long.
    """
    counts = found.classes
    column = f"The column of labels, number {place},"
    if max(map(len, counts)) > LONGEST_CLASS:
        raise TextError(
            f"{column} has values of up to {max(map(len, counts)):,} characters; a label may have "
            f"{LONGEST_CLASS}. Choose another column for the labels."
        )
    frequent = sum(count >= LEAST_OF_CLASS for count in counts.values())
    rare = sum(count for count in counts.values() if count < LEAST_OF_CLASS)
    if frequent > MOST_CLASSES or (
        len(counts) > MOST_CLASSES and rare > _MOST_RARE * len(found.rows)
    ):
        if all(map(is_number, counts)):
            raise TextError(
                f"{column} has {len(counts):,} different numbers: that is a quantity, not a class. "
                "Make classes of it, such as low and high, in a column of their own, or choose "
                "another column."
            )
        raise TextError(
            f"{column} has {len(counts):,} different values; at most {MOST_CLASSES} classes are "
            "told apart here. Choose another column for the labels, or put similar ones together."
        )


def require_two_classes(found: UsableRows, place: int) -> None:
    """Refuse rows of one class; `place` is the column's, counted from 1.

    Raises:
        TextError: there are fewer than two classes of three rows or more.
    """
    classes = len(found.classes)
    if classes < 2:
        why = _dropped_words(found)
        raise TextError(
            f"All {len(found.rows):,} rows have the same label, in column {place}"
            f"{f' (not used: {why})' if why else ''}; two classes at least are needed to tell "
            "apart. Bring rows of another class, or choose another column for the labels."
        )
    if sum(count >= LEAST_OF_CLASS for count in found.classes.values()) < 2:
        raise TextError(
            f"Only one of {classes:,} classes has {LEAST_OF_CLASS} rows or more; two are needed. "
            "Bring more rows of the other classes, or choose another column for the labels."
        )
