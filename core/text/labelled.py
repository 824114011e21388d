"""Labelled texts that a person brings: the rows of a table that can be used, and their classes.

A row that cannot be used is dropped and counted, never mended. No message and no note quotes a
text, a label or the name of a column.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.errors import TextError
from core.text.labelled_report import LabelledReport, data_warnings, make_report, test_warnings
from core.text.labelled_rows import (
    LEAST_ROWS,
    LabelledRow,
    UsableRows,
    drop_rare_classes,
    find_usable,
    require_classes,
    require_rows,
    require_two_classes,
)
from core.text.labelled_table import LabelledTable, read_table_file, read_table_paste
from core.text.sentences import text_key

_TEST = "test"
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledText:
    """Texts with the names of their classes, how they were read, and those to test on if given.

    Attributes:
        columns: names of all columns of the table.
        text_column: the one whose cells are the texts; `label_column` that of the labels.
        test_rows: rows to test on; none is of a class that `rows` do not have.
        test_report: the report on them.
    """

    rows: tuple[LabelledRow, ...]
    report: LabelledReport
    columns: tuple[str, ...]
    text_column: str
    label_column: str
    test_rows: tuple[LabelledRow, ...] = ()
    test_report: LabelledReport | None = None

    def with_test(self, test: "LabelledText") -> "LabelledText":
        """Return these rows, to be tested on those of another text.

        Raises:
            TextError: no row to test on has a class of these.
        """
        rows = tuple(row for row in test.rows if row[1] in self.report.classes)
        if not rows:
            raise TextError(
                "No row to test on has a label that a row to train on has. Name the classes of "
                "both alike, capital letters too."
            )
        warnings = data_warnings(self.report.classes, self.report.dropped)
        return replace(
            self,
            report=replace(self.report, warnings=warnings),
            test_rows=rows,
            test_report=_test_report(self, test, rows),
        )

    def as_test(self) -> "LabelledText":
        """Return these rows as those to test on, for models that are trained on another source."""
        report = replace(self.report, warnings=test_warnings(self.report.classes))
        return replace(self, rows=(), test_rows=self.rows, test_report=report)

    def packed(self) -> str:
        """Return all rows as one text that `unpack_labelled` reads: a JSON list on each line.

        A row to test on says so in a third place.
        """
        lists = (*self.rows, *((*row, _TEST) for row in self.test_rows))
        return "\n".join(json.dumps(row, ensure_ascii=False) for row in lists)


def unpack_labelled(text: str) -> tuple[tuple[LabelledRow, ...], tuple[LabelledRow, ...]]:
    """Return the rows of a packed text: those to train on, and those to test on.

    Raises:
        TextError: a line is not one that `LabelledText.packed` writes.
    """
    train: list[LabelledRow] = []
    test: list[LabelledRow] = []
    for number, line in enumerate(text.rstrip("\n").split("\n"), start=1):
        match _parsed(line):
            case [str(body), str(label)]:
                train.append((body, label))
            case [str(body), str(label), str(kind)] if kind == _TEST:
                test.append((body, label))
            case _:
                raise TextError(
                    f"Line {number:,} of the labelled texts is not a text and its label. Bring "
                    "them again."
                )
    return tuple(train), tuple(test)


def _parsed(line: str) -> object:
    try:
        parsed: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return parsed


def class_names(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the different labels in order: by the number they begin with, then by the alphabet."""
    return tuple(sorted(set(labels), key=_natural))


def _natural(label: str) -> tuple[bool, float, str, str]:
    number = _NUMBER.match(label)
    value = float(number[0].replace(",", ".")) if number else 0.0
    return number is None, value, label.casefold(), label


def read_labelled_file(
    data: bytes,
    name: str,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    to_test: bool = False,
) -> LabelledText:
    """Return the labelled texts in a file: CSV or the like, JSON lines or a JSON list.

    Args:
        data: the file.
        name: what the report calls it; how it is written is seen in its content.
        text_column: the column of the texts, "column 1" if it has no name; None: guess.
        label_column: the column of the labels; None: guess.
        to_test: whether the rows are only tested on: one row of one class is enough then.

    Raises:
        TextError: it cannot be read, or its rows cannot be used.
    """
    return label_rows(read_table_file(data, name), text_column, label_column, to_test=to_test)


def read_labelled_paste(
    text: str,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    to_test: bool = False,
) -> LabelledText:
    """Return the labelled texts in a pasted table, as those in a file.

    Raises:
        TextError: as `read_labelled_file`.
    """
    return label_rows(read_table_paste(text), text_column, label_column, to_test=to_test)


def label_rows(
    table: LabelledTable,
    text_column: str | None = None,
    label_column: str | None = None,
    *,
    to_test: bool = False,
) -> LabelledText:
    """Return the rows of a table that can be used; where a column is not named, by its guess.

    Raises:
        TextError: a column is not there, its values are no classes, or too few rows are left.
    """
    names = (text_column or table.text_column, label_column or table.label_column)
    text_at, label_at = _places(table.columns, names)
    cells = [
        (row[text_at].strip(), " ".join(row[label_at].split())) if row else None
        for row in table.rows
    ]
    found = find_usable(cells)
    require_rows(found, len(cells), 1 if to_test else LEAST_ROWS)
    require_classes(found, label_at + 1)
    if not to_test:
        require_two_classes(found, label_at + 1)
        drop_rare_classes(found)
    return LabelledText(
        rows=tuple((row.text, row.label) for row in found.rows),
        report=_report(table, found, to_test=to_test),
        columns=table.columns,
        text_column=names[0],
        label_column=names[1],
    )


def _places(columns: Sequence[str], names: Sequence[str]) -> list[int]:
    for name in names:
        if name not in columns:
            raise TextError(
                "There is no column of the name that was given. Choose one of the "
                f"{len(columns):,} that the table has, or leave the choice out."
            )
    if names[0] == names[1]:
        raise TextError("One column is chosen for both the texts and the labels. Choose two.")
    return [columns.index(name) for name in names]


def _report(table: LabelledTable, found: UsableRows, *, to_test: bool) -> LabelledReport:
    counts = found.classes
    is_whole = len(table.rows) == table.rows_read
    return make_report(
        name=table.name,
        encoding=table.encoding,
        rows=len(table.rows),
        classes={name: counts[name] for name in class_names(counts)},
        dropped=found.dropped,
        lengths=[row.words for row in found.rows],
        notes=(*table.notes, *found.notes(with_numbers=is_whole)),
        to_test=to_test,
    )


def _test_report(
    train: LabelledText, test: LabelledText, rows: Sequence[LabelledRow]
) -> LabelledReport:
    """Return the report on `rows`, those of `test` that models trained on `train` are tested on."""
    notes, warnings = list(test.report.notes), []
    if foreign := len(test.rows) - len(rows):
        warnings.append(
            f"{foreign:,} of {len(test.rows):,} rows to test on have labels that no row to train "
            "on has, and are left out."
        )
    known = {text_key(text) for text, _ in train.rows}
    if shared := sum(text_key(text) in known for text, _ in rows):
        notes.append(
            f"{shared:,} of the texts to test on also stand among those to train on, from which "
            "they are left out."
        )
    counts = dict.fromkeys(class_names(label for _, label in rows), 0)
    for _, label in rows:
        counts[label] += 1
    return replace(
        test.report,
        kept=len(rows),
        classes=counts,
        notes=tuple(notes),
        warnings=(*warnings, *test_warnings(counts)),
    )
