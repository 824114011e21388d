"""What a length run knows so far, as its tables and its results.

Shapes: S seeds, P positions, L lengths, N sequences.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.labs.length_config import LENGTHS, LengthConfig
from core.labs.length_scores import (
    OPEN,
    Failure,
    Scores,
    at_lengths,
    curve_columns,
    first_failure,
    is_open,
    judge,
    score_estimate,
    seed_columns,
)
from core.models.catalogue import find_spec
from core.training.events import Columns, TableEvent

REMEDY_COLUMNS = (
    *("remedy", "label", "kind", "budget", "length", "score", "low", "high", "compared"),
    *("difference", "difference_low", "difference_high", "seeds", "updates", "seconds"),
    *("verdict", "note"),
)
BASE = "none"
"""The name of no remedy."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One remedy on one budget.

    Attributes:
        remedy: its name, `BASE` for the model as it was trained.
        budget: "updates", "compute", or "none" where nothing is trained.
        compared: with what, "base" or "control"; "" for the base itself.
        scores_SLN: its scores; `reference_SLN` those of the same seeds that it is compared with.
        updates, seconds: of training that one model had in all, a mean over the seeds.
        note: what is to be known of it, in a sentence.
    """

    remedy: str
    label: str
    kind: str
    model: str
    budget: str
    scores_SLN: Scores
    updates: float
    seconds: float
    compared: str = ""
    reference_SLN: Scores | None = None
    note: str = ""

    def rows(self, *, is_share: bool, is_better_high: bool) -> list[Row]:
        """Return a row for each length, `REMEDY_COLUMNS`."""
        return [self._row(at, is_share, is_better_high) for at in range(len(LENGTHS))]

    def _row(self, at: int, is_share: bool, is_better_high: bool) -> Row:
        scores_SN = self.scores_SLN[:, at]
        score = score_estimate(scores_SN, is_share=is_share)
        row = {name: getattr(self, name) for name in ("remedy", "label", "kind", "budget", "note")}
        row |= {"length": LENGTHS[at], "compared": self.compared}
        row |= {"score": score.mean, "low": score.low, "high": score.high}
        row |= {"seeds": len(scores_SN), "updates": round(self.updates), "seconds": self.seconds}
        names = ("difference", "difference_low", "difference_high")
        if self.reference_SLN is None:
            return row | dict.fromkeys(names) | {"verdict": ""}
        reference_SN = self.reference_SLN[:, at]
        found, verdict = judge(scores_SN, reference_SN, is_better_high=is_better_high)
        values = (found.mean, found.low, found.high)
        row |= dict(zip(names, values, strict=True)) | {"verdict": verdict}
        if is_open(found, verdict):
            row["note"] = f"{self.note} {OPEN}".strip()
        return row


@dataclass(slots=True, kw_only=True)
class LengthBoard:
    """The scores of a run's models, and the remedies tried so far.

    `is_share` says that a score is a share of right answers; `is_exact` that all could be right.
    """

    config: LengthConfig
    is_share: bool
    is_better_high: bool
    is_exact: bool
    trained: dict[str, Trial] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    trials: list[Trial] = field(default_factory=list)

    def curve(self, name: str, scores_SLN: Scores, step: int) -> Iterator[TableEvent]:
        """Yield the tables "curve" and "seeds" of a model."""
        seeds = range(self.config.seed, self.config.seed + len(scores_SLN))
        tables = {
            "curve": curve_columns(scores_SLN, is_share=self.is_share),
            "seeds": seed_columns(scores_SLN, seeds),
        }
        for table, columns in tables.items():
            yield TableEvent(name=table, model=name, step=step, columns=columns)

    def take_trained(
        self, name: str, scores_SPN: Scores, *, updates: float, seconds: float
    ) -> None:
        """Take the scores of a trained model at all positions."""
        self.trained[name] = Trial(
            remedy=BASE,
            label="As trained",
            kind="",
            model=name,
            budget="none",
            scores_SLN=at_lengths(scores_SPN),
            updates=updates,
            seconds=seconds,
        )
        self.failures[name] = first_failure(
            scores_SPN,
            trained=(self.config.shortest, self.config.longest),
            is_better_high=self.is_better_high,
            is_exact=self.is_exact,
        )

    def failing(self, step: int) -> TableEvent:
        """Return the table "failing": from which position on each model fails."""
        columns: Columns = {"model": [], "label": []}
        for name, failure in self.failures.items():
            columns["model"].append(name)
            columns["label"].append(find_spec(name).label)
            for column in ("threshold", "position", "seeds", "low", "high"):
                columns.setdefault(column, []).append(getattr(failure, column))
        return TableEvent(name="failing", model="", step=step, columns=columns)

    def remedies(self, step: int) -> TableEvent:
        """Return the table "remedies": a row for each remedy, budget and length."""
        rows = [row for trial in self.trials for row in self.rows(trial)]
        columns = {name: [row[name] for row in rows] for name in REMEDY_COLUMNS}
        return TableEvent(name="remedies", model="", step=step, columns=columns)

    def results(self) -> list[Row]:
        """Return the run's results: the models as trained, then each remedy."""
        done = [*self.trained.values(), *(each for each in self.trials if each.remedy != BASE)]
        return [self._result(trial) for trial in done]

    def row(self, trial: Trial, length: int) -> Row:
        """Return the row of one of `LENGTHS`."""
        return self.rows(trial)[LENGTHS.index(length)]

    def rows(self, trial: Trial) -> list[Row]:
        """Return a row for each length, `REMEDY_COLUMNS`."""
        return trial.rows(is_share=self.is_share, is_better_high=self.is_better_high)

    def _result(self, trial: Trial) -> Row:
        rows = self.rows(trial)
        is_base = trial.remedy == BASE
        failure = self.failures[trial.model] if is_base else None
        return {
            "model": trial.model,
            "remedy": trial.remedy,
            "budget": trial.budget,
            "label": find_spec(trial.model).label if is_base else trial.label,
            "accuracy" if self.is_share else "loss": {
                str(row["length"]): row["score"] for row in rows
            },
            "seeds": rows[-1]["seeds"],
            "updates": rows[-1]["updates"],
            "seconds": round(trial.seconds, 3),
            "verdict": rows[-1]["verdict"] or None,
            "first_failing": failure.position if failure else None,
        }
