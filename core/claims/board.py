"""Verdicts as a table of plain text, for a terminal. No torch here."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 100
_HEAD = f"{'claim':>5}  {'verdict':<9}  {'n':>6}  {'s':>5}  measured; threshold"


def board_lines(results: Sequence[Mapping[str, Any]], width: int = WIDTH) -> list[str]:
    """Return the lines of a table: a row a claim, what was measured wrapped to `width` columns.

    `results` are those of a run of the claim checker: `id`, `verdict`, `measured`, `threshold`,
    `n`, `seconds`.
    """
    lines = [_HEAD, "-" * width]
    for row in results:
        start = f"{row['id']:>5}  {row['verdict']:<9}  {row['n']:>6}  {row['seconds']:>5.1f}  "
        told = f"{row['measured']}; {row['threshold']}"
        wrapped = textwrap.wrap(told, width - len(start)) or [""]
        lines += [start + wrapped[0], *(" " * len(start) + line for line in wrapped[1:])]
    counts = {word: sum(row["verdict"] == word for row in results) for word in _WORDS}
    said = ", ".join(f"{count} {word}" for word, count in counts.items())
    seconds = sum(row["seconds"] for row in results)
    return [*lines, "-" * width, f"{len(results)} claims: {said}; {seconds:.0f} s"]


_WORDS = ("supported", "refuted", "depends")
