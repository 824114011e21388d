"""The page Progress: nothing yet, something, taken along, brought back, forgotten."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from core.practice.deck import deck
from core.practice.transfer import export_progress
from core.practice.visitor_key import KeyRing, new_key
from pages.components import cache

PROGRESS = "pages/practice/progress.py"
NOW = datetime.now(UTC)


def rated(who, *ratings, card=None):
    """Rate a card once a day, the last time just now."""
    card = card or next(iter(deck()))
    for back, rating in zip(reversed(range(len(ratings))), ratings, strict=True):
        cache.practice_store().rate(who, card, rating, at=NOW - timedelta(days=back))


def me(at):
    return f"key:{at.session_state['visitor']}"


def figures(at):
    return {metric.label: metric.value for metric in at.metric}


def test_before_anything_was_rated_the_page_says_where_to_begin(visit):
    at = visit(PROGRESS)
    assert not at.exception
    assert figures(at)["Cards seen"] == f"0 of {len(deck())}"
    assert figures(at)["Due today"] == "0"
    assert any("Rate your first card" in link.label for link in at.get("page_link"))


def test_what_was_rated_is_counted(visit):
    at = visit(PROGRESS)
    rated(me(at), "good", "again")
    at.run()
    assert not at.exception
    assert figures(at) == {
        "Due today": "1",
        "Rated today": "1",
        "Streak": "2 days",
        "Cards seen": f"1 of {len(deck())}",
    }
    assert any("Study what is due (1)" in link.label for link in at.get("page_link"))


def test_a_link_takes_the_progress_of_another_browser_along(visit):
    other = new_key()
    rated(f"key:{other}", "good")
    at = visit(PROGRESS, visitor=cache.key_ring().token(other))
    assert figures(at)["Cards seen"].startswith("0 of")
    rated(me(at), "easy", card=list(deck())[1])
    at.button(key="take").click().run()
    assert not at.exception
    assert me(at) == f"key:{other}"
    assert figures(at)["Cards seen"].startswith("2 of")
    assert "visitor" not in at.query_params


def test_a_link_that_is_declined_changes_nothing(visit):
    at = visit(PROGRESS, visitor=cache.key_ring().token(new_key()))
    before = me(at)
    at.button(key="leave").click().run()
    assert not at.exception
    assert me(at) == before
    assert "visitor" not in at.query_params


@pytest.mark.parametrize("token", ["x", "a.b", KeyRing("another server").token(new_key())])
def test_a_link_of_elsewhere_is_answered_with_a_sentence(visit, token):
    at = visit(PROGRESS, visitor=token)
    assert not at.exception
    assert "not one of this server's" in at.warning[0].value


def test_a_file_brings_progress_back_after_it_was_forgotten(visit):
    at = visit(PROGRESS)
    rated(me(at), "good", "good", "hard")
    file = json.dumps(export_progress(cache.practice_store(), me(at))).encode()
    at.run()
    at.button(key="forget_now").click().run()
    assert figures(at)["Cards seen"].startswith("0 of")
    at.file_uploader(key="import").upload("mine.json", file, "application/json").run()
    at.button(key="import_now").click().run()
    assert not at.exception
    assert [toast.value for toast in at.toast] == ["Imported: 3 ratings."]
    assert figures(at)["Cards seen"].startswith("1 of")


@pytest.mark.parametrize("given", [b"", b"\xff\xfe", b"[" * 100_000, b'{"format": 1}', b"null"])
def test_a_file_that_is_no_export_is_refused_in_a_sentence(visit, given):
    at = visit(PROGRESS)
    at.file_uploader(key="import").upload("bad.json", given, "application/json").run()
    at.button(key="import_now").click().run()
    assert not at.exception
    assert at.toast[0].value.startswith("The file is n")
    assert figures(at)["Cards seen"].startswith("0 of")
