"""A table written as JSON: one object a line, a list of objects, or lists of cells."""

import json
from collections.abc import Iterable
from typing import Any

from core.errors import TextError
from core.text.delimited import usual_width
from core.text.table_text import CONTROLS

MOST_COLUMNS = 200

Cells = list[str] | None
"""The cells of a row; None where it does not have the columns of the others."""


def read_json_rows(text: str) -> tuple[list[str], list[Cells]] | None:
    """Return the names of the columns and the rows; None where the text is not JSON.

    Lists of cells have no names: then there are none. A list may also be the first that stands in
    an object.

    Raises:
        TextError: there are more than `MOST_COLUMNS` columns.
    """
    items = _items(text)
    if items is None:
        return None
    if any(isinstance(item, dict) for item in items):
        names = _names(items)
        return names, [_cells_by_name(item, names) for item in items]
    lists = [[_cell(value) for value in item] for item in items if isinstance(item, list)]
    width = usual_width(lists)
    _require_columns(width)
    cells = ([_cell(v) for v in item] if isinstance(item, list) else None for item in items)
    return [], [row if row and len(row) == width else None for row in cells]


def _items(text: str) -> list[Any] | None:
    first = text.lstrip()[:1]
    if first not in ("{", "["):
        return None
    lines = [line for line in text.split("\n") if line.strip()]
    whole = _parse(lines[0])
    if whole is not None and len(lines) > 1:
        return [_parse(line) for line in lines]
    whole = _parse(text) if whole is None else whole
    if isinstance(whole, dict):
        return next((value for value in whole.values() if isinstance(value, list)), [whole])
    return whole if isinstance(whole, list) else None


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _names(items: Iterable[Any]) -> list[str]:
    names: dict[str, None] = {}
    for item in items:
        if isinstance(item, dict):
            names.update(dict.fromkeys(item))
            _require_columns(len(names))
    return list(names)


def _require_columns(count: int) -> None:
    if count > MOST_COLUMNS:
        raise TextError(
            f"There are more than {MOST_COLUMNS} columns. Bring a table with the text and its "
            "label, and few others."
        )


def _cells_by_name(item: Any, names: Iterable[str]) -> Cells:
    return [_cell(item.get(name)) for name in names] if isinstance(item, dict) else None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return CONTROLS.sub("", text)
