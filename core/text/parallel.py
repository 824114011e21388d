"""Parallel text that a person brings: read, cleaned and split into words, with what was dropped.

A line that cannot be used is dropped and counted, never mended. No message and no note quotes it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import TextError
from core.text.columns import Row, read_columns
from core.text.encodings import DecodedText
from core.text.parallel_report import DROPPED, ParallelReport, WordPair, make_report
from core.text.sentences import has_no_spaces, split_words
from core.text.table_text import DAMAGE, decode_paste, decode_table

LEAST_PAIRS = 20
MOST_WORDS = 200
_TEST = "test"
_WANTED = "sentences and their translations"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelText:
    """Pairs of sentences as words, how they were read, and the pairs to test on where given."""

    pairs: tuple[WordPair, ...]
    report: ParallelReport
    test_pairs: tuple[WordPair, ...] = ()

    def with_test(self, test: "ParallelText") -> "ParallelText":
        """Return this text, to be tested on the pairs of another one."""
        return replace(self, test_pairs=test.pairs)

    def packed(self) -> str:
        """Return all pairs as one text that `unpack_parallel` reads: a line each, a tab between.

        Words are a space apart, and a pair to test on says so in a third column.
        """
        train = ["\t".join(map(" ".join, pair)) for pair in self.pairs]
        test = ["\t".join((*map(" ".join, pair), _TEST)) for pair in self.test_pairs]
        return "\n".join((*train, *test))


def unpack_parallel(text: str) -> tuple[tuple[WordPair, ...], tuple[WordPair, ...]]:
    """Return the pairs of a packed text: those to train on, and those to test on.

    Raises:
        TextError: a line is not one that `ParallelText.packed` writes.
    """
    train: list[WordPair] = []
    test: list[WordPair] = []
    for number, line in enumerate(text.rstrip("\n").split("\n"), start=1):
        source, target, kind = (*line.split("\t"), "", "")[:3]
        if (
            line.count("\t") > 2
            or kind not in ("", _TEST)
            or not (source.split() and target.split())
        ):
            raise TextError(
                f"Line {number:,} of the pairs is not a sentence, a tab and its translation. "
                "Bring the parallel text again."
            )
        (test if kind else train).append((tuple(source.split()), tuple(target.split())))
    return tuple(train), tuple(test)


def read_parallel_file(
    data: bytes, name: str, *, most_words: int = MOST_WORDS, least_pairs: int = LEAST_PAIRS
) -> ParallelText:
    """Return the pairs of a table with two columns (.tsv, .csv), source first.

    Raises:
        TextError: too large, binary, empty, one line, one column, or too few pairs to use.
    """
    decoded = decode_table(data, "The file", _WANTED)
    return _read_table(decoded, name, "The file", most_words, least_pairs)


def read_parallel_paste(
    text: str, *, most_words: int = MOST_WORDS, least_pairs: int = LEAST_PAIRS
) -> ParallelText:
    """Return the pairs of a pasted table, as those of a file.

    Raises:
        TextError: as `read_parallel_file`.
    """
    subject = "The pasted text"
    decoded = decode_paste(text, subject, _WANTED)
    return _read_table(decoded, "pasted text", subject, most_words, least_pairs)


def read_parallel_files(
    source: bytes,
    source_name: str,
    target: bytes,
    target_name: str,
    *,
    most_words: int = MOST_WORDS,
    least_pairs: int = LEAST_PAIRS,
) -> ParallelText:
    """Return the pairs of two files: each line of `target` translates that line of `source`.

    Raises:
        TextError: the files do not have equally many lines, or as `read_parallel_file`.
    """
    sides = (
        decode_table(source, "The source file", _WANTED),
        decode_table(target, "The target file", _WANTED),
    )
    lines = [side.text.split("\n") for side in sides]
    shorter, longer = sorted(lines, key=len)
    while len(longer) > len(shorter) and not longer[-1].strip():
        longer.pop()
    if len(lines[0]) != len(lines[1]):
        raise TextError(
            f"The source file has {len(lines[0]):,} lines and the target file {len(lines[1]):,}; "
            "line by line they must be translations of each other. Bring two files of equally "
            "many lines."
        )
    if len(lines[0]) == 1:
        raise TextError(f"Each file has one line only; at least {least_pairs} are needed.")
    encodings = dict.fromkeys(side.encoding for side in sides)
    notes = [
        f"{subject}: {note}"
        for subject, side in zip(("Source", "Target"), sides, strict=True)
        for note in side.notes
    ]
    rows: list[Row] = list(zip(*lines, strict=True))
    whole = DecodedText("", " and ".join(encodings), 0, tuple(notes))
    return _collect(rows, whole, f"{source_name} and {target_name}", most_words, least_pairs)


def _read_table(
    decoded: DecodedText, name: str, subject: str, most_words: int, least_pairs: int
) -> ParallelText:
    if "\n" not in decoded.text.strip():
        raise TextError(
            f"{subject} has one line only; at least {least_pairs} are needed, a sentence and its "
            "translation on each."
        )
    columns = read_columns(decoded.text)
    decoded = replace(decoded, notes=decoded.notes + columns.notes)
    return _collect(columns.rows, decoded, name, most_words, least_pairs)


def _collect(
    rows: Sequence[Row], decoded: DecodedText, name: str, most_words: int, least_pairs: int
) -> ParallelText:
    notes = list(decoded.notes)
    by_characters = [has_no_spaces(row[side] for row in rows if row) for side in (0, 1)]
    for side, is_unspaced in zip(("source", "target"), by_characters, strict=True):
        if is_unspaced:
            notes.append(f"The {side} side has no spaces between words: each character is a word.")
    kept: dict[WordPair, None] = {}
    dropped: Counter[str] = Counter()
    first: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        pair = row and _words_of(row, by_characters)
        if reason := _reason(row, pair, most_words) or ("duplicate" if pair in kept else ""):
            dropped[reason] += 1
            first.setdefault(reason, number)
        elif pair:
            kept[pair] = None
    notes += [
        f"Dropped {dropped[reason]:,} {'row' if dropped[reason] == 1 else 'rows'} {said}"
        f"{f' of {most_words} words' if reason == 'over-long' else ''}, the first at row "
        f"{first[reason]:,}."
        for reason, said in DROPPED.items()
        if dropped[reason]
    ]
    report = make_report(
        tuple(kept),
        name=name,
        encoding=decoded.encoding,
        rows=len(rows),
        dropped={reason: dropped[reason] for reason in DROPPED if dropped[reason]},
        notes=tuple(notes),
    )
    if len(kept) < least_pairs:
        why = ", ".join(f"{count:,} {reason}" for reason, count in report.dropped.items())
        raise TextError(
            f"{len(kept):,} of {len(rows):,} rows can be used{f' ({why})' if why else ''}; at "
            f"least {least_pairs} are needed. Bring more sentences and their translations."
        )
    return ParallelText(pairs=tuple(kept), report=report)


def _words_of(row: tuple[str, str], by_characters: Sequence[bool]) -> WordPair:
    return (
        split_words(row[0], by_characters=by_characters[0]),
        split_words(row[1], by_characters=by_characters[1]),
    )


def _reason(row: Row, pair: WordPair | None, most_words: int) -> str:
    if row is None or pair is None:
        return "ragged"
    if not all(pair):
        return "empty"
    if any(map(DAMAGE.search, row)):
        return "mis-encoded"
    return "over-long" if max(map(len, pair)) > most_words else ""
