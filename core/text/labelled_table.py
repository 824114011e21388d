"""A table that may hold labelled texts, whatever it is written as: CSV, TSV, JSON, pasted rows."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import TextError
from core.text.delimited import read_quoted, read_unquoted, usual_width
from core.text.encodings import DecodedText
from core.text.json_rows import MOST_COLUMNS, Cells, read_json_rows
from core.text.labelled_columns import draw_some, guess_columns, is_header
from core.text.table_text import decode_paste, decode_table

MOST_LINES = 1_000_000
MOST_ROWS = 50_000
_WANTED = "a table of texts and their labels"
_READINGS: tuple[tuple[str, str, Callable[[Sequence[str], str], list[list[str]]]], ...] = (
    ("tabs", "\t", read_unquoted),
    ("tabs", "\t", read_quoted),
    ("semicolons", ";", read_quoted),
    ("bars", "|", read_quoted),
    ("commas", ",", read_quoted),
)
"""What may separate columns and how it is read; of equally good ones the first is taken."""

_SAMPLE_LINES = 500
_LONG_LINE = 50_000
_SAMPLE_CHARACTERS = 500_000
_FEW = 0.1
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledTable:
    """Rows of cells, and which column is guessed to hold the texts and which the labels.

    Attributes:
        columns: names, each once; "column 1" and so on where there is none.
        rows: without a header; None where a row has not the columns of the others.
        rows_read: all there were; `rows` are at most `MOST_ROWS` of them.
        notes: a sentence on how it was read.
    """

    name: str
    encoding: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...] | None, ...]
    rows_read: int
    text_column: str
    label_column: str
    notes: tuple[str, ...]


def read_table_file(data: bytes, name: str) -> LabelledTable:
    """Return the table in a file: its content says what it is written as, not its name.

    Raises:
        TextError: too large, binary, empty, one column, too many columns or lines, or no row.
    """
    return _read(decode_table(data, "The file", _WANTED), name)


def read_table_paste(text: str) -> LabelledTable:
    """Return the table in a pasted text, as that in a file.

    Raises:
        TextError: as `read_table_file`.
    """
    return _read(decode_paste(text, "The pasted text", _WANTED), "pasted text")


def _read(decoded: DecodedText, name: str) -> LabelledTable:
    if (lines := decoded.text.count("\n") + 1) > MOST_LINES:
        raise TextError(
            f"There are {lines:,} lines; at most {MOST_LINES:,} are read. Bring a part of them."
        )
    notes = list(decoded.notes)
    found = read_json_rows(decoded.text)
    headings, rows = _read_delimited(decoded.text.rstrip("\n"), notes) if found is None else found
    count = len(rows)
    if count > MOST_ROWS:
        rows = draw_some(rows, MOST_ROWS)
        notes.append(
            f"{MOST_ROWS:,} of {count:,} rows, drawn at random, are used: more are not read here."
        )
    whole = [row for row in rows if row]
    if not whole:
        raise TextError(f"There is no row below the names of the columns. Bring {_WANTED}.")
    columns = _unique(headings or [""] * len(whole[0]))
    if len(columns) < 2:
        raise _one_column()
    text, label = guess_columns(columns, whole)
    return LabelledTable(
        name=name,
        encoding=decoded.encoding,
        columns=columns,
        rows=tuple(tuple(row) if row else None for row in rows),
        rows_read=count,
        text_column=columns[text],
        label_column=columns[label],
        notes=tuple(notes),
    )


def _read_delimited(text: str, notes: list[str]) -> tuple[list[str], list[Cells]]:
    lines = text.split("\n")
    sign, delimiter, read = _guess_reading(lines)
    table = read(lines, delimiter)
    notes.append(f"The columns are separated by {sign}.")
    table = table[next((at for at, row in enumerate(table) if _is_filled(row)), len(table)) :]
    has_header = bool(table) and is_header(table)
    width = len(table[0]) if has_header else usual_width(table)
    rows = [_fitted(row, width) for row in table]
    if not has_header:
        return [], rows
    notes.append("The first row names the columns and was left out.")
    return table[0], rows[1:]


def _guess_reading(
    lines: Sequence[str],
) -> tuple[str, str, Callable[[Sequence[str], str], list[list[str]]]]:
    sample = [line for line in lines[:_SAMPLE_LINES] if len(line) <= _LONG_LINE]
    sample = sample or [max(lines[:_SAMPLE_LINES], key=len)[:_SAMPLE_CHARACTERS]]
    tables = [read(sample, delimiter) for _, delimiter, read in _READINGS]
    shares = [_regular_share(table) for table in tables]
    best = max(range(len(shares)), key=shares.__getitem__)
    if shares[best] <= _FEW:
        raise _one_column()
    if (width := usual_width(tables[best])) > MOST_COLUMNS:
        raise TextError(
            f"There are {width:,} columns or more; at most {MOST_COLUMNS} are read. Bring a table "
            "with the text and its label, and few others."
        )
    return _READINGS[best]


def _regular_share(rows: Sequence[Sequence[str]]) -> float:
    """Return the share of the rows, blank ones aside, that have as many cells as most have."""
    widths = [len(row) for row in rows if _is_filled(row)]
    return widths.count(usual_width(rows)) / (len(widths) or 1)


def _is_filled(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row)


def _one_column() -> TextError:
    return TextError(
        "There is one column only. Put a tab (or a semicolon or a comma) between each text and "
        "its label, or bring one JSON object a line."
    )


def _fitted(row: list[str], width: int) -> Cells:
    if not _is_filled(row):
        return [""] * width
    return row[:width] if len(row) >= width and not _is_filled(row[width:]) else None


def _unique(headings: Sequence[str]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    names = []
    for number, heading in enumerate(headings, start=1):
        name = " ".join(heading.split())[:_LONGEST_NAME] or f"column {number}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return (
        tuple(names)
        if len(set(names)) == len(names)
        else tuple(f"column {number}" for number in range(1, len(names) + 1))
    )
