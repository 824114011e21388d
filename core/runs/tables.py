"""A run's numbers as pandas tables and CSV files. No torch here: the server reads these."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.runs.record import RunRecord
from core.runs.views import TableView
from core.text.spreadsheet import csv_of
from core.training.events import Columns


def series_table(record: RunRecord, columns: list[str] | None = None) -> pd.DataFrame:
    """Return one row an update and model: `model`, `step` and what was measured.

    `columns` names what to keep beside them; None keeps all. Empty before the first update.
    """
    wanted = ["model", "step", *(columns or [])]
    parts = [
        pd.DataFrame({"model": model, **record.columns(model)}) for model in list(record.series)
    ]
    if not parts:
        return pd.DataFrame(columns=wanted)
    table = pd.concat(parts, ignore_index=True)
    return table[[name for name in wanted if name in table]] if columns else table


def first_updates_table(record: RunRecord, columns: list[str], most: int = 12) -> pd.DataFrame:
    """Return the rows of `series_table` of the first `most` updates."""
    table = series_table(record, columns)
    return table[table["step"] <= most]


def model_tables(record: RunRecord, name: str) -> dict[str, TableView]:
    """Return the tables called `name` by model, in the order in which they came."""
    return {model: view for (kind, model), view in list(record.tables.items()) if kind == name}


def stacked_table(record: RunRecord, name: str, *, only: str | None = None) -> pd.DataFrame:
    """Return the tables called `name`, newest and first, of all models or `only` of one.

    Columns `model` and `updates` (done when it was made) stand before the table's own.
    """
    parts = [
        pd.DataFrame({"model": model, "updates": at.step, **at.columns})
        for model, view in model_tables(record, name).items()
        if only in (None, model)
        for at in ([view.latest, view.first] if view.latest is not view.first else [view.first])
    ]
    return (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"model": [], "updates": []})
    )


def heatmap_table(values: "np.ndarray[Any, Any]", labels: Columns) -> pd.DataFrame:
    """Return an array of units x steps as one row a value: unit, step, symbol, gate."""
    units, steps = values.shape
    return pd.DataFrame(
        {
            "unit": np.repeat(labels["unit"][:units], steps),
            "step": np.tile(np.arange(steps), units),
            "symbol": np.tile(np.array(labels["symbol"][:steps], dtype=object), units),
            "gate": values.ravel(),
        }
    )


def write_tables(record: RunRecord, folder: Path) -> list[Path]:
    """Write the series and all tables of a run as CSV files; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    names = dict.fromkeys(name for name, _ in list(record.tables))
    tables = {"series": series_table(record)}
    tables |= {name: stacked_table(record, name) for name in names}
    paths = [folder / f"{name}.csv" for name in tables]
    for path, table in zip(paths, tables.values(), strict=True):
        path.write_text(csv_of(table), encoding="utf-8", newline="")
    return paths
