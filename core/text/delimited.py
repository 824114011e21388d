"""Rows and cells of a table in plain text; a quotation mark left open costs its own row only."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence

_MOST_CELLS = 1_000
_READ_AGAIN = 4
"""How many times the whole table open quotes may make us read, before lines are read one by one."""


def read_unquoted(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Return the cells of each line; quotation marks are plain unless they surround a cell.

    Behind the thousandth the rest of a line is one cell.
    """
    return [[_unquoted(cell) for cell in line.split(delimiter, _MOST_CELLS)] for line in lines]


def read_quoted(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Return the cells of each row; inside quotes a cell may hold the delimiter and line breaks.

    A quote that is not closed as it should be does not swallow the lines below: its line is a row
    of its own. So is each line of a row over several that has not as many cells as other rows.
    An empty line is a row without cells.
    """
    rows = _read_quoted(lines, delimiter, None)
    width = usual_width(rows)
    if any(len(row) != width and any("\n" in cell for cell in row) for row in rows):
        return _read_quoted(lines, delimiter, width)
    return rows


def _read_quoted(lines: Sequence[str], delimiter: str, width: int | None) -> list[list[str]]:
    """Return the rows; one over several lines is believed where it has `width` cells, if given."""
    rows: list[list[str]] = []
    at, left = 0, _READ_AGAIN * len(lines)
    while at < len(lines):
        if left < 0:
            return rows + [read_line(line, delimiter) for line in lines[at:]]
        found, taken, seen = _read_until_broken(lines, at, delimiter, width)
        rows += found
        at, left = at + taken, left - (seen - taken)
        if at < len(lines):
            rows.append(read_line(lines[at], delimiter))
            at += 1
    return rows


def _read_until_broken(
    lines: Sequence[str], start: int, delimiter: str, width: int | None
) -> tuple[list[list[str]], int, int]:
    """Return the rows before the first broken one, how many lines they are, and lines looked at."""
    broken = (lines[number] + "\n" for number in range(start, len(lines)))
    reader = csv.reader(broken, delimiter=delimiter, skipinitialspace=True, strict=True)
    rows: list[list[str]] = []
    taken = 0
    try:
        for row in reader:
            if reader.line_num > taken + 1 and width not in (None, len(row)):
                break
            rows.append(row)
            taken = reader.line_num
    except csv.Error:  # badly closed, never closed, or a cell of more than 131,072 characters
        pass
    return rows, taken, reader.line_num


def read_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line; a quote left open ends with it."""
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return _read_long_line(line, delimiter)


def _read_long_line(line: str, delimiter: str) -> list[str]:
    sign = re.escape(delimiter)
    cell = re.compile(rf' *"([^"]*(?:""[^"]*)*)" *({sign}|$)|([^{sign}]*)({sign}|$)')
    cells: list[str] = []
    at, is_last = 0, False
    while not is_last and (match := cell.match(line, at)):
        quoted, _, plain, _ = match.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        is_last = not (match[2] or match[4])
    return cells


def usual_width(rows: Iterable[Sequence[str]]) -> int:
    """Return the most frequent number of cells, of those of two or more; 2 without any."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max(widths, key=widths.__getitem__, default=2)


def _unquoted(cell: str) -> str:
    inside = cell.strip()[1:-1]
    is_quoted = len(cell.strip()) > 1 and cell.strip() == f'"{inside}"'
    if is_quoted and '"' not in inside.replace('""', ""):
        return inside.replace('""', '"')
    return cell
