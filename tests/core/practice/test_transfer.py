import copy
import json
from datetime import UTC, datetime, timedelta

import pytest
from test_practice_store import trap_answer
from test_schedule import history

from core.errors import PracticeError
from core.practice.store import PracticeStore
from core.practice.transfer import export_progress, import_progress

ME, YOU = "key:mine", "key:yours"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def full(store):
    """A store with a practice of everything, one card of which no deck has."""
    return filled(store)


@pytest.fixture
def full_file(tmp_path):
    """The same in a file; what is refused is refused before any database."""
    store = PracticeStore(f"sqlite:///{tmp_path / 'full.db'}")
    yield filled(store)
    store.close()


def filled(store):
    for seed, card in enumerate(("clip-return-value", "a-card-that-left")):
        for rating, at in history(seed):
            store.rate(ME, card, rating, at=at, seconds=1 / 3, named=1, of=3)
    store.save_interview(ME, "one", {"said": "caf\u00e9", "deep": [{"a": None, "b": 0.1}]})
    for number, is_right in enumerate((True, False, None)):
        store.add_trap_answer(ME, trap_answer(str(number), is_right=is_right))
    return store


def written(store, who=ME):
    """An export as a file has it."""
    return json.loads(json.dumps(export_progress(store, who)))


def test_export_and_import_give_the_same_state(full, tmp_path):
    other = PracticeStore(f"sqlite:///{tmp_path / 'other.db'}")
    said = import_progress(other, YOU, written(full))
    assert said.endswith("1 interview and 3 answers to traps")
    assert other.everything(YOU) == full.everything(ME)
    assert other.schedules(YOU) == full.schedules(ME)
    assert written(other, YOU) == written(full)
    other.close()


def test_importing_twice_adds_nothing(full):
    before = full.everything(ME)
    assert import_progress(full, ME, written(full)) == "nothing new"
    assert full.everything(ME) == before


def test_importing_adds_to_what_is_there(full):
    file = written(full)
    full.rate(ME, "later", "good", at=NOON + timedelta(days=900))
    full.rate(YOU, "mine-too", "good", at=NOON)
    import_progress(full, YOU, file)
    assert len(full.reviews(YOU)) == len(file["reviews"]) + 1
    assert import_progress(full, ME, file) == "nothing new"
    assert full.reviews(ME)[-1].card_id == "later"


def test_two_that_went_apart_come_to_the_same_whoever_takes_whose(full, tmp_path):
    other = PracticeStore(f"sqlite:///{tmp_path / 'other.db'}")
    import_progress(other, YOU, written(full))
    for store, who, days in ((full, ME, 1), (other, YOU, 2)):
        for rating in ("good", "again"):
            at = datetime(2028, 1, 1, tzinfo=UTC) + timedelta(days=days)
            store.rate(who, "clip-return-value", rating, at=at)
        store.save_interview(who, f"of-{who[4:]}", {"only": "here"})
    mine, yours = written(full), written(other, YOU)
    assert import_progress(full, ME, yours) == "2 ratings and 1 interview"
    assert import_progress(other, YOU, mine) == "2 ratings and 1 interview"
    assert other.everything(YOU) == full.everything(ME)
    assert other.schedules(YOU) == full.schedules(ME)
    last = datetime(2028, 1, 3, tzinfo=UTC)
    assert full.schedules(ME)["clip-return-value"].last_review == last
    other.close()


def test_whatever_a_store_takes_its_export_takes_back(store):
    store.rate(ME, "c" * 200, "good", at=NOON, seconds=-1.0, named=0, of=0)
    store.rate(ME, "card", "good", at=NOON + timedelta(microseconds=1), seconds=3)
    store.save_interview(ME, "i" * 64, {"said": "\0 \ud800", "none": None})
    store.add_trap_answer(ME, trap_answer(run_id="", measured="", verdict="not run"))
    before = store.everything(ME)
    file = written(store)
    store.forget(ME)
    import_progress(store, ME, file)
    assert store.everything(ME) == before


def test_an_entry_that_is_there_twice_counts_once(full):
    file = written(full)
    for part in ("reviews", "interviews", "trap_answers"):
        file[part] += file[part]
    import_progress(full, YOU, file)
    assert full.everything(YOU) == full.everything(ME)


def test_an_entry_whose_id_is_known_does_not_change_what_is_there(full):
    file = written(full)
    for entry in file["reviews"]:
        entry["rating"] = "easy"
    assert import_progress(full, ME, file) == "nothing new"
    assert written(full) != file


def test_a_file_says_whose_it_is_nowhere(full):
    assert "mine" not in json.dumps(export_progress(full, ME))


def test_of_an_interview_the_one_saved_later_stays(full):
    file = written(full)
    full.save_interview(ME, "one", {"newer": True})
    assert import_progress(full, ME, file) == "nothing new"
    assert full.interview(ME, "one") == {"newer": True}
    newer = written(full)
    full.forget(ME)
    import_progress(full, ME, file)
    assert import_progress(full, ME, newer) == "1 interview"
    assert full.interview(ME, "one") == {"newer": True}


@pytest.mark.parametrize("data", [None, [], 3, "x", {}, {"format": "other", "version": 1}])
def test_what_is_no_export_is_refused(full_file, data):
    with pytest.raises(PracticeError, match="no export of progress"):
        import_progress(full_file, YOU, data)


@pytest.mark.parametrize(
    ("version", "said"), [(2, "Update SeqScope"), (0, "which"), ("1", "which")]
)
def test_another_version_is_said(full_file, version, said):
    with pytest.raises(PracticeError, match=said):
        import_progress(full_file, YOU, written(full_file) | {"version": version})


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("reviews", "rating", "great"),
        ("reviews", "at", "2026-03-10T12:00:00"),
        ("reviews", "at", "9999-12-31T23:59:59+00:00"),
        ("reviews", "at", 3),
        ("reviews", "id", ""),
        ("reviews", "id", "x" * 65),
        ("reviews", "card_id", "a\0b"),
        ("reviews", "card_id", "\ud800"),
        ("reviews", "seconds", float("nan")),
        ("reviews", "seconds", True),
        ("reviews", "seconds", -1),
        ("reviews", "named", 1.5),
        ("reviews", "of", 10**30),
        ("reviews", "where", "elsewhere"),
        ("interviews", "data", "text"),
        ("trap_answers", "claim", 42),
        ("trap_answers", "claim", True),
        ("trap_answers", "is_right", 1),
        ("trap_answers", "verdict", ""),
        ("interviews", "data", {"a": float("inf")}),
        ("interviews", "saved", None),
        ("trap_answers", "measured", None),
    ],
)
def test_a_damaged_entry_is_refused_and_changes_nothing(full_file, part, field, value):
    file = written(full_file)
    file[part][-1][field] = value
    with pytest.raises(PracticeError, match=rf"'{part}', entry \d+, is not as an export"):
        import_progress(full_file, YOU, file)
    assert not full_file.everything(YOU).reviews


def test_an_interview_of_endless_depth_is_refused(full_file):
    file, deep = written(full_file), []
    for _ in range(100_000):
        deep = [deep]
    file["interviews"][0]["data"] = {"deep": deep}
    with pytest.raises(PracticeError, match="entry 1, is not as an export"):
        import_progress(full_file, YOU, file)
    while deep:
        deep = deep.pop()  # or freeing it would need as much depth


@pytest.mark.parametrize("change", ["missing", "another", "no list", "no object"])
def test_a_damaged_shape_is_refused_and_changes_nothing(full_file, change):
    file = copy.deepcopy(written(full_file))
    match change:
        case "missing":
            del file["reviews"][0]["rating"]
        case "another":
            file["reviews"][0]["owner"] = "me"
        case "no list":
            file["reviews"] = {"0": file["reviews"][0]}
        case "no object":
            file["reviews"][0] = "rating"
    with pytest.raises(PracticeError, match="damaged"):
        import_progress(full_file, YOU, file)
    assert not full_file.everything(YOU).reviews
