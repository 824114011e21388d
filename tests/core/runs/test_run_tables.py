import pandas as pd

from core.runs.record import RunRecord
from core.runs.tables import write_tables


def record_of(folder, *lines):
    (folder / "events.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    record = RunRecord(folder)
    record.refresh()
    return record


SERIES = '{"kind": "series", "model": "m", "columns": {"step": [1, 2], "loss": [-0.5, "nan"]}}'
ERRORS = (
    '{"kind": "table", "name": "errors", "model": "m", "step": 2, "columns": '
    '{"text": ["=cmd|\'/c calc\'!A1", "-1.5", "\\r@SUM(1)"], "reference": ["<b>", "+1+1", "a"]}}'
)


def test_series_and_tables_are_written_and_hold_no_formula(tmp_path):
    record = record_of(tmp_path, SERIES, ERRORS)
    paths = write_tables(record, tmp_path / "tables")
    assert [path.name for path in paths] == ["series.csv", "errors.csv"]
    series, errors = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in paths)
    assert series["loss"].tolist() == ["-0.5", ""]
    assert errors["text"].tolist() == ["'=cmd|'/c calc'!A1", "-1.5", "'\n@SUM(1)"]
    assert errors["reference"].tolist() == ["<b>", "'+1+1", "a"]
