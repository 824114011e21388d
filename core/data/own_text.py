"""From a visitor's plain text to chapters of sentences that tasks are made of."""

from core.data.passages import Chapter, Unit
from core.errors import TextError
from core.text.sentences import Words, has_no_spaces, split_sentences, split_words

LEAST_SENTENCES = 20
MOST_SENTENCES = 60_000
LONGEST_SENTENCE = 25
"""Words; a longer one is cut, so that there are short passages too."""
_CHAPTER = 20


def text_chapters(text: str) -> tuple[tuple[Chapter, ...], tuple[str, ...]]:
    """Return the text's sentences, each as its own source and target, and what there is to say.

    They come in chapters of 20, or fewer where the text is short: there are at least ten.

    Raises:
        TextError: the text has fewer than `LEAST_SENTENCES` sentences.
    """
    lines = split_sentences(text)
    notes = []
    by_characters = has_no_spaces(lines)
    if by_characters:
        notes.append("The text has no spaces between words: each character is a word.")
    if len(lines) > MOST_SENTENCES:
        notes.append(f"The first {MOST_SENTENCES:,} of {len(lines):,} sentences are used.")
    units: list[Unit] = []
    for line in lines[:MOST_SENTENCES]:
        words = split_words(line, by_characters=by_characters)
        units += ((piece, piece) for piece in _pieces(words))
    if len(units) < LEAST_SENTENCES:
        raise TextError(
            f"The text has {len(units)} sentences; a translation model needs at least "
            f"{LEAST_SENTENCES}. Bring a longer text."
        )
    size = min(_CHAPTER, len(units) // 10)
    return tuple(units[i : i + size] for i in range(0, len(units), size)), tuple(notes)


def _pieces(words: Words) -> list[Words]:
    return [words[i : i + LONGEST_SENTENCE] for i in range(0, len(words), LONGEST_SENTENCE)]
