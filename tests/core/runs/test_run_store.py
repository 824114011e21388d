import os
import stat
import time

import pytest
from fake_lab import FakeConfig

from core.errors import RunError, RunNotFound
from core.runs import locks
from core.runs.states import append_state, last_state
from core.runs.store import RunStore, StoreCaps, default_home, read_config, read_text


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "home")


def make(store, days_old=0.0, visitor="me", text=None):
    run_id = store.create("fake", FakeConfig(seed=7), visitor=visitor, label="first", text=text)
    append_state(store.folder(run_id), "done")
    at = time.time() - days_old * 86400
    os.utime(store.folder(run_id) / "config.json", (at, at))
    return run_id


def test_a_header_says_what_a_run_was_started_with(store):
    header = store.header(make(store, text="ab"))
    assert (header.lab, header.visitor, header.label, header.has_text) == (
        "fake",
        "me",
        "first",
        True,
    )
    assert header.config == read_config(store.folder(header.id))
    assert header.config["seed"] == 7
    assert header.created == pytest.approx(time.time(), abs=5)


@pytest.mark.parametrize("bad", ["", "..", "../../etc", "a" * 23, "A" * 24, "a" * 24 + "\n", "a/b"])
def test_an_id_that_is_none_is_not_found_before_any_path_is_made(store, bad):
    with pytest.raises(RunNotFound, match="No run has this id"):
        store.folder(bad)


def test_ids_are_hard_to_guess_and_unknown_ones_are_not_found(store):
    assert len({make(store) for _ in range(5)}) == 5
    with pytest.raises(RunNotFound):
        store.header("0" * 24)


def test_a_visitors_text_is_theirs_alone_and_kept_to_the_letter(store):
    folder = store.folder(make(store, text="één\r\ntwo\n"))
    assert stat.S_IMODE((folder / "text.txt").stat().st_mode) == 0o600
    assert stat.S_IMODE(store.home.stat().st_mode) == 0o700
    assert read_text(folder) == "één\r\ntwo\n"


def test_a_run_without_a_text_has_none(store):
    assert read_text(store.folder(make(store))) is None


def test_a_listing_holds_a_visitors_own_runs_newest_first(store):
    old, new, _ = make(store, 2), make(store, 1), make(store, visitor="you")
    assert [row.id for row in store.listing("me")] == [new, old]
    assert store.listing("me")[0].state == "done"
    assert store.listing("nobody") == []


def test_a_run_that_is_removed_is_gone(store):
    run_id = make(store)
    store.delete(run_id)
    with pytest.raises(RunNotFound):
        store.folder(run_id)


def test_a_run_at_work_is_neither_deleted_nor_pruned(tmp_path):
    store = RunStore(tmp_path, StoreCaps(runs=0))
    run_id = make(store)
    with locks.hold(store.folder(run_id), "worker.lock"):
        assert store.prune(set()) == []
        with pytest.raises(RunError, match="stop it before"):
            store.delete(run_id)
    assert store.prune({run_id}) == []
    assert store.prune(set()) == [run_id]


def test_runs_beyond_their_age_are_removed(store):
    old, new = make(store, days_old=8), make(store, days_old=6)
    assert store.prune(set()) == [old]
    assert store.ids() == [new]


def test_the_oldest_runs_beyond_the_number_are_removed(tmp_path):
    store = RunStore(tmp_path, StoreCaps(runs=2))
    ids = [make(store, days_old=days) for days in (4, 3, 2, 1)]
    assert set(store.prune(set())) == set(ids[:2])


def test_the_oldest_runs_beyond_the_bytes_are_removed(tmp_path):
    store = RunStore(tmp_path, StoreCaps(megabytes=0.2))
    ids = [make(store, days_old=days, text="x" * 90_000) for days in (3, 2, 1)]
    assert store.prune(set()) == ids[:1]


def test_a_run_that_is_just_being_made_is_left_alone(tmp_path):
    store = RunStore(tmp_path, StoreCaps(runs=0))
    run_id = store.create("fake", FakeConfig())
    assert store.prune(set()) == []
    assert store.interrupt_orphans() == []
    assert store.last_state(run_id).state == "queued"


def test_a_state_after_a_line_cut_short_has_a_line_of_its_own(store):
    folder = store.folder(make(store))
    with open(folder / "events.jsonl", "ab") as events:
        events.write(b'{"kind": "progress", "step": 3, "tot')
    append_state(folder, "failed", "killed")
    assert last_state(folder).cause == "killed"


def test_the_state_of_a_long_run_is_read_from_its_end(store):
    folder = store.folder(make(store))
    append_state(folder, "running")
    with open(folder / "events.jsonl", "ab") as events:
        events.write((b'{"kind": "words", "sentences": []}' + b" " * 99 + b"\n") * 2000)
        events.write(b'{"kind": "progress", "step": 3, "total": 9, "at": 1.0}\n')
    assert (last_state(folder).state, last_state(folder).step) == ("running", 3)


def test_the_home_is_set_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SEQSCOPE_HOME", str(tmp_path))
    assert default_home() == tmp_path
    monkeypatch.delenv("SEQSCOPE_HOME")
    assert default_home().name == ".seqscope"
