"""How a ratio is taken: both sides warmed, interleaved, medians; never a timed test."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the bench table; `measured` is a ratio, or a value with its unit.

    A `limit` of None: it is only told.
    """

    name: str
    kind: Literal["ratio", "value"]
    measured: float
    unit: str
    sense: Literal["at most", "at least"]
    limit: float | None

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        if self.limit is None:
            return True
        if self.sense == "at most":
            return self.measured <= self.limit
        return self.measured >= self.limit

    def as_json(self) -> dict[str, Any]:
        """Return `name`, `ratio` or `value`, `limit` and `holds`."""
        fields = asdict(self)
        return {
            "name": self.name,
            self.kind: round(self.measured, 4),
            "limit": fields["limit"],
            "sense": self.sense,
            "unit": self.unit,
            "holds": self.holds,
        }


def ratio_of_calls(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    pairs: int,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the median of time(ours) / time(theirs) over interleaved pairs, after a warm-up."""
    ours()
    theirs()
    return median(_seconds(ours, clock) / _seconds(theirs, clock) for _ in range(pairs))


def ratio_of_streams(
    ours: Callable[[], Iterator[object]],
    theirs: Callable[[], Iterator[object]],
    *,
    pairs: int,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the median ratio of the time two generators take to their ends.

    The two take turns: one item of each, so that a slow moment of the machine hits both. Each
    pair is a whole run, with whatever is done at its start and its end; the first is a warm-up.
    """
    _streamed(ours(), theirs(), clock)
    return median(_streamed(ours(), theirs(), clock) for _ in range(pairs))


def _streamed(
    ours: Iterator[object], theirs: Iterator[object], clock: Callable[[], float]
) -> float:
    spent = {"ours": 0.0, "theirs": 0.0}
    sides = {"ours": ours, "theirs": theirs}
    while sides:
        for name, stream in list(sides.items()):
            started = clock()
            ended = next(stream, None) is None
            spent[name] += clock() - started
            if ended:
                del sides[name]
    return spent["ours"] / spent["theirs"]


def _seconds(call: Callable[[], object], clock: Callable[[], float]) -> float:
    started = clock()
    call()
    return clock() - started
