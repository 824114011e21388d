"""Texts that a person brings: an uploaded file or a pasted text, cleaned, with what was changed.

Only what no model can use is taken out: control characters, lone surrogates, undecodable bytes.
Markup, scripts, emoji, right-to-left and combining characters are text like any other. No message
and no note quotes the text.
"""

import math
import re
from dataclasses import dataclass
from pathlib import PurePath

from core.errors import TextError
from core.text.encodings import DecodedText, decode_bytes
from core.text.vocabulary import MOST_CHARACTERS, Vocabulary, character_counts

MAX_BYTES = 20_000_000
MIN_CHARACTERS = 200
ENDINGS = (".txt", ".md")

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_MOST_DROPPED = 0.05
_LONG_LINE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReport:
    """What was read and what was changed on the way.

    Attributes:
        name: the file's name, or "pasted text".
        characters_dropped: control characters, lone surrogates and undecodable places; neither
            the byte-order mark nor the carriage return of a Windows line end counts.
        vocabulary: number of distinct characters kept.
        notes: a sentence for each change and each thing to look at; empty when nothing happened.
    """

    name: str
    encoding: str
    bytes_read: int
    characters_kept: int
    characters_dropped: int
    lines: int
    vocabulary: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UploadedText:
    """A text that a model can be trained on, and the report on how it was read."""

    text: str
    report: TextReport


def read_upload(data: bytes, filename: str) -> UploadedText:
    """Return the text of an uploaded .txt or .md file.

    Raises:
        TextError: wrong ending, too large, binary, empty, too short, or one character throughout.
    """
    _require_ending(filename)
    _require_size(len(data), "The file", "Upload")
    return _clean(decode_bytes(data), "The file", filename, len(data))


def read_pasted(text: str) -> UploadedText:
    """Return a pasted text, cleaned as an upload is.

    Raises:
        TextError: too large, mostly control characters, empty, too short, or one character
            throughout.
    """
    bytes_read = len(text.encode("utf-8", "surrogatepass"))
    _require_size(bytes_read, "The pasted text", "Paste")
    decoded = DecodedText(text, "unicode", 0, ())
    return _clean(decoded, "The pasted text", "pasted text", bytes_read)


def _require_ending(filename: str) -> None:
    ending = PurePath(filename).suffix.lower()
    if ending not in ENDINGS:
        is_plain = ending[1:].isascii() and ending[1:].isalnum() and len(ending) <= 8
        given = f"is a {ending} file" if is_plain else "has a name without a known ending"
        raise TextError(
            f"The file {given}; only {' and '.join(ENDINGS)} can be read. "
            "Save it as plain text (.txt) and upload that."
        )


def _require_size(size: int, subject: str, verb: str) -> None:
    if size > MAX_BYTES:
        megabytes = math.ceil(size / 100_000) / 10  # rounded up, so that it is above the limit
        raise TextError(
            f"{subject} is {megabytes:g} MB; the limit is {MAX_BYTES // 1_000_000} MB. "
            f"{verb} an excerpt instead."
        )
    if size == 0:
        raise TextError(
            f"{subject} is empty. {verb} a text of at least {MIN_CHARACTERS} characters."
        )


def _clean(decoded: DecodedText, subject: str, name: str, bytes_read: int) -> UploadedText:
    notes = list(decoded.notes)
    text = _plain_line_ends(_without_mark(decoded.text, notes), notes)
    before = len(text)
    text = _drop(_CONTROLS, "control character", text, notes)
    text = _drop(_SURROGATES, "lone surrogate", text, notes)
    dropped = before - len(text) + decoded.undecodable
    _require_text(text, dropped, subject)
    counts = character_counts(text)
    _note_long_lines(text, notes)
    _note_large_vocabulary(text, len(counts), notes)
    report = TextReport(
        name=name,
        encoding=decoded.encoding,
        bytes_read=bytes_read,
        characters_kept=len(text),
        characters_dropped=dropped,
        lines=text.count("\n") + (not text.endswith("\n")),
        vocabulary=len(counts),
        notes=tuple(notes),
    )
    return UploadedText(text, report)


def _without_mark(text: str, notes: list[str]) -> str:
    if text.startswith("\ufeff"):
        notes.append("Removed the byte-order mark at the start.")
    return text.removeprefix("\ufeff")


def _plain_line_ends(text: str, notes: list[str]) -> str:
    if count := text.count("\r"):
        notes.append(f"Made {_counted(count, 'Windows or old Mac line end')} plain.")
    return text.replace("\r\n", "\n").replace("\r", "\n") if count else text


def _drop(pattern: re.Pattern[str], noun: str, text: str, notes: list[str]) -> str:
    first = pattern.search(text)
    if first is None:
        return text
    line = text.count("\n", 0, first.start()) + 1
    text, count = pattern.subn("", text)
    notes.append(f"Dropped {_counted(count, noun)}, the first on line {line:,}.")
    return text


def _require_text(text: str, dropped: int, subject: str) -> None:
    share = dropped / (len(text) + dropped) if dropped else 0.0
    if share > _MOST_DROPPED:
        raise TextError(
            f"{subject} is not plain text: {share:.1%} of it is control characters or bytes "
            f"without a meaning, and at most {_MOST_DROPPED:.0%} may be. Save it as plain text "
            "in UTF-8."
        )
    body = text.strip()
    if not body:
        raise TextError(
            f"{subject} holds only spaces and line breaks. "
            f"Bring a text of at least {MIN_CHARACTERS} characters."
        )
    if len(body) < MIN_CHARACTERS:
        raise TextError(
            f"{subject} has {_counted(len(body), 'character')}; a language model cannot be "
            f"trained on fewer than {MIN_CHARACTERS}. Bring a longer text."
        )
    if body.count(body[0]) == len(body):
        raise TextError(
            f"{subject} repeats one character {len(body):,} times; a language model needs at "
            "least two different ones. Bring another text."
        )


def _note_long_lines(text: str, notes: list[str]) -> None:
    longest, number = max((len(line), -i) for i, line in enumerate(text.split("\n"), start=1))
    if longest >= _LONG_LINE:
        notes.append(
            f"Line {-number:,} has {longest:,} characters: nothing is lost, as the text is cut "
            "into windows by characters, not by lines."
        )


def _note_large_vocabulary(text: str, distinct: int, notes: list[str]) -> None:
    if distinct > MOST_CHARACTERS:
        folded = 1 - Vocabulary.of(text).covered(text)
        notes.append(
            f"The text has {distinct:,} different characters and a model knows the "
            f"{MOST_CHARACTERS} most frequent; the others, {folded:.2%} of the text, become one "
            "replacement symbol."
        )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
