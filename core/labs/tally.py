"""What a lab keeps of its own events, to put it into words and results."""

import math
from collections import defaultdict
from typing import Any

from core.training.events import Event, MarkEvent, SeriesEvent


class SeriesTally:
    """The series and marks of a run so far, by model."""

    def __init__(self) -> None:
        self._columns: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._marks: list[MarkEvent] = []

    def take(self, event: Event) -> None:
        """Keep what `event` adds."""
        if isinstance(event, SeriesEvent):
            for name, values in event.columns.items():
                self._columns[event.model][name].extend(values)
        elif isinstance(event, MarkEvent):
            self._marks.append(event)

    def column(self, model: str, name: str) -> list[float]:
        """Return all values of one column, those not measured left out."""
        return [value for value in self._columns[model][name] if value is not None]

    def mean_of_last(self, model: str, name: str, count: int) -> float:
        """Return the mean of the last `count` finite values, NaN if there is none."""
        last = [value for value in self.column(model, name) if math.isfinite(value)][-count:]
        return sum(last) / len(last) if last else math.nan

    def first_mark(self, model: str, what: str) -> int | None:
        """Return the step of the model's first mark of that kind, None if there is none."""
        return next(iter(self.mark_steps(model, what)), None)

    def mark_steps(self, model: str, what: str) -> list[int]:
        """Return the steps of all the model's marks of that kind."""
        return [mark.step for mark in self._marks if mark.model == model and mark.what == what]

    def count_marks(self, model: str, what: str) -> int:
        """Return how many marks of that kind the model has."""
        return len(self.mark_steps(model, what))
