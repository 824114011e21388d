"""A run's numbers as pandas tables and CSV files."""

from pathlib import Path

import pandas as pd

from core.runs.record import RunRecord


def series_table(record: RunRecord, model: str) -> pd.DataFrame:
    """Return one row an update of `model`: `step` and what was measured; empty before the first."""
    return pd.DataFrame(record.columns(model))


def write_tables(record: RunRecord, folder: Path) -> list[Path]:
    """Write the series and the newest tables of a run as CSV files; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {f"series-{model}": series_table(record, model) for model in list(record.series)}
    for (name, model), view in list(record.tables.items()):
        tables[f"{name}-{model}" if model else name] = pd.DataFrame(view.latest.columns)
    paths = [folder / f"{name}.csv" for name in tables]
    for path, table in zip(paths, tables.values(), strict=True):
        table.to_csv(path, index=False)
    return paths
