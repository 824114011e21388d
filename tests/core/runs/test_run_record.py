import json
import math
import time

import pytest
from fake_lab import FakeConfig

from core.errors import RunNotFound
from core.runs.journal import EventWriter
from core.runs.record import OPEN_MOST, RunRecord, open_record
from core.runs.states import append_state
from core.runs.store import RunStore
from core.training.events import ProgressEvent, SeriesEvent


def write(folder, *records, end="\n"):
    with open(folder / "events.jsonl", "a", encoding="utf-8") as events:
        events.write("\n".join(json.dumps(record) for record in records) + end)


def rows(*steps, **columns):
    return {"kind": "series", "model": "m", "columns": {"step": list(steps), **columns}}


def test_a_record_reads_on_from_where_it_stopped(tmp_path):
    record = RunRecord(tmp_path)
    assert not record.refresh()
    write(tmp_path, rows(1, loss=[2.0]))
    assert record.refresh()
    version = record.version
    assert not record.refresh()
    assert record.version == version
    write(tmp_path, rows(2, 3, loss=[1.0, 0.5]))
    record.refresh()
    assert record.columns("m") == {"step": [1, 2, 3], "loss": [2.0, 1.0, 0.5]}
    assert record.version > version


def test_a_line_that_is_not_finished_waits(tmp_path):
    record = RunRecord(tmp_path)
    whole = json.dumps(rows(1, loss=[2.0]))
    with open(tmp_path / "events.jsonl", "a", encoding="utf-8") as events:
        events.write(whole[:20])
        events.flush()
        assert not record.refresh()
        events.write(whole[20:] + "\n")
    assert record.refresh()
    assert record.columns("m")["loss"] == [2.0]


def test_a_line_cut_short_by_a_kill_is_passed_over(tmp_path):
    write(tmp_path, rows(1), end='\n{"kind": "series", "mod')
    append_state(tmp_path, "failed", "It was killed.")
    record = RunRecord(tmp_path)
    record.refresh()
    assert (record.state, record.cause) == ("failed", "It was killed.")
    assert record.columns("m") == {"step": [1]}


def test_numbers_that_are_not_finite_come_back_as_floats(tmp_path):
    journal = EventWriter(tmp_path)
    loss = [math.nan, math.inf, -math.inf, 1.5]
    journal.add(SeriesEvent(model="m", columns={"step": [1, 2, 3, 4], "loss": loss}))
    journal.close()
    record = RunRecord(tmp_path)
    record.refresh()
    assert math.isnan(record.columns("m")["loss"][0])
    assert record.columns("m")["loss"][1:] == loss[1:]


def test_columns_stay_equally_long_when_one_comes_late_or_stays_away(tmp_path):
    write(tmp_path, rows(1, loss=[2.0]), rows(2, norm=[3.0]))
    record = RunRecord(tmp_path)
    record.refresh()
    columns = record.columns("m")
    assert {len(values) for values in columns.values()} == {2}
    assert math.isnan(columns["loss"][1])
    assert math.isnan(columns["norm"][0])


def test_a_long_run_is_read_in_time_that_grows_with_its_length(tmp_path):
    write(tmp_path, *(rows(step, loss=[1.0], norm=[2.0]) for step in range(100_000)))
    record = RunRecord(tmp_path)
    began = time.monotonic()
    record.refresh()
    assert len(record.columns("m")["loss"]) == 100_000
    assert time.monotonic() - began < 10


def test_speed_and_time_left_are_of_the_last_looks(tmp_path):
    write(tmp_path, {"kind": "state", "state": "running", "at": 100.0, "cause": ""})
    record = RunRecord(tmp_path)
    record.refresh()
    assert record.updates_per_second is None
    write(tmp_path, {"kind": "progress", "step": 50, "total": 100, "at": 105.0})
    record.refresh()
    assert record.updates_per_second == 10
    assert record.seconds_left == 5
    assert record.started_at == 100.0
    write(tmp_path, {"kind": "state", "state": "paused", "at": 106.0, "cause": ""})
    record.refresh()
    assert record.seconds_left is None


def test_progress_is_written_a_few_times_a_second_and_at_the_end(tmp_path):
    journal = EventWriter(tmp_path)
    for step in range(1, 1001):
        journal.progress = ProgressEvent(step=step, total=1000)
        journal.flush()
    journal.state("done")
    journal.close()
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert len(lines) <= 4
    assert json.loads(lines[-2])["step"] == 1000


def test_a_run_writes_no_more_than_it_may(tmp_path):
    journal = EventWriter(tmp_path, megabytes=0.001)
    with pytest.raises(Exception, match="make it shorter"):
        journal.add(SeriesEvent(model="m", columns={"step": list(range(1000))}))
    journal.close()


def test_all_who_open_a_run_share_one_reader_and_few_stay_open(tmp_path):
    store = RunStore(tmp_path)
    ids = [store.create("fake", FakeConfig()) for _ in range(OPEN_MOST + 1)]
    first = open_record(store, ids[0])
    assert open_record(store, ids[0]) is first
    for run_id in ids[1:]:
        open_record(store, run_id)
    assert open_record(store, ids[0]) is not first


def test_a_run_that_was_removed_is_not_found(tmp_path):
    store = RunStore(tmp_path)
    run_id = store.create("fake", FakeConfig())
    record = open_record(store, run_id)
    store.delete(run_id)
    with pytest.raises(RunNotFound):
        record.refresh()
    with pytest.raises(RunNotFound):
        open_record(store, run_id)
