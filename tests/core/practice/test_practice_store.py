"""What is rated is kept: by many at once, on both databases, and whatever happens next."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from test_schedule import by_fsrs, history, values

from core.errors import ConfigError, PracticeError
from core.practice.database import from_micros, to_micros
from core.practice.schedule import folded
from core.practice.store import DATABASE_URL, PracticeStore, TrapAnswer

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ME, YOU = "key:mine", "key:yours"
RATERS = 200
RATE = """
import sys
from datetime import UTC, datetime, timedelta
from core.practice.store import PracticeStore

address, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
store = PracticeStore(address)
for number in range(first, first + count):
    at = datetime(2026, 3, 10, 12, tzinfo=UTC) + timedelta(hours=7 * number)
    store.rate("key:mine", "card", ["again", "hard", "good", "easy"][number % 4], at=at)
    print(number, flush=True)
sys.stdin.read()
"""


def trap_answer(number="1", **values):
    given = {
        "id": number,
        "claim": 26,
        "said": "trap",
        "shown": "claim",
        "verdict": "refuted",
        "is_right": True,
        "at": NOON,
        "run_id": "a" * 24,
        "measured": "0 of 200 steps",
    }
    return TrapAnswer(**(given | values))


@pytest.mark.parametrize("seed", range(100, 110))
def test_scheduling_through_the_database_equals_py_fsrs(open_store, seed):
    ratings = history(seed)
    store = open_store()
    for rating, at in ratings:
        said = store.rate(ME, "card", rating, at=at)
    theirs = by_fsrs(ratings)
    kept = open_store().schedules(ME)["card"]
    assert values(said) == values(kept) == values(theirs)


def test_two_hundred_raters_at_once_lose_nothing(store):
    faults = []

    def rate(number):
        try:
            at = NOON + timedelta(hours=7 * number)
            rating = ["again", "hard", "good", "easy"][number % 4]
            who = ME if number % 2 else f"key:visitor-{number}"
            store.rate(who, "card", rating, at=at, seconds=number)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=rate, args=(number,)) for number in range(RATERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    mine = store.reviews(ME)
    assert [review.seconds for review in mine] == list(range(1, RATERS, 2))
    assert store.schedules(ME)["card"] == folded("card", [(r.rating, r.at) for r in mine])
    others = (store.reviews(f"key:visitor-{number}") for number in range(0, RATERS, 2))
    assert all(len(reviews) == 1 for reviews in others)


def test_several_servers_at_once_lose_nothing(address, store):
    command = [sys.executable, "-c", RATE, address]
    raters = [
        subprocess.Popen([*command, str(first), "25"], stdin=subprocess.DEVNULL, stdout=-3)
        for first in (0, 25, 50)
    ]
    assert [rater.wait(60) for rater in raters] == [0, 0, 0]
    assert [review.at for review in store.reviews(ME)] == [
        NOON + timedelta(hours=7 * number) for number in range(75)
    ]


def test_a_server_that_is_killed_loses_nothing_that_was_rated(address, open_store):
    command = [sys.executable, "-c", RATE, address, "0", "5"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as rater:
        for _ in range(5):
            rater.stdout.readline()
        rater.kill()
    assert len(open_store().reviews(ME)) == 5


def test_a_rating_keeps_what_was_measured_with_it(store):
    at = datetime(2026, 3, 10, 12, 0, 0, 123457, tzinfo=timezone(timedelta(hours=5.5)))
    store.rate(ME, "card", "hard", at=at, seconds=12.5, named=2, of=4, where="interview")
    (review,) = store.reviews(ME)
    assert (review.at, review.at.tzinfo) == (at, UTC)
    assert (review.rating, review.seconds, review.named, review.of) == ("hard", 12.5, 2, 4)
    assert (review.card_id, review.where) == ("card", "interview")


def test_visitors_do_not_see_each_other(store):
    store.rate(ME, "card", "good", at=NOON)
    store.save_interview(ME, "one", {"a": 1})
    store.add_trap_answer(ME, trap_answer())
    assert store.schedules(YOU) == {}
    assert store.reviews(YOU) == store.interviews(YOU) == store.trap_answers(YOU) == []
    assert store.interview(YOU, "one") is None


def test_an_interview_is_replaced_and_stays_in_its_place(store):
    store.save_interview(ME, "first", {"question": 1})
    store.save_interview(ME, "second", {})
    store.save_interview(ME, "first", {"question": 2, "said": "caf\u00e9 \U0001f600"})
    assert [name for name, _ in store.interviews(ME)] == ["second", "first"]
    assert store.interview(ME, "first") == {"question": 2, "said": "caf\u00e9 \U0001f600"}


def test_an_answer_to_a_trap_counts_once(store):
    answers = [trap_answer(), trap_answer("2", is_right=None, verdict="depends")]
    for answer in [*answers, answers[0]]:
        store.add_trap_answer(ME, answer)
    assert store.trap_answers(ME) == answers


def test_merging_hands_all_over_and_keeps_what_was_there(store):
    store.rate(ME, "card", "good", at=NOON)
    store.rate(YOU, "card", "again", at=NOON - timedelta(days=1))
    store.save_interview(YOU, "one", {"a": 1})
    store.add_trap_answer(YOU, trap_answer())
    store.merge(YOU, ME)
    store.merge(ME, ME)
    assert [review.rating for review in store.reviews(ME)] == ["again", "good"]
    assert (len(store.interviews(ME)), len(store.trap_answers(ME))) == (1, 1)
    assert store.everything(YOU).reviews == store.interviews(YOU) == []


def test_forgetting_removes_ones_own_and_nothing_else(store):
    for who in (ME, YOU):
        store.rate(who, "card", "good", at=NOON)
        store.save_interview(who, "one", {})
        store.add_trap_answer(who, trap_answer())
    store.forget(ME)
    assert store.reviews(ME) == store.interviews(ME) == store.trap_answers(ME) == []
    assert (len(store.reviews(YOU)), len(store.interviews(YOU))) == (1, 1)


def test_an_unknown_rating_is_refused_and_not_kept(store):
    with pytest.raises(ConfigError, match="rating"):
        store.rate(ME, "card", "great", at=NOON)
    assert store.reviews(ME) == []


@pytest.mark.parametrize("who", ["", "mine", "key:", "other:mine"])
def test_nobody_has_no_practice(store, who):
    with pytest.raises(PracticeError, match="Nobody is named"):
        store.reviews(who)


def test_a_database_of_a_later_version_is_refused(store, open_store):
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE practice_meta SET value = 99"))
    with pytest.raises(PracticeError, match=r"later version.*Update SeqScope"):
        open_store()


def test_neither_key_nor_address_is_in_the_file(tmp_path):
    home = tmp_path / "home"
    store = PracticeStore(home=home)
    for who in ("key:a-secret-key", "mail:me@example.org"):
        store.rate(who, "card", "good", at=NOON)
    files = list(home.iterdir())
    store.close()
    kept = b"".join(path.read_bytes() for path in files if path.exists())
    assert b"good" in kept
    assert b"a-secret-key" not in kept
    assert b"example.org" not in kept
    assert (home.stat().st_mode & 0o777, files[0].stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres://me:a-secret@localhost:1/x", "cannot be used now"),
        ("postgresql://me:a-secret@localhost:1/x", "cannot be used now"),
        ("mysql://me:a-secret@localhost/x", "'mysql' database"),
        ("a-secret", "no address of a database"),
        ("sqlite://", "in memory would lose it"),
        ("sqlite:////proc/a-secret-place/x.db", "cannot be kept"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_without_its_password(monkeypatch, url, said):
    monkeypatch.setenv(DATABASE_URL, url)
    with pytest.raises(PracticeError, match=said) as caught:
        PracticeStore()
    assert "me:a-secret" not in str(caught.value)


def test_a_missing_driver_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(PracticeError, match=r"requirements-postgres\.txt"):
        PracticeStore("postgresql://localhost/x")


def test_times_come_back_to_the_microsecond():
    for at in (NOON, datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)):
        assert from_micros(to_micros(at)) == at
