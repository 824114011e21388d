"""What is told about parallel text that was read: what was kept, and why the rest was dropped."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.text.lengths import LengthSummary, summarize_lengths
from core.text.sentences import Words

WordPair = tuple[Words, Words]
"""The words of a sentence and of its translation."""

DROPPED = {
    "ragged": "without exactly two columns",
    "empty": "with nothing on one side or both",
    "mis-encoded": "with characters that cannot be read",
    "over-long": "longer than the limit",
    "duplicate": "that repeat another one",
}
"""Why a row is dropped, and how that is said of rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelReport:
    """What was read, what was kept, and why the rest was dropped.

    Attributes:
        rows: all there were, without a header.
        dropped: number of rows by reason, in the order of `DROPPED`, without those that had none.
        source_vocabulary: number of different words.
        notes: a sentence for each change and each thing to look at.
    """

    name: str
    encoding: str
    rows: int
    kept: int
    dropped: dict[str, int]
    source_vocabulary: int
    target_vocabulary: int
    source_lengths: LengthSummary
    target_lengths: LengthSummary
    notes: tuple[str, ...]


def make_report(
    pairs: Sequence[WordPair],
    *,
    name: str,
    encoding: str,
    rows: int,
    dropped: dict[str, int],
    notes: tuple[str, ...],
) -> ParallelReport:
    """Return the report on `pairs`, which may be none."""
    sources, targets = ([pair[side] for pair in pairs] for side in (0, 1))
    return ParallelReport(
        name=name,
        encoding=encoding,
        rows=rows,
        kept=len(pairs),
        dropped=dropped,
        source_vocabulary=len(set().union(*sources)),
        target_vocabulary=len(set().union(*targets)),
        source_lengths=summarize_lengths([len(words) for words in sources]),
        target_lengths=summarize_lengths([len(words) for words in targets]),
        notes=notes,
    )
