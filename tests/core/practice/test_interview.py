import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from interview_cards import RIGHT, made_card, made_deck

from core.errors import ConfigError, PracticeError
from core.practice.interview import (
    GRACE_SECONDS,
    LEAST_SECONDS,
    MOST_CHARACTERS,
    begin,
    catch_up,
    end,
    keep_draft,
    question_of,
    rate_card,
    take_answer,
)
from core.practice.interview_json import interview_from_json, interview_to_json
from core.practice.interview_setup import FOLLOW_UP_SECONDS, QUESTION_SECONDS, InterviewSetup

AT = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
CARDS = made_deck(*(made_card(name) for name in ("one", "two", "three", "four")))
QUESTION = QUESTION_SECONDS["mid"]


def setup(minutes=15, level="mid", topics=("clipping",), seed=0):
    return InterviewSetup(minutes=minutes, topics=topics, level=level, seed=seed)


def at(seconds):
    return AT + timedelta(seconds=seconds)


def begun(*plan, cards=CARDS, **settings):
    plan = plan or ("one", "two", "three", "four")
    return begin(setup(**settings), plan, interview_id="abc", at=AT, cards=cards)


def answered(interview, text, seconds, cards=CARDS, **how):
    return take_answer(interview, interview.number, text, at=at(seconds), cards=cards, **how)


def names(points):
    return [point.name for point in points]


def test_it_begins_with_the_first_card_of_the_plan_and_its_time():
    interview = begun()
    asked = interview.current
    assert (asked.card_id, asked.question, asked.topic) == ("one", "What of one?", "clipping")
    assert asked.deadline == at(QUESTION)
    assert interview.deadline == at(15 * 60)
    assert (interview.number, interview.main_questions) == (1, 1)
    assert not interview.is_over(AT)


@pytest.mark.parametrize("level", QUESTION_SECONDS)
def test_a_harder_level_gives_more_time(level):
    assert begun(level=level).current.budget == QUESTION_SECONDS[level]


def test_a_plan_of_cards_that_are_all_gone_is_refused():
    with pytest.raises(ConfigError, match="no card to ask about"):
        begun("gone", "gone-too")


def test_a_card_that_is_gone_is_left_out_of_the_plan():
    assert begun("gone", "two").plan == ("two",)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"minutes": 20}, "15, 30 or 45 minutes, not 20"),
        ({"topics": ()}, "No topic is chosen"),
        ({"topics": ("knitting",)}, "topic"),
        ({"level": "boss"}, "level"),
    ],
)
def test_a_setup_that_makes_no_sense_is_refused(settings, fault):
    with pytest.raises(ConfigError, match=fault):
        setup(**settings)


def test_a_full_answer_leads_to_the_next_card():
    interview = answered(begun(), RIGHT, 40)
    first = interview.asked[0]
    assert names(first.named) == ["a", "b", "g"]
    assert (first.missed, first.mistakes, first.how, first.seconds) == ((), (), "answered", 40)
    assert (interview.current.card_id, interview.current.started) == ("two", at(40))
    assert interview.number == 2


def test_what_an_answer_missed_is_asked_for():
    interview = answered(begun(), "alpha and omega", 40)
    first, follow_up = interview.asked
    assert (names(first.named), names(first.missed)) == (["a"], ["b", "g"])
    assert [mistake.says for mistake in first.mistakes] == ["It is omega."]
    assert (follow_up.question, follow_up.follow_up) == ("And beta?", "b")
    assert (follow_up.card_id, follow_up.budget) == ("one", FOLLOW_UP_SECONDS)
    assert (interview.number, interview.main_questions) == (2, 1)


def test_what_was_named_is_not_asked_for():
    interview = answered(begun(), "alpha beta", 40)
    assert interview.current.question == "And gamma?"


def test_a_missed_point_without_a_follow_up_is_let_go():
    cards = made_deck(made_card("one", follow_ups=("b",)), made_card("two"))
    interview = answered(begun("one", "two", cards=cards), "beta gamma", 40, cards)
    assert interview.current.card_id == "two"


def test_a_follow_up_counts_only_what_was_not_said_before():
    interview = answered(begun(), "alpha omega", 40)
    interview = answered(interview, "alpha and beta, not omega; well, omega", 60)
    follow_up = interview.asked[1]
    assert (names(follow_up.named), names(follow_up.missed)) == (["b"], ["g"])
    assert follow_up.mistakes == ()


def test_at_most_two_follow_ups_are_asked():
    cards = made_deck(made_card("one", follow_ups=("a", "b", "c")), made_card("two"))
    interview = begun("one", "two", cards=cards)
    seen = []
    for seconds in (10, 20, 30):
        interview = answered(interview, "something", seconds, cards)
        seen.append(interview.current.question)
    assert seen == ["And alpha?", "And beta?", "What of two?"]


def test_a_follow_up_is_asked_only_while_the_other_questions_keep_their_time():
    spare = 15 * 60 - 3 * QUESTION - FOLLOW_UP_SECONDS
    late = replace(begun(), asked=(replace(begun().current, budget=15 * 60),))
    assert answered(late, "alpha", spare).current.follow_up == "b"
    assert answered(late, "alpha", spare + 1).current.card_id == "two"


@pytest.mark.parametrize(("text", "how"), [("", {}), ("  \n", {}), ("hm", {"unknown": True})])
def test_who_does_not_know_is_not_asked_further(text, how):
    interview = answered(begun(), text, 20, **how)
    assert interview.asked[0].how == "unknown"
    assert interview.current.card_id == "two"


def test_overtime_is_granted_until_the_grace_is_over():
    interview = answered(begun(), RIGHT, QUESTION + GRACE_SECONDS - 1)
    assert interview.asked[0].how == "answered"
    assert interview.asked[0].seconds == QUESTION + GRACE_SECONDS - 1
    assert catch_up(begun(), at=at(QUESTION + GRACE_SECONDS - 1), cards=CARDS) == begun()


def test_when_the_grace_is_over_the_answer_is_taken_as_it_stands():
    drafted = keep_draft(begun(), 1, "alpha so far")
    interview = catch_up(drafted, at=at(QUESTION + GRACE_SECONDS), cards=CARDS)
    first = interview.asked[0]
    assert (first.text, first.how, names(first.named)) == ("alpha so far", "time", ["a"])
    assert first.seconds == QUESTION + GRACE_SECONDS
    assert interview.current.card_id == "two", "nobody is asked further then"


def test_an_answer_that_comes_after_the_last_moment_counts_as_of_then():
    interview = answered(begun(), RIGHT, QUESTION + GRACE_SECONDS + 5)
    first = interview.asked[0]
    assert (first.how, first.text) == ("time", RIGHT)
    assert first.taken == at(QUESTION + GRACE_SECONDS)
    assert interview.current.started == at(QUESTION + GRACE_SECONDS + 5)


def test_who_was_away_misses_time_and_no_question():
    interview = catch_up(begun(), at=at(600), cards=CARDS)
    assert [asked.card_id for asked in interview.asked] == ["one", "two"]
    assert interview.current.started == at(600)
    assert interview.current.deadline == at(600 + QUESTION)


def test_who_comes_back_after_the_end_finds_it_ended_on_the_minute():
    drafted = keep_draft(begun(), 1, "alpha")
    interview = catch_up(drafted, at=at(100_000), cards=CARDS)
    assert interview.ended == interview.deadline
    assert len(interview.asked) == 1
    assert names(interview.asked[0].named) == ["a"]
    assert interview.is_over(at(100_000))
    assert (interview.current, interview.number) == (None, 0)


def test_the_end_of_the_interview_cuts_the_open_question_without_grace():
    late = begun()
    for seconds in (300, 600, 840):
        late = answered(replace(late, asked=_patient(late)), RIGHT, seconds)
    assert late.last_moment == late.deadline == at(900)
    interview = catch_up(keep_draft(late, 4, "beta"), at=at(900), cards=CARDS)
    assert interview.ended == at(900)
    last = interview.asked[-1]
    assert (last.how, last.seconds, names(last.named)) == ("cut", 60, ["b"])


def _patient(interview):
    return (*interview.asked[:-1], replace(interview.asked[-1], budget=3600))


def test_no_question_is_begun_in_the_last_half_minute():
    patient = replace(begun(), asked=_patient(begun()))
    assert answered(patient, RIGHT, 900 - LEAST_SECONDS).current.card_id == "two"
    late = answered(patient, RIGHT, 900 - LEAST_SECONDS + 1)
    assert late.ended == at(900 - LEAST_SECONDS + 1)


def test_it_ends_when_all_is_asked():
    interview = answered(begun("one"), RIGHT, 33)
    assert interview.ended == at(33)
    assert len(interview.asked) == 1


def test_it_can_be_ended_early_and_takes_what_is_written():
    interview = end(answered(begun(), RIGHT, 40), 2, "beta", at=at(50), cards=CARDS)
    assert interview.ended == at(50)
    last = interview.asked[-1]
    assert (last.how, last.text, last.seconds) == ("cut", "beta", 10)


def test_an_end_that_comes_too_late_ends_it_all_the_same():
    interview = end(begun(), 1, "beta", at=at(QUESTION + GRACE_SECONDS + 9), cards=CARDS)
    assert interview.ended == at(QUESTION + GRACE_SECONDS + 9)
    assert [asked.how for asked in interview.asked] == ["time", "cut"]
    assert end(begun(), 1, "beta", at=at(5000), cards=CARDS).ended == begun().deadline


@pytest.mark.parametrize("number", [0, 1, 3, -1])
def test_an_answer_to_another_question_than_the_open_one_changes_nothing(number):
    interview = answered(begun(), RIGHT, 40)
    assert take_answer(interview, number, "x", at=at(50), cards=CARDS) is interview
    assert end(interview, number, "x", at=at(50), cards=CARDS) is interview
    assert keep_draft(interview, number, "x") is interview


def test_what_has_ended_changes_no_more():
    ended = end(begun(), 1, "", at=at(5), cards=CARDS)
    for number in (0, 1, 2):
        assert take_answer(ended, number, "x", at=at(6), cards=CARDS) is ended
        assert end(ended, number, "x", at=at(6), cards=CARDS) is ended
        assert keep_draft(ended, number, "x") is ended
    assert catch_up(ended, at=at(9999), cards=CARDS) is ended


def test_cards_that_vanish_on_the_way_are_passed_over():
    fewer = made_deck(CARDS["four"])
    interview = answered(begun(), "alpha", 40, fewer)
    first = interview.asked[0]
    assert (first.text, first.named, first.missed) == ("alpha", (), ())
    assert interview.current.card_id == "four"
    assert answered(begun(), "alpha", 40, {}).ended == at(40)


def test_a_clock_that_goes_back_takes_no_time():
    interview = answered(begun(), RIGHT, -50)
    assert interview.asked[0].seconds == 0


def test_a_very_long_answer_is_cut():
    interview = answered(begun(), "alpha " * MOST_CHARACTERS, 5)
    assert len(interview.asked[0].text) == MOST_CHARACTERS


def test_a_trap_is_put_as_one():
    assert question_of(made_card("x", kind="trap")) == "True, or a trap? What of x?"


def test_nothing_that_was_given_is_changed():
    interview = begun()
    answered(interview, RIGHT, 40)
    rate_card(interview, "one", "good")
    assert interview == begun()


def example():
    interview = answered(begun(), "alpha & omega <b>", 40)
    return rate_card(keep_draft(interview, 2, 'half "a" thought\n…'), "one", "hard")


@pytest.mark.parametrize(
    "interview",
    [begun(), example(), end(example(), 2, "x", at=at(60), cards=CARDS)],
    ids=["begun", "under way", "ended"],
)
def test_it_goes_to_json_and_back_unchanged(interview):
    written = json.dumps(interview_to_json(interview), allow_nan=False)
    again = interview_from_json(json.loads(written))
    assert again == interview
    assert answered(again, RIGHT, 70) == answered(interview, RIGHT, 70)


def test_an_interview_of_another_version_is_refused_in_a_sentence():
    with pytest.raises(PracticeError, match="another version of SeqScope"):
        interview_from_json(interview_to_json(begun()) | {"version": 99})


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 7},
        {"topics": "clipping"},
        {"topics": [3]},
        {"started": "yesterday"},
        {"started": "2026-11-25T14:00:00"},
        {"ended": 4},
        {"asked": []},
        {"asked": [{"card": "one"}]},
        {"asked": [3]},
        {"plan": None},
        {"ratings": []},
        {"ratings": {"one": 3}},
        {"level": None},
    ],
)
def test_what_is_no_interview_is_refused_in_a_sentence(change):
    with pytest.raises(PracticeError, match="cannot be read"):
        interview_from_json(interview_to_json(begun()) | change)


def test_an_open_question_stands_last():
    data = interview_to_json(answered(begun(), RIGHT, 5))
    with pytest.raises(PracticeError, match="cannot be read"):
        interview_from_json(data | {"asked": [*data["asked"], *data["asked"]]})
