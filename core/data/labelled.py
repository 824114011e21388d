"""Texts with a label, to learn a classification from. No torch here."""

from dataclasses import dataclass, field

from core.text.sentences import Words, split_words
from core.text.words import UNKNOWN, WordVocabulary


@dataclass(frozen=True, slots=True)
class Example:
    """A text and its label, the index of a class."""

    text: str
    label: int

    @property
    def words(self) -> Words:
        """The words and punctuation marks of the text, in lower case."""
        return words_of(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCorpus:
    """Texts of two or more classes.

    Attributes:
        examples: to train on and, where `test` is empty, to test on; no text is there twice.
        test: to test on, where whoever made the corpus says so.
        citation: what it is and whom to cite, for the screen.
        notes: what was kept and dropped, in plain sentences.
    """

    name: str
    classes: tuple[str, ...]
    examples: tuple[Example, ...]
    citation: str
    test: tuple[Example, ...] = ()
    notes: tuple[str, ...] = field(default=())


def words_of(text: str) -> Words:
    """Return the words and punctuation marks of a text, in lower case."""
    return split_words(text.lower())


def encode_text(words: Words, vocabulary: WordVocabulary, most_words: int) -> list[int]:
    """Return the ids of the first `most_words` words; a text without words is one unknown word."""
    return vocabulary.encode(words[:most_words]) or [UNKNOWN]
