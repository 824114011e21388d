import io
import sqlite3
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
        assert set(tags.split()) == {card.topic, card.level, card.kind}
        assert f"SeqScope::{topic}" in decks
        assert "Often said, and wrong" in answer


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
