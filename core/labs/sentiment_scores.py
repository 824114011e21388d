"""How well each classifier does on the test texts of the folds: its answers, and tables of them.

Every table is plain columns; see `Scoreboard`. No torch here. Legend: N texts, C classes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.folds import Fold
from core.labs.sentiment_config import LATENCY_BATCHES, SentimentConfig
from core.labs.sentiment_material import SentimentMaterial
from core.metrics.calibration import calibration_columns
from core.metrics.classification import (
    accuracy_interval,
    by_length_columns,
    confident_errors,
    confusion_columns,
    confusion_counts,
    macro_f1,
)
from core.metrics.ranking import AccuracyDifference, Ranking, efficient_frontier, rank_models
from core.models.classifiers import find_classifier
from core.training.events import Columns, TableEvent

MOST_CHARACTERS = 400
MOST_ERRORS = 20
DIVERGED = (
    "It diverged in fold {fold}: its weights are no numbers any more, and every answer counts as "
    "the first class. Train it with a smaller learning rate."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldAnswers:
    """What one model answered to the test texts of a fold, and what training it took."""

    fold: int
    probabilities_NC: NDArray[np.float64]
    seconds: float
    epochs: int | None = None
    best_epoch: int | None = None


@dataclass(slots=True, kw_only=True)
class Standing:
    """All that is known of one model so far."""

    name: str
    state: str = "waiting"
    note: str = ""
    answers: list[FoldAnswers] = field(default_factory=list)
    parameters: int | None = None
    embedding_parameters: int | None = None
    megabytes: float | None = None
    latency: dict[int, list[float]] = field(default_factory=dict)


class Scoreboard:
    """Keeps the models' answers and makes tables of them.

    "shootout" is of no model and has one row for each; the others are of one model: "folds",
    "confusion", "calibration", "errors" and "by_length", over all its folds.
    """

    def __init__(self, config: SentimentConfig, material: SentimentMaterial) -> None:
        self.config, self.material = config, material
        self.standings = {name: Standing(name=name) for name in config.models}
        self._labels = [_labels(fold) for fold in material.folds]
        self._lengths = [_lengths(fold) for fold in material.folds]

    def take(self, name: str, answers: FoldAnswers) -> None:
        """Keep a model's answers to its next fold; of one that diverged, say so in its row."""
        standing = self.standings[name]
        if not np.isfinite(answers.probabilities_NC).all():
            standing.note = DIVERGED.format(fold=answers.fold + 1)
            answers = replace(answers, probabilities_NC=np.nan_to_num(answers.probabilities_NC))
        standing.answers.append(answers)
        standing.state = "done" if len(standing.answers) == self.config.folds else "training"

    def right(self, name: str, folds: int) -> NDArray[np.bool_]:
        """Return whether a model's answer to each test text of its first `folds` was right."""
        answers = self.standings[name].answers[:folds]
        return np.concatenate(
            [each.probabilities_NC.argmax(1) == self._labels[each.fold] for each in answers]
        )

    def ranking(self) -> Ranking:
        """Compare the models that have been tested, over the folds that all of them have."""
        tested = {n: s for n, s in self.standings.items() if s.answers}
        folds = min((len(each.answers) for each in tested.values()), default=0)
        return rank_models({name: self.right(name, folds) for name in tested})

    def results(self) -> list[dict[str, Any]]:
        """Return one row a model: what is known of it now, by the names of the shoot-out table.

        The majority class, which reads nothing, is on no frontier.
        """
        ranking = self.ranking()
        rows = [self._row(each, ranking) for each in self.standings.values()]
        costs = [
            None if find_classifier(row["model"]).family == "majority" else row["p50_1"]
            for row in rows
        ]
        frontier = efficient_frontier(costs, [row["accuracy"] for row in rows])
        return [{**row, "frontier": on} for row, on in zip(rows, frontier, strict=True)]

    def shootout(self, step: int) -> TableEvent:
        """Return the table of all models as it is now."""
        rows = self.results()
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        return TableEvent(name="shootout", model="", step=step, columns=columns)

    def tables(self, name: str, step: int) -> Iterator[TableEvent]:
        """Yield the tables of one model."""
        standing = self.standings[name]
        if not standing.answers:
            return
        probabilities_NC = np.concatenate([each.probabilities_NC for each in standing.answers])
        labels_N = np.concatenate([self._labels[each.fold] for each in standing.answers])
        predicted_N = probabilities_NC.argmax(1)
        classes = self.material.classes
        lengths_N = np.concatenate([self._lengths[each.fold] for each in standing.answers])
        counts_CC = confusion_counts(predicted_N, labels_N, len(classes))
        for table, columns in (
            ("folds", self._fold_columns(standing)),
            ("confusion", confusion_columns(counts_CC, classes)),
            ("calibration", calibration_columns(probabilities_NC, labels_N)),
            ("by_length", by_length_columns(predicted_N == labels_N, lengths_N)),
            ("errors", self._error_columns(standing, probabilities_NC, labels_N)),
        ):
            yield TableEvent(name=table, model=name, step=step, columns=columns)

    def _row(self, standing: Standing, ranking: Ranking) -> dict[str, Any]:
        total, table = standing.parameters, standing.embedding_parameters
        row: dict[str, Any] = {
            "model": standing.name,
            "label": find_classifier(standing.name).label,
            "state": standing.state,
            "note": standing.note,
            "folds": len(standing.answers),
            **self._scores(standing.answers),
            **_against_best(ranking.differences.get(standing.name)),
            "parameters": total,
            "embedding_parameters": table,
            "other_parameters": None if total is None or table is None else total - table,
            "megabytes": standing.megabytes,
            "train_seconds": _mean([each.seconds for each in standing.answers]),
        }
        for batch in LATENCY_BATCHES:
            p50, p95 = standing.latency.get(batch, (None, None))
            row |= {f"p50_{batch}": p50, f"p95_{batch}": p95}
        return row

    def _scores(self, answers: Sequence[FoldAnswers]) -> dict[str, Any]:
        """Return how often a model was right in its folds, together and class by class."""
        classes = len(self.material.classes)
        tested = [(each.probabilities_NC.argmax(1), self._labels[each.fold]) for each in answers]
        rights = [int((predicted_N == labels_N).sum()) for predicted_N, labels_N in tested]
        sizes = [len(labels_N) for _, labels_N in tested]
        interval = accuracy_interval(rights, sizes)
        return {
            "n": sum(sizes),
            "accuracy": interval.accuracy,
            "accuracy_low": interval.low,
            "accuracy_high": interval.high,
            "fold_sd": interval.fold_sd,
            "macro_f1": _mean([macro_f1(*each, classes) for each in tested]),
            "errors": sum(sizes) - sum(rights) if answers else None,
        }

    def _fold_columns(self, standing: Standing) -> Columns:
        rows = []
        for each in standing.answers:
            labels_N = self._labels[each.fold]
            predicted_N = each.probabilities_NC.argmax(1)
            rows.append(
                {
                    "fold": each.fold + 1,
                    "accuracy": float((predicted_N == labels_N).mean()),
                    "macro_f1": macro_f1(predicted_N, labels_N, len(self.material.classes)),
                    "n": len(labels_N),
                    "epochs": each.epochs,
                    "best_epoch": each.best_epoch,
                    "seconds": each.seconds,
                }
            )
        return {name: [row[name] for row in rows] for name in rows[0]}

    def _error_columns(
        self,
        standing: Standing,
        probabilities_NC: NDArray[np.float64],
        labels_N: NDArray[np.int64],
    ) -> Columns:
        classes = self.material.classes
        texts = [
            (each.fold, example)
            for each in standing.answers
            for example in self.material.folds[each.fold].test
        ]
        worst = confident_errors(probabilities_NC, labels_N, MOST_ERRORS)
        return {
            "text": [texts[i][1].text[:MOST_CHARACTERS] for i in worst],
            "reference": [classes[labels_N[i]] for i in worst],
            "predicted": [classes[probabilities_NC[i].argmax()] for i in worst],
            "probability": [float(probabilities_NC[i].max()) for i in worst],
            "words": [len(texts[i][1].words) for i in worst],
            "fold": [texts[i][0] + 1 for i in worst],
        }


def _labels(fold: Fold) -> NDArray[np.int64]:
    return np.array([each.label for each in fold.test])


def _lengths(fold: Fold) -> NDArray[np.int64]:
    return np.array([len(each.words) for each in fold.test])


def _against_best(found: AccuracyDifference | None) -> dict[str, Any]:
    """Return how far a model is from the best; all None where there is nothing to compare."""
    names = ("more_errors", "tie", "difference", "difference_low", "difference_high")
    if found is None or found.difference is None:
        return dict.fromkeys(names)
    more_errors = round(-found.difference * found.n)
    values = (more_errors, found.is_tie, found.difference, found.low, found.high)
    return dict(zip(names, values, strict=True))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
