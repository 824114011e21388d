"""What a page shows of a sentiment run's tables beside what stands in them. No torch here."""

from collections import defaultdict
from typing import Any, NamedTuple

from core.training.events import Columns


class ConfusionMatrix(NamedTuple):
    """A row for each reference, a column for each prediction, both in the order of `classes`."""

    classes: list[str]
    counts: list[list[int]]
    shares: list[list[float]]


def best_model(shootout: Columns) -> str | None:
    """Return the model that the others are compared with; None before a model was tested."""
    rows = zip(
        shootout.get("model", []),
        shootout.get("difference", []),
        shootout.get("difference_low", []),
        strict=True,
    )
    return next((model for model, gap, low in rows if gap == 0 and low is None), None)


def epoch_means(epochs: Columns) -> Columns:
    """Return the mean accuracy on the dev texts after each epoch: epoch, dev_accuracy, folds.

    `folds` is how many came so far: training stops early, each fold when it is best for it.
    """
    seen: defaultdict[int, list[float]] = defaultdict(list)
    for epoch, accuracy in zip(
        epochs.get("epoch", []), epochs.get("dev_accuracy", []), strict=True
    ):
        if accuracy is not None:
            seen[epoch].append(accuracy)
    rows = sorted(seen.items())
    return {
        "epoch": [epoch for epoch, _ in rows],
        "dev_accuracy": [sum(found) / len(found) for _, found in rows],
        "folds": [len(found) for _, found in rows],
    }


def confusion_matrix(confusion: Columns) -> ConfusionMatrix:
    """Return the counts of a confusion table as a matrix, and each row's shares of its sum.

    A class that no text has gets shares of 0.
    """
    classes = list(dict.fromkeys(confusion.get("reference", [])))
    cells = zip(*(confusion.get(n, []) for n in ("reference", "predicted", "count")), strict=True)
    found = {(reference, predicted): count for reference, predicted, count in cells}
    counts = [[found.get((row, column), 0) for column in classes] for row in classes]
    shares = [[count / (sum(row) or 1) for count in row] for row in counts]
    return ConfusionMatrix(classes, counts, shares)


def negation_counts(negation: Columns) -> dict[str, int]:
    """Return how many pairs there are, and of how many each answer is right, and differs."""
    counted = {name: sum(negation.get(name, [])) for name in ("plain_right", "negated_right")}
    pairs = len(negation.get("plain", []))
    return {"pairs": pairs, **counted, "flips": sum(negation.get("flips", []))}


def cut_sentence(lengths: Columns) -> str:
    """Return how many texts of a table of lengths its cap cuts, in a sentence."""
    every, kept = sum(lengths.get("count", [])), sum(lengths.get("kept", []))
    if every == kept:
        return f"All {every:,} texts are read whole."
    cut = every - kept
    return f"{cut:,} of {every:,} texts ({cut / every:.0%}) are longer and are cut there."


def part_size(data: Columns, part: str) -> int:
    """Return how many texts a part of the first fold has: "train", "dev" or "test"."""
    rows = zip(data.get("part", []), data.get("count", []), strict=True)
    return sum(count for each, count in rows if each == part)


def shootout_rows(shootout: Columns) -> list[dict[str, Any]]:
    """Return the table of all models as one dict a model."""
    return [dict(zip(shootout, row, strict=True)) for row in zip(*shootout.values(), strict=True)]
