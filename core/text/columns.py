"""Two columns out of a table in plain text: tab, comma or another sign between them, or quotes."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import TextError

Row = tuple[str, str] | None
"""Source and target; None where a line does not have these two columns."""

_PLAIN = {"\t": "tabs", "|||": "|||"}  # no sentence has one: no quotes are needed
_QUOTED = {"|": "bars", ";": "semicolons", ",": "commas"}  # the rarest in sentences first
_SAMPLE_LINES = 500
_FEW = 0.1
_MOST_BREAKS = 20
"""Line breaks inside quotes; with more of them a quotation mark was left open."""
_HEADINGS = (
    "source target src tgt trg input output reference translation original sentence text "
    "english french german spanish italian portuguese dutch russian polish chinese japanese "
    "arabic hebrew hindi turkish en fr de es it pt nl ru pl zh ja ko ar he hi tr cs sv fi el uk"
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows of a table without its header, and a sentence on each thing worth knowing."""

    rows: list[Row]
    notes: tuple[str, ...]


def read_columns(text: str) -> Columns:
    """Return the first two columns of a table; the sign between them is guessed.

    Raises:
        TextError: there is one column only.
    """
    lines = text.split("\n")
    delimiter = _guess_delimiter([line for line in lines if line.strip()][:_SAMPLE_LINES])
    notes = [f"The columns are separated by {(_PLAIN | _QUOTED)[delimiter]}."]
    if delimiter in _PLAIN:
        table = [[_unquoted(field) for field in line.split(delimiter)] for line in lines]
        rows: list[Row] = [(row[0], row[1]) if len(row) > 1 else _blank(row) for row in table]
    else:
        table = _read_quoted(lines, delimiter)
        widths = Counter(len(row) for row in table if len(row) > 1)
        width = max(widths, key=widths.__getitem__, default=2)
        rows = [(row[0], row[1]) if len(row) == width else _blank(row) for row in table]
    if wider := sum(
        len(row) > 2 and kept is not None for row, kept in zip(table, rows, strict=True)
    ):
        notes.append(f"A third column or more, in {wider:,} rows, was ignored.")
    if rows and rows[0] and all(map(_is_heading, rows[0])):
        notes.append("The first row names the columns and was left out.")
        del rows[0]
    return Columns(rows, tuple(notes))


def _guess_delimiter(sample: Sequence[str]) -> str:
    for delimiter in _PLAIN:
        if sum(delimiter in line for line in sample) > _FEW * len(sample):
            return delimiter
    widths = {d: [len(_read_line(line, d)) for line in sample] for d in _QUOTED}
    for fits in (lambda width: width == 2, lambda width: width > 2):
        shares = {d: sum(map(fits, found)) / len(sample) for d, found in widths.items()}
        best = max(shares, key=lambda d: (shares[d], _beside_quotes(sample, d)))
        if shares[best] > _FEW:
            return best
    raise TextError(
        "There is one column only. Put a tab (or a semicolon or a comma) between each sentence "
        "and its translation, or bring two files of equally many lines."
    )


def _beside_quotes(sample: Sequence[str], delimiter: str) -> int:
    return sum(line.count(f'"{delimiter}') for line in sample)


def _read_quoted(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    broken = (line + "\n" for line in lines)
    try:
        rows = list(csv.reader(broken, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:  # a field of more than 131,072 characters
        return [_read_line(line, delimiter) for line in lines]
    is_broken = any(field.count("\n") > _MOST_BREAKS for row in rows for field in row)
    if is_broken or 2 * len(rows) < len(lines):
        return [_read_line(line, delimiter) for line in lines]
    return rows


def _read_line(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return [line]


def _unquoted(field: str) -> str:
    inside = field.strip()[1:-1]
    is_quoted = len(field.strip()) > 1 and field.strip() == f'"{inside}"'
    if is_quoted and '"' not in inside.replace('""', ""):
        return inside.replace('""', '"')
    return field


def _blank(row: list[str]) -> Row:
    return None if "".join(row).strip() else ("", "")


def _is_heading(cell: str) -> bool:
    words = re.findall(r"[^\W\d_]+", cell.lower())
    return bool(words) and set(_HEADINGS.split()).issuperset(words)
