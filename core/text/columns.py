"""Two columns out of a table in plain text: tab, comma or another sign between them, or quotes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import TextError
from core.text.delimited import read_line, read_quoted, read_unquoted, usual_width

Row = tuple[str, str] | None
"""Source and target; None where a line does not have these two columns."""

_PLAIN = {"\t": "tabs", "|||": "|||"}  # no sentence has one: no quotes are needed
_QUOTED = {"|": "bars", ";": "semicolons", ",": "commas"}  # the rarest in sentences first
_SAMPLE_LINES = 500
_FEW = 0.1
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
        table = read_unquoted(lines, delimiter)
        rows: list[Row] = [(row[0], row[1]) if len(row) > 1 else _blank(row) for row in table]
    else:
        table = read_quoted(lines, delimiter)
        width = usual_width(table)
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
    widths = {d: [len(read_line(line, d)) for line in sample] for d in _QUOTED}
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


def _blank(row: list[str]) -> Row:
    return None if "".join(row).strip() else ("", "")


def _is_heading(cell: str) -> bool:
    words = re.findall(r"[^\W\d_]+", cell.lower())
    return bool(words) and set(_HEADINGS.split()).issuperset(words)
