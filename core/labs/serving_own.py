"""A visitor's own model in 8 bits, held against itself as it was brought.

Legend: N requests, C classes.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import TextError
from core.labs.served import Served
from core.labs.serving_config import ServingConfig
from core.labs.serving_rows import COMPARED_BATCHES, Row, VariantTable
from core.serving.own_onnx import OwnModel
from core.serving.service_times import Clock
from core.serving.variants_catalogue import VARIANTS
from core.training.events import Event, ProgressEvent

INT8 = "ort-int8"
FLIPPED = 128
"""Random requests that both versions answer."""
ROUNDS = 15
OF_RANDOM = "Answers to random requests; nobody here knows which are right."


class OwnShrinker:
    """Makes the one variant that a model in a file allows, and tells its row beside the model's."""

    def __init__(self, config: ServingConfig, served: Served, clock: Clock) -> None:
        assert served.own is not None
        self.served, self.own = served, served.own
        self.table = VariantTable(config, clock)
        self.difference = None

    @property
    def rounds(self) -> int:
        """How many rounds it has in all."""
        return 2 * ROUNDS

    def run(self, first_round: int, all_rounds: int) -> Iterator[Event]:
        """Measure the model and its smaller version; yield the table "variants" after each."""
        row = self.table.begin("served", self.served.label, "served", "")
        row |= self.table.size(self.own.megabytes) | self._raced(self.own) | {"flips": 0.0}
        yield self.table.add(row, first_round + ROUNDS)
        yield ProgressEvent(step=first_round + ROUNDS, total=all_rounds)
        variant = VARIANTS[INT8]
        row = self.table.begin(INT8, variant.label, variant.kind, OF_RANDOM)
        try:
            smaller = self.own.smaller()
            row |= self.table.size(smaller.megabytes) | self._raced(smaller)
            row["flips"] = self._flips(smaller)
        except TextError as error:
            row["note"] = str(error)
        yield self.table.add(row, first_round + self.rounds)
        yield ProgressEvent(step=first_round + self.rounds, total=all_rounds)

    def _raced(self, other: OwnModel) -> Row:
        asked = {
            batch: self.served.request(batch, self.served.words)
            for batch in COMPARED_BATCHES
            if batch in self.served.batches
        }
        return self.table.race(self.own.answer, other.answer, asked)

    def _flips(self, smaller: OwnModel) -> float | None:
        """Return the share of random requests answered otherwise; None where it names no class."""
        most = max(batch for batch in self.served.batches if batch <= COMPARED_BATCHES[-1])
        changed: list[NDArray[np.bool_]] = []
        for seed in range(-(-FLIPPED // most)):
            asked = self.own.request(most, self.served.words, seed=seed)
            before, after = (_classes(each.answer(asked)) for each in (self.own, smaller))
            if before is None or after is None:
                return None
            changed.append(before != after)
        return float(np.concatenate(changed).mean())


def _classes(answer: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return the class of each request, (N,), of an answer (N, C); None of any other."""
    if answer.ndim != 2 or answer.shape[1] < 2:
        return None
    classes_N: NDArray[np.int64] = answer.argmax(1)
    return classes_N
