"""Which characters a model knows, and the numbers that stand for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import ConfigError

REPLACEMENT = "�"
MOST_CHARACTERS = 256

_CHUNK = 1_000_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Characters in the order of their ids; id 0 is the replacement for every other character.

    Attributes:
        characters: the symbols, `REPLACEMENT` first, then the most frequent first.
    """

    characters: str

    def __post_init__(self) -> None:
        if not self.characters.startswith(REPLACEMENT):
            raise ConfigError(f"A vocabulary begins with the replacement symbol {REPLACEMENT}.")
        if len(set(self.characters)) != len(self.characters):
            raise ConfigError("A vocabulary holds a character twice; each may stand there once.")

    @classmethod
    def of(cls, text: str, most: int = MOST_CHARACTERS) -> Self:
        """Return the `most` most frequent characters of `text`, ties by code point.

        The replacement symbol comes on top of them, so that `size` is at most `most` + 1.

        Raises:
            ConfigError: `most` is less than 1.
        """
        if most < 1:
            raise ConfigError(f"A vocabulary of {most} characters is empty; ask for 1 or more.")
        counts = character_counts(text)
        counts.pop(REPLACEMENT, None)
        ranked = sorted(counts, key=lambda character: (-counts[character], character))
        return cls(REPLACEMENT + "".join(ranked[:most]))

    @property
    def size(self) -> int:
        """Number of ids, the replacement included."""
        return len(self.characters)

    def encode(self, text: str) -> NDArray[np.int64]:
        """Return one id a character, shape (len(text),); 0 where a character is not known."""
        known = _code_points(self.characters)
        id_of_code = np.zeros(int(known.max()) + 2, dtype=np.int64)  # the last entry stays 0
        id_of_code[known] = np.arange(self.size)
        ids = np.empty(len(text), dtype=np.int64)
        for start, codes in _chunks(text):
            inside = np.minimum(codes, id_of_code.size - 1)
            ids[start : start + codes.size] = id_of_code[inside]
        return ids

    def decode(self, ids: ArrayLike) -> str:
        """Return the text of `ids`, which must lie in 0..size-1."""
        codes = _code_points(self.characters)[np.asarray(ids, dtype=np.int64)]
        return codes.tobytes().decode("utf-32-le", "surrogatepass")

    def covered(self, text: str) -> float:
        """Return the share of the characters of `text` that have an id of their own, 0 to 1.

        Where it is 1, `decode(encode(text)) == text`. An empty text is wholly covered.
        """
        return float(np.count_nonzero(self.encode(text)) / len(text)) if text else 1.0


def character_counts(text: str) -> dict[str, int]:
    """Return how often each character occurs in `text`, by code point."""
    counts = np.zeros(0, dtype=np.int64)
    for _, codes in _chunks(text):
        part = np.bincount(codes, minlength=counts.size)
        part[: counts.size] += counts
        counts = part
    return {chr(code): int(counts[code]) for code in np.flatnonzero(counts)}


def _chunks(text: str) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    for start in range(0, len(text), _CHUNK):
        yield start, _code_points(text[start : start + _CHUNK])


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
