"""Which classifier to ship, from a run's own numbers and from what counts. No torch here."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import ConfigError
from core.models.classifiers import find_classifier
from core.text.phrases import listed, percent, percent_between, short_number

CRITERIA = {
    "accuracy": "accuracy",
    "latency": "p50_1",
    "size": "megabytes",
    "training": "train_seconds",
}
"""What can count, and the column of the shoot-out table that measures it."""
USUAL_WEIGHTS = {"accuracy": 1.0, "latency": 0.3, "size": 0.1, "training": 0.1}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A model's place: `score` from 0 to 1, and what each criterion says of it, from 0 to 1."""

    model: str
    label: str
    score: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The models, best first, and the answer in sentences; both empty where none was measured."""

    ranking: tuple[Ranked, ...]
    sentences: tuple[str, ...]


def recommend(rows: Sequence[Row], weights: Mapping[str, float]) -> Recommendation:
    """Rank the models of a shoot-out table by what counts, and say why.

    Of accuracy the worst model gets 0 and the best 1; a model that cannot be told from the best on
    these texts gets 1 too. Milliseconds, megabytes and seconds count by their logarithm, since
    they differ by factors. The majority class is a floor, and code that reads padding a fault:
    neither is recommended.

    Raises:
        ConfigError: a weight is negative or of no criterion, or all are 0.
    """
    for name, weight in weights.items():
        if name not in CRITERIA or not 0 <= weight < math.inf:
            raise ConfigError(
                f"The weight of {name} is {weight:g}; weights are from 0 up, of "
                f"{', '.join(CRITERIA)}."
            )
    if not any(weights.values()):
        raise ConfigError("All weights are 0, so nothing counts; give at least one criterion some.")
    counted = {name: weight for name, weight in weights.items() if weight}
    known = [row for row in rows if _is_measured(row, counted)]
    if not known:
        return Recommendation((), ())
    parts = {name: _utilities(known, name) for name in CRITERIA if _all_measured(known, name)}
    total = sum(counted.values())
    ranked = [
        Ranked(
            row["model"],
            row["label"],
            sum(weight * parts[name][at] for name, weight in counted.items()) / total,
            {name: values[at] for name, values in parts.items()},
        )
        for at, row in enumerate(known)
    ]
    ranked.sort(key=lambda each: -each.score)
    by_model = {row["model"]: row for row in known}
    ordered = [by_model[each.model] for each in ranked]
    return Recommendation(tuple(ranked), _sentences(ordered))


def _is_measured(row: Row, counted: Mapping[str, float]) -> bool:
    spec = find_classifier(row["model"])
    is_offered = spec.family != "majority" and not spec.naive
    return is_offered and all(row[CRITERIA[name]] is not None for name in counted)


def _all_measured(rows: Sequence[Row], criterion: str) -> bool:
    return all(row[CRITERIA[criterion]] is not None for row in rows)


def _utilities(rows: Sequence[Row], criterion: str) -> list[float]:
    values = [float(row[CRITERIA[criterion]]) for row in rows]
    if criterion != "accuracy":
        values = [-math.log(max(value, 1e-9)) for value in values]
    low, high = min(values), max(values)
    found = [(value - low) / (high - low) if high > low else 1.0 for value in values]
    if criterion == "accuracy":
        return [1.0 if row["tie"] else value for row, value in zip(rows, found, strict=True)]
    return found


def _sentences(rows: Sequence[Row]) -> tuple[str, ...]:
    first = rows[0]
    said = [f"I would ship {first['label']}: {_numbers(first)}."]
    tied = [row["label"] for row in rows[1:] if row["tie"] and first["tie"]]
    if tied:
        verb = "is" if len(tied) == 1 else "are"
        said.append(
            f"{listed(tied)} {verb} as accurate as far as {first['n']:,} test texts can tell; "
            "what decides between them is cost."
        )
    best = max(rows, key=lambda row: row["accuracy"] or 0)
    if best is not first:
        said.append(_against_best(first, best))
    if len(rows) > 1:
        said.append(f"Next would be {rows[1]['label']}: {_numbers(rows[1])}.")
    said.append(
        "What would convince me otherwise: an error that costs more than the wait, texts unlike "
        "these, or a difference that holds on more of them."
    )
    return tuple(said)


def _against_best(first: Row, best: Row) -> str:
    if first["tie"]:
        return (
            f"{best['label']} has {percent(best['accuracy'])}, a difference that may be chance"
            f"{_cost_of(first, best)}."
        )
    fewer = first["errors"] - best["errors"]
    return (
        f"{best['label']} makes {fewer:,} errors fewer of {first['n']:,}"
        f"{_cost_of(first, best)}: choose it where an error costs more than that."
    )


def _cost_of(first: Row, best: Row) -> str:
    said = []
    for column, unit in (("p50_1", "ms a text"), ("megabytes", "MB")):
        if first[column] and best[column] and best[column] > 1.5 * first[column]:
            said.append(
                f"{short_number(best[column])} {unit} instead of {short_number(first[column])}"
            )
    return f", at {' and '.join(said)}" if said else ""


def _numbers(row: Row) -> str:
    said = []
    if row["accuracy"] is not None:
        interval = row["accuracy_low"], row["accuracy_high"]
        accuracy = percent_between(row["accuracy"], *interval, between=" right")
        said.append(f"{accuracy} on {row['n']:,} held-out texts")
    if row["p50_1"] is not None:
        said.append(f"{short_number(row['p50_1'])} ms for one text")
    if row["megabytes"] is not None:
        said.append(f"{short_number(row['megabytes'])} MB")
    if row["train_seconds"] is not None:
        said.append(f"trained in {short_number(row['train_seconds'])} s")
    return ", ".join(said)
