"""Which words a translation model knows, and the numbers that stand for them. No torch here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

PAD = 0
BOS = 1
EOS = 2
UNKNOWN = 3
SPECIALS = ("<pad>", "<s>", "</s>", "<unk>")
"""Padding, the start of a sentence, its end, and every word that is not known."""


@dataclass(frozen=True, slots=True)
class WordVocabulary:
    """Words in the order of their ids, `SPECIALS` first, then the most frequent first."""

    words: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", {word: i for i, word in enumerate(self.words)})

    @classmethod
    def of(
        cls, sentences: Iterable[Sequence[str]], most: int = 20_000, *, least_count: int = 1
    ) -> Self:
        """Return the `most` most frequent words of `sentences`, ties in alphabetical order.

        Words that occur less than `least_count` times are left out.
        """
        counts = Counter(word for sentence in sentences for word in sentence)
        for special in SPECIALS:
            counts.pop(special, None)
        known = [word for word, count in counts.items() if count >= least_count]
        ranked = sorted(known, key=lambda word: (-counts[word], word))
        return cls((*SPECIALS, *ranked[:most]))

    @property
    def size(self) -> int:
        """Number of ids, the special ones included."""
        return len(self.words)

    def encode(self, sentence: Sequence[str]) -> list[int]:
        """Return one id a word, `UNKNOWN` where a word is not known; no start, no end."""
        return [self._ids.get(word, UNKNOWN) for word in sentence]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Return the words of `ids` up to the first end of sentence or padding."""
        words = []
        for each in ids:
            if each in (EOS, PAD):
                break
            words.append(self.words[each])
        return words
