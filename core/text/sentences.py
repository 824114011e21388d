"""From a line of any script to its words and punctuation marks; from a text to its sentences."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

Words = tuple[str, ...]

# scripts that are written without spaces: Thai, Lao, Burmese, Khmer, Japanese and Chinese
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_ENDS = re.compile(r"([.!?…][\"'”’»)\]]*)\s+|([。！？][」』”]*)")
_ASCII = re.compile(r"\w+(?:'\w+)*|[^\w\s]")
_SAMPLE = 2_000
_FEW_SPACES = 0.05
"""Spaces for each other character; English has 0.2, German 0.15."""
_LONG_LINE = 40


def split_words(line: str, *, by_characters: bool = False) -> Words:
    """Return the words and punctuation marks of a line, or its characters; marks stay attached.

    An apostrophe inside a word belongs to it; each other sign stands alone.
    """
    if line.isascii() and not by_characters:
        return tuple(_ASCII.findall(line))  # three times as fast
    return tuple(_pattern(by_characters).findall(line))


def text_key(text: str) -> str:
    """Return what two texts share that differ in case and spaces only."""
    return " ".join(text.split()).casefold()


def has_no_spaces(lines: Iterable[str]) -> bool:
    """Return whether the lines are of a kind that is written without spaces between words.

    A list of single words is not: it has short lines of a script that otherwise uses spaces.
    """
    sample = [line.strip() for line in lines if line.strip()][:_SAMPLE]
    characters = sum(map(len, sample))
    if sum(len(line.split()) - 1 for line in sample) >= _FEW_SPACES * characters:
        return False
    unspaced = sum(len(_UNSPACED.findall(line)) for line in sample)
    return unspaced > 0.3 * characters or characters > _LONG_LINE * len(sample)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text: they end at a line's end or behind . ! ? and their like."""
    lines = _ENDS.sub(r"\1\2\n", text).split("\n")
    return [sentence for line in lines if (sentence := line.strip())]


@lru_cache(maxsize=2)
def _pattern(by_characters: bool) -> re.Pattern[str]:
    marks = f"[{_combining_marks()}]"
    if by_characters:
        return re.compile(rf"[^\s{marks[1:]}{marks}*|{marks}+")
    word = rf"\w+(?:{marks}*['’]?\w+)*{marks}*"
    return re.compile(rf"{word}|[^\w\s{marks[1:]}{marks}*|{marks}+")


def _combining_marks() -> str:
    # vowel signs of Hindi, points of Hebrew, joiners: a part of their word, though not \w to `re`
    codes = [c for c in range(0x300, 0x1F000) if unicodedata.category(chr(c))[0] == "M"]
    spans: list[list[int]] = []
    for code in [*codes, *range(0xE0100, 0xE01F0)]:
        if spans and code == spans[-1][1] + 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    joiners = "\u200c\u200d"
    return joiners + "".join(f"{chr(first)}-{chr(last)}" for first, last in spans)
