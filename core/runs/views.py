"""What a record holds of a table and of an array: the first, and the one of now."""

from typing import NamedTuple

from core.training.events import Columns


class TableAt(NamedTuple):
    """A table as it was at `step`."""

    step: int
    columns: Columns


class ArrayRef(NamedTuple):
    """Where the array of `step` is; `RunRecord.load_array` reads it."""

    name: str
    model: str
    step: int
    shape: tuple[int, ...]
    labels: Columns
    file: str


class TableView(NamedTuple):
    """The first table of its kind, to compare with, and the one that holds now."""

    first: TableAt
    latest: TableAt


class ArrayView(NamedTuple):
    """The first array of its kind, to compare with, and the one that holds now."""

    first: ArrayRef
    latest: ArrayRef
