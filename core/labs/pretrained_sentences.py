"""The sentences for a pretrained model, as a person types them. No torch here."""

from core.errors import TextError

MOST_SENTENCES = 200
MOST_CHARACTERS = 2_000
"""Of a source or a reference."""

TypedPair = tuple[str, str | None]


def read_sentences(text: str) -> list[TypedPair]:
    """Return the sources of `text`, one a line, each with its reference where a tab precedes one.

    Empty lines are left out.

    Raises:
        TextError: there is none, there are too many, a line is too long or has several tabs.
    """
    pairs: list[TypedPair] = []
    for at, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        source, *references = (part.strip() for part in line.split("\t"))
        if not source or len(references) > 1:
            raise TextError(
                f"Line {at} cannot be read: write a sentence, or a sentence, one tab and its "
                "reference."
            )
        pairs.append((source, references[0] or None if references else None))
    check_sentences(pairs)
    return pairs


def check_sentences(pairs: list[TypedPair], most: int = MOST_SENTENCES) -> None:
    """Check how many sentences there are, and how long they are.

    Raises:
        TextError: there is none, there are too many, or one is too long.
    """
    if not 1 <= len(pairs) <= most:
        raise TextError(f"There are {len(pairs)} sentences; give 1 to {most}.")
    for at, pair in enumerate(pairs, 1):
        longest = max(len(part or "") for part in pair)
        if longest > MOST_CHARACTERS:
            raise TextError(
                f"Sentence {at} has {longest:,} characters; the limit is {MOST_CHARACTERS:,}. "
                "Cut it into several lines."
            )
