"""Rows of a shoot-out table, written by hand."""

from core.models.classifiers import find_classifier

COSTS = {"p50_1": 0.2, "megabytes": 4.0, "train_seconds": 10.0}


def waiting(model, **fields):
    names = (
        *("accuracy", "accuracy_low", "accuracy_high", "errors", "more_errors", "tie"),
        *("difference", "difference_low", "difference_high", *COSTS),
    )
    row = dict.fromkeys(names)
    return {"model": model, "label": find_classifier(model).label, "n": 0, **row, **fields}


def scored(model, accuracy, *, best=False, tie=False, more_errors=0, n=1000, **costs):
    """Return the row of a model that was tested on `n` texts."""
    return waiting(
        model,
        n=n,
        accuracy=accuracy,
        accuracy_low=accuracy - 0.02,
        accuracy_high=accuracy + 0.02,
        errors=round(n * (1 - accuracy)),
        more_errors=more_errors,
        tie=tie or best,
        difference=-more_errors / n,
        difference_low=None if best else -more_errors / n - 0.02,
        difference_high=None if best else -more_errors / n + 0.02,
        **{**COSTS, **costs},
    )
