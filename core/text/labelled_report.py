"""What is told about labelled texts before a model learns them, and what they cannot show."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.text.lengths import LengthBin, LengthSummary, length_bins, summarize_lengths

LEAST_OF_CLASS = 3
"""Rows of a class: one to learn from, one to stop at, one to be tested."""

DROPPED = {
    "ragged": "without as many cells as there are columns",
    "empty": "without a text",
    "unlabelled": "without a label",
    "mis-encoded": "with characters that cannot be read",
    "duplicate": "with the text and label of another one",
    "conflicting": "whose text has another label elsewhere",
    "rare": f"of a class with fewer than {LEAST_OF_CLASS} rows",
}
"""Why a row is dropped, and how that is said of rows."""

_FEW_OF_CLASS = 20
_TESTED = 10  # a tenth of the rows, as core/data/folds.py deals them
_SURE_POINTS = 5.0
_MOST_OF_ONE = 2 / 3
_MOST_CONFLICTS = 0.05
_MOST_RAGGED = 0.1
_STANDARD_ERRORS = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledReport:
    """What was read, what was kept, why the rest was dropped, and what to beware of.

    Attributes:
        rows: all that were looked at, without a header.
        kept: rows that can be used.
        classes: number of rows kept by class, in the order of `class_names`.
        dropped: number of rows by reason, in the order of `DROPPED`, without those that had none.
        lengths: of the texts kept, in words.
        notes: a sentence for each change and each thing to look at.
        warnings: a sentence for each conclusion that these rows do not support.
    """

    name: str
    encoding: str
    rows: int
    kept: int
    classes: dict[str, int]
    dropped: dict[str, int]
    lengths: LengthSummary
    length_bins: tuple[LengthBin, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def make_report(
    *,
    name: str,
    encoding: str,
    rows: int,
    classes: dict[str, int],
    dropped: Mapping[str, int],
    lengths: Sequence[int],
    notes: tuple[str, ...],
    to_test: bool,
) -> LabelledReport:
    """Return the report on rows that were read; `to_test` where they are only tested on."""
    kept = sum(classes.values())
    return LabelledReport(
        name=name,
        encoding=encoding,
        rows=rows,
        kept=kept,
        classes=classes,
        dropped={reason: dropped[reason] for reason in DROPPED if dropped.get(reason)},
        lengths=summarize_lengths(lengths),
        length_bins=length_bins(lengths),
        notes=notes,
        warnings=test_warnings(classes)
        if to_test
        else data_warnings(classes, dropped) + split_warnings(kept),
    )


def data_warnings(classes: Mapping[str, int], dropped: Mapping[str, int]) -> tuple[str, ...]:
    """Return what rows of these classes cannot teach, whichever of them are tested on."""
    found = []
    rows, largest = sum(classes.values()), max(classes.values())
    ragged, conflicting = dropped.get("ragged", 0), dropped.get("conflicting", 0)
    read = rows + sum(dropped.values())
    few = [count for count in classes.values() if count < _FEW_OF_CLASS]
    if few:
        them = "one class has" if len(few) == 1 else f"{len(few)} classes have"
        found.append(
            f"Of {len(classes)} classes {them} fewer than {_FEW_OF_CLASS} rows, the smallest "
            f"{min(few)}: what is measured on them is mostly chance. Bring more rows of them."
        )
    if largest > _MOST_OF_ONE * rows:
        found.append(
            f"{_percent(largest / rows)} of the rows are of one class: who always answers it has "
            "that accuracy. Compare with it, and look at macro-F1, not at accuracy alone."
        )
    if ragged > _MOST_RAGGED * read:
        found.append(
            f"{_percent(ragged / read)} of the rows have more or fewer cells than there are "
            "columns, and are left out. Put a text with the sign between columns in it into "
            "quotation marks."
        )
    if conflicting > _MOST_CONFLICTS * (rows + conflicting):
        found.append(
            f"{_percent(conflicting / (rows + conflicting))} of the rows have a text that also "
            "stands there with another label. They are left out, but where labels disagree so "
            "often, others are wrong too: no model can be better than its labels."
        )
    return tuple(found)


def split_warnings(rows: int) -> tuple[str, ...]:
    """Return what cannot be concluded where the texts to test on are a part of `rows`."""
    tested = rows // _TESTED
    if interval_points(tested) <= _SURE_POINTS:
        return ()
    return (
        f"A tenth of the rows, {_counted(tested)}, is tested at a time: that tells an accuracy to "
        f"about ±{interval_points(tested):.0f} points (95 %), and smaller differences between "
        "models are chance. Bring more rows.",
    )


def test_warnings(classes: Mapping[str, int]) -> tuple[str, ...]:
    """Return what cannot be concluded from a test on rows of these classes."""
    found = []
    rows = sum(classes.values())
    if len(classes) == 1:
        found.append(
            "All rows to test on have the same label: a model that always answers it would be "
            "right throughout. Bring rows of the other classes too."
        )
    if interval_points(rows) > _SURE_POINTS:
        found.append(
            f"The rows to test on, {_counted(rows)}, tell an accuracy to about "
            f"±{interval_points(rows):.0f} points (95 %), and smaller differences between models "
            "are chance. Bring more rows to test on."
        )
    return tuple(found)


def interval_points(tested: int) -> float:
    """Return how many points the 95 % interval of an accuracy of 50 % reaches to each side.

    Source: Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953.
    """
    return 50 * _STANDARD_ERRORS / math.sqrt(tested + _STANDARD_ERRORS**2)


def _counted(texts: int) -> str:
    return "1 text" if texts == 1 else f"{texts:,} texts"


def _percent(share: float) -> str:
    return f"{math.floor(100 * share)} %"  # 99.9 % are not all
