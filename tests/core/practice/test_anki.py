import html
import io
import re
import sqlite3
import tempfile
import zipfile

import pytest

from core.practice.anki import _html, anki_package
from core.practice.deck import deck


@pytest.fixture(scope="module")
def package():
    return anki_package(list(deck().values()))


def notes(package, tmp_path):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        archive.extract("collection.anki2", tmp_path)
    connection = sqlite3.connect(tmp_path / "collection.anki2")
    rows = connection.execute("SELECT guid, flds, tags FROM notes").fetchall()
    decks = connection.execute("SELECT decks FROM col").fetchone()[0]
    connection.close()
    return rows, decks


def test_every_card_is_a_note_with_its_question_answer_and_tags(package, tmp_path):
    rows, decks = notes(package, tmp_path)
    fields = {row[1].split("\x1f")[0]: (row[1].split("\x1f"), row[2]) for row in rows}
    assert set(fields) == set(deck())
    for card in deck().values():
        (_, _, answer, topic), tags = fields[card.id]
        assert set(tags.split()) == {
            f"topic::{card.topic}",
            f"level::{card.level}",
            f"kind::{card.kind}",
        }
        assert f"SeqScope::{topic}" in decks
        assert "Often said, and wrong" in answer


def test_the_back_has_all_that_the_card_says(package, tmp_path):
    rows, _ = notes(package, tmp_path)
    backs = {row[1].split("\x1f")[0]: html.unescape(row[1].split("\x1f")[2]) for row in rows}
    for card in deck().values():
        assert all(source in backs[card.id] for source in card.sources)
        assert backs[card.id].count("<li>") >= len(card.points) + len(card.mistakes) + len(
            card.follow_ups
        )
        assert not card.counter or "The contrary" in backs[card.id]


def test_no_formula_of_any_card_is_left_as_written(package, tmp_path):
    rows, _ = notes(package, tmp_path)
    for _, fields, _ in rows:
        outside = re.sub(r"<(code|pre)[ >].*?</\1>", "", fields, flags=re.DOTALL)
        assert not re.findall(r".{0,40}\$.{0,40}", outside)
        assert not re.findall("[\ue000\ue001]", fields)


def test_nothing_is_left_in_the_temporary_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    anki_package(list(deck().values())[:2])
    assert list(tmp_path.iterdir()) == []


def test_a_second_export_updates_the_notes_of_the_first(package, tmp_path):
    rows, _ = notes(package, tmp_path)
    again, _ = notes(anki_package(list(deck().values())[:1]), tmp_path)
    assert {again[0][0]} <= {row[0] for row in rows}


def test_formulas_are_ankis_and_code_and_tags_stay_text():
    made = _html("Of $x_1 < 2$ and `$y$`: <b>no</b>\n\n$$a_b*c*$$")
    assert r"\(x_1 &lt; 2\)" in made
    assert "<code>$y$</code>" in made
    assert "&lt;b&gt;" in made
    assert r"\[a_b*c*\]" in made
