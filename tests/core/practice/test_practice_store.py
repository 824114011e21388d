"""What is kept of one's practice, on both databases: exactly, for oneself, until one forgets it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from test_schedule import by_fsrs, history, values

from core.errors import ConfigError, PracticeError
from core.practice.schedule import folded, next_schedule
from core.practice.store import PracticeStore, TrapAnswer

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ME, YOU = "key:mine", "key:yours"


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


def test_scheduling_through_the_database_equals_py_fsrs_on_100_histories(open_store):
    store = open_store()
    for seed in range(100):
        ratings = history(seed, most=4)
        for place, (rating, at) in enumerate(ratings, start=1):
            local = at.astimezone(timezone(timedelta(minutes=15 * (seed % 90 - 45))))
            said = store.rate(ME, f"card-{seed}", rating, at=local)
            assert values(said) == values(by_fsrs(ratings[:place]))
    kept = open_store().schedules(ME)
    assert [values(kept[f"card-{seed}"]) for seed in range(100)] == [
        values(by_fsrs(history(seed, most=4))) for seed in range(100)
    ]


def test_a_rating_that_arrives_late_counts_where_it_belongs(store):
    times = [NOON, NOON + timedelta(days=9), NOON + timedelta(days=2)]
    for rating, at in zip(("good", "again", "easy"), times, strict=True):
        said = store.rate(ME, "card", rating, at=at)
    ratings = list(zip(("good", "easy", "again"), sorted(times), strict=True))
    assert said == store.schedules(ME)["card"] == folded("card", ratings)


def test_of_ratings_of_one_moment_the_one_given_last_counts_last(store):
    ratings = ["good", "again", "easy", "hard", "again", "good"]
    schedule = None
    for rating in ratings:
        schedule = next_schedule(schedule, "card", rating, NOON)
        assert store.rate(ME, "card", rating, at=NOON) == schedule
    assert [review.rating for review in store.reviews(ME)] == ratings


def test_a_rating_keeps_what_was_measured_with_it(store):
    at = datetime(2026, 3, 10, 12, 0, 0, 123457, tzinfo=timezone(timedelta(hours=5.5)))
    store.rate(ME, "card", "hard", at=at, seconds=1 / 3, named=2, of=4, where="interview")
    (review,) = store.reviews(ME)
    assert (review.at, review.at.tzinfo) == (at, UTC)
    assert (review.rating, review.seconds, review.named, review.of) == ("hard", 1 / 3, 2, 4)
    assert (review.card_id, review.where) == ("card", "interview")


@pytest.mark.parametrize(
    "at",
    [
        datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2039, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_a_time_comes_back_to_the_microsecond(store, at):
    store.rate(ME, "card", "good", at=at)
    assert [review.at for review in store.reviews(ME)] == [at]


def test_a_time_without_a_zone_is_refused_and_not_kept(store):
    with pytest.raises(PracticeError, match="needs a time zone"):
        store.rate(ME, "card", "good", at=NOON.replace(tzinfo=None))
    assert store.reviews(ME) == []


def test_an_unknown_rating_is_refused_and_not_kept(store):
    with pytest.raises(ConfigError, match="rating"):
        store.rate(ME, "card", "great", at=NOON)
    assert store.reviews(ME) == []


@pytest.mark.parametrize(("said", "kept"), [(-3.0, 0.0), (1e300, 1e8), (None, None)])
def test_a_clock_that_was_set_makes_no_answer_impossible(store, said, kept):
    store.rate(ME, "card", "good", at=NOON, seconds=said)
    assert [review.seconds for review in store.reviews(ME)] == [kept]


def test_visitors_do_not_see_each_other(store):
    store.rate(ME, "card", "good", at=NOON)
    store.save_interview(ME, "one", {"a": 1})
    store.add_trap_answer(ME, trap_answer())
    assert store.schedules(YOU) == {}
    assert store.reviews(YOU) == store.interviews(YOU) == store.trap_answers(YOU) == []
    assert store.interview(YOU, "one") is None


def test_an_address_is_the_same_whatever_its_case_and_a_key_is_not(store):
    store.rate("mail:Me@Example.org", "card", "good", at=NOON)
    store.rate("key:Abc", "card", "good", at=NOON)
    assert len(store.reviews("mail:me@example.ORG")) == 1
    assert store.reviews("key:abc") == store.reviews("key:me@example.org") == []


def test_an_interview_is_replaced_and_stays_in_its_place(store):
    store.save_interview(ME, "first", {"question": 1})
    store.save_interview(ME, "second", {})
    said = {"question": 2, "said": "caf\u00e9 \U0001f600 \0 \ud800", "order": {"b": 1, "a": 0.1}}
    store.save_interview(ME, "first", said)
    assert [name for name, _ in store.interviews(ME)] == ["second", "first"]
    assert store.interview(ME, "first") == said
    assert list(store.interview(ME, "first")["order"]) == ["b", "a"]


def test_an_interview_that_is_no_json_is_refused_and_the_one_before_stays(store):
    store.save_interview(ME, "one", {"a": 1})
    for data in ({"a": float("nan")}, {"a": NOON}):
        with pytest.raises(PracticeError, match="no JSON"):
            store.save_interview(ME, "one", data)
    assert store.interview(ME, "one") == {"a": 1}


def test_an_answer_to_a_trap_counts_once(store):
    answers = [trap_answer(), trap_answer("2", is_right=None, verdict="depends")]
    for answer in [*answers, answers[0]]:
        store.add_trap_answer(ME, answer)
    assert store.trap_answers(ME) == answers


def test_merging_hands_all_over_and_keeps_what_was_there(store):
    store.rate(ME, "card", "good", at=NOON)
    store.rate(YOU, "card", "again", at=NOON - timedelta(days=1))
    store.save_interview(YOU, "one", {"a": 1})
    store.save_interview(ME, "one", {"a": 2})
    for who in (ME, YOU):
        store.add_trap_answer(who, trap_answer())
    store.merge(YOU, ME)
    store.merge(ME, ME)
    assert [review.rating for review in store.reviews(ME)] == ["again", "good"]
    assert store.interviews(ME) == [("one", {"a": 2})]
    assert len(store.trap_answers(ME)) == 1
    nothing = store.everything(YOU)
    assert nothing.reviews == nothing.interviews == nothing.trap_answers == []


def test_forgetting_removes_ones_own_and_nothing_else(store):
    for who in (ME, YOU):
        store.rate(who, "card", "good", at=NOON)
        store.save_interview(who, "one", {})
        store.add_trap_answer(who, trap_answer())
    store.forget(ME)
    assert store.reviews(ME) == store.interviews(ME) == store.trap_answers(ME) == []
    assert (len(store.reviews(YOU)), len(store.interviews(YOU))) == (1, 1)


@pytest.mark.parametrize("who", ["", "mine", "key:", "other:mine"])
def test_nobody_has_no_practice(tmp_path, who):
    store = PracticeStore(home=tmp_path)
    with pytest.raises(PracticeError, match="Nobody is named"):
        store.reviews(who)
    store.close()
