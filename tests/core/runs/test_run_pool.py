import os
import signal
import time

import numpy as np
import pytest
import torch
from fake_lab import FakeConfig

from core.errors import RunError, RunNotFound, RunRefused
from core.runs import pool as pool_module
from core.runs.states import append_state


def live_child(bench, run_id):
    return bench.pool._runs[run_id].child


def test_a_run_goes_through_its_states_to_done(bench):
    record = bench.finished(bench.start(updates=20))
    assert (record.state, record.step, record.total) == ("done", 20, 20)
    assert record.columns("m")["step"] == list(range(1, 21))
    assert record.started_at <= record.ended_at
    assert np.isnan(record.result["results"][0]["loss"])


def test_a_visitors_text_reaches_the_lab(bench):
    assert bench.finished(bench.start(text="abc")).result["signature"] == "text 3"


def test_every_kind_of_event_comes_back(bench):
    record = bench.finished(bench.start(what="everything"))
    heat = record.arrays["heat", "m"]
    assert record.load_array(heat.first).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert record.load_array(heat.latest).tolist() == [[1, 2, 3], [4, 5, 6]]
    assert (heat.first.labels, heat.first.shape) == ({"x": ["nan", "b"]}, (2, 3))
    assert record.tables["t", "m"].first.columns["word"] == ["nan", "of"]
    assert record.tables["t", "m"].latest == (5, {"word": [], "v": []})
    assert (record.words, record.words_step) == (["two"], 2)
    assert record.marks[0]["what"] == "diverged"
    assert record.verdicts[4]["verdict"] == "supported"
    weights = torch.load(record.folder / record.checkpoints[0]["file"], weights_only=True)
    assert weights["w"].tolist() == [1, 1]


def test_an_array_that_is_not_of_the_run_is_not_read(bench):
    record = bench.finished(bench.start(what="everything"))
    ref = record.arrays["heat", "m"].first
    with pytest.raises(RunNotFound, match="'heat'"):
        record.load_array(ref._replace(file="../../../secret.npy"))
    with pytest.raises(RunNotFound):
        record.load_array(ref._replace(file="arrays/000099.npy"))


def test_losses_that_are_nan_are_drawn_to_the_end(bench):
    losses = bench.finished(bench.start(what="nan", updates=4)).columns("m")["loss"]
    assert [np.isnan(loss) for loss in losses] == [True, False, True, False]


@pytest.mark.parametrize(
    ("what", "cause", "has_traceback"),
    [
        ("raises at once", "ValueError: no such luck", True),
        ("memory", "out of memory; try a smaller hidden size, batch or length", True),
        ("torch memory", "out of memory; try a smaller hidden size, batch or length", True),
        ("sentence", "The text has 3 words; a lab needs 100. Paste more.", False),
        ("not json", "TypeError", True),
        ("exits", "exit code 3", False),
    ],
)
def test_a_run_that_fails_says_why_in_a_sentence(bench, what, cause, has_traceback):
    record = bench.finished(bench.start(what=what))
    assert record.state == "failed"
    assert cause in record.cause
    assert ("Traceback" in record.error_text()) == has_traceback


def test_a_worker_that_is_killed_is_reported_at_once(bench):
    run_id = bench.start(updates=100_000, pause=0.01)
    bench.until(run_id, lambda record: record.step > 0)
    os.kill(live_child(bench, run_id).process.pid, signal.SIGKILL)
    record = bench.until_state(run_id, "failed", seconds=3)
    assert record.cause.startswith("The worker was killed (signal 9, SIGKILL)")
    assert record.step > 0


def test_a_worker_that_kills_itself_is_reported(bench):
    assert "out-of-memory killer" in bench.finished(bench.start(what="kills itself")).cause


def test_a_full_disk_is_told_all_the_same(bench):
    record = bench.finished(bench.start(what="disk full", updates=1_000, pause=0.002))
    assert record.state == "failed"
    assert "File too large" in record.cause
    assert bench.finished(bench.start()).state == "done"


def test_runs_beyond_the_limit_wait_their_turn(bench):
    running = [bench.start(updates=100_000, pause=0.01) for _ in range(2)]
    first, second, third = (bench.start(updates=2) for _ in range(3))
    assert [bench.pool.place(run_id) for run_id in (*running, first, second)] == [0, 0, 1, 2]
    assert bench.pool.state(first) == "queued"
    bench.pool.command(second, "stop")
    assert bench.finished(second).cause == "It was stopped before it had started."
    assert [bench.pool.place(run_id) for run_id in (first, third)] == [1, 2]
    bench.stop(running[0])
    assert bench.finished(first).state == "done"
    assert bench.finished(third).state == "done"
    bench.stop(running[1])


def test_a_paused_run_gives_its_place_to_the_next(bench):
    running = [bench.start(updates=100_000, pause=0.01) for _ in range(2)]
    waiting = bench.start(updates=2)
    bench.pool.command(running[0], "pause")
    assert bench.finished(waiting).state == "done"
    assert not bench.pool.is_idle()
    bench.pool.command(running[1], "pause")
    bench.until_state(running[1], "paused")
    assert bench.pool.is_idle(), "what is paused trains nothing"
    bench.stop(*running)


def test_commands_to_a_queued_run_are_obeyed_when_it_starts(bench):
    running = [bench.start(updates=100_000, pause=0.01) for _ in range(2)]
    waiting = bench.start(updates=5)
    bench.pool.command(waiting, "turn", "clip", 3.0)
    bench.pool.command(waiting, "pause")
    bench.stop(*running)
    assert bench.until_state(waiting, "paused").step == 0
    bench.pool.command(waiting, "resume")
    record = bench.finished(waiting)
    assert (record.state, record.settings[0]["value"]) == ("done", 3.0)


def test_a_full_queue_refuses_in_a_sentence(bench, monkeypatch):
    monkeypatch.setattr(pool_module, "QUEUE_MOST", 1)
    started = [bench.start(updates=100_000, pause=0.01) for _ in range(3)]
    with pytest.raises(RunRefused, match="runs are waiting already"):
        bench.start()
    bench.stop(*reversed(started))


def test_a_run_that_has_ended_is_not_started_again(bench):
    run_id = bench.start(updates=1)
    assert bench.finished(run_id).state == "done"
    assert not bench.pool.is_live(run_id)
    with pytest.raises(RunRefused, match="start a new one"):
        bench.pool.submit(run_id)
    with pytest.raises(RunError, match="it is done"):
        bench.pool.command(run_id, "pause")


def test_a_run_that_is_not_there_is_not_found(bench):
    with pytest.raises(RunNotFound):
        bench.pool.submit("0" * 24)
    with pytest.raises(RunNotFound):
        bench.pool.state("../passwd")


def test_a_run_whose_folder_is_removed_by_hand_harms_no_other(bench):
    run_id = bench.start(updates=100_000, pause=0.01)
    bench.until(run_id, lambda record: record.step > 0)
    (bench.store.folder(run_id) / "config.json").unlink()
    os.kill(live_child(bench, run_id).process.pid, signal.SIGKILL)
    with pytest.raises(RunNotFound):
        bench.pool.wait(run_id, 10)
    assert bench.finished(bench.start()).state == "done"


def test_what_an_earlier_server_left_is_interrupted_and_keeps_its_events(new_bench):
    first = new_bench(limit=1)
    left = first.store.create("fake", FakeConfig())
    append_state(first.store.folder(left), "running")
    live, queued = first.start(updates=100_000, pause=0.01), first.start()
    first.until(live, lambda record: record.step > 0)
    second = new_bench()
    assert second.pool.state(left) == "interrupted"
    assert second.pool.state(live) == "running"
    assert second.pool.state(queued) == "queued"
    with pytest.raises(RunRefused, match="Another server"):
        second.pool.submit(queued)


def test_closing_interrupts_what_is_under_way_and_what_waits(new_bench):
    bench = new_bench(limit=1)
    live, queued = bench.start(updates=100_000, pause=0.01), bench.start()
    bench.until(live, lambda record: record.step > 0)
    began = time.monotonic()
    bench.pool.close()
    assert time.monotonic() - began < 2
    record = bench.finished(live)
    assert (record.state, bench.finished(queued).state) == ("interrupted", "interrupted")
    assert len(record.columns("m")["step"]) > 0
    with pytest.raises(RunRefused, match="closing"):
        bench.start()


def test_a_spare_is_ready_where_processes_are_spawned(new_bench):
    bench = new_bench(method="spawn")
    bench.pool.warm()
    assert bench.finished(bench.start()).state == "done"
    deadline = time.monotonic() + 20
    while bench.pool.launcher._spare is None and time.monotonic() < deadline:
        time.sleep(0.05)
    spare = bench.pool.launcher._spare
    run_id = bench.start(updates=100_000, pause=0.01)
    bench.until(run_id, lambda record: record.step > 0)
    assert live_child(bench, run_id) is spare
    bench.stop(run_id)
