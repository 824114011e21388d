"""What the sentiment lab shows, in sentences with this run's numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial
from core.models.classifiers import find_classifier
from core.text.phrases import listed, percent, percent_between

Row = Mapping[str, Any]
FEW_TEXTS = 200


def describe_sentiment(
    config: SentimentConfig, rows: Sequence[Row], material: SentimentMaterial
) -> list[str]:
    """Return who leads, who is a tie with it, what the floor is, and what to beware of."""
    tested = [row for row in rows if row["accuracy"] is not None]
    if not tested:
        return list(material.notes)
    best = next(row for row in tested if row["difference_low"] is None)  # the others' is measured
    sentences = [_leader(best), *_ties(best, tested), *_worse(best, tested), *_floor(best, tested)]
    sentences += _as_written(best, tested)
    if best["n"] < FEW_TEXTS:
        width = 100 * (best["accuracy_high"] - best["accuracy_low"])
        more = ", or choose more folds" if config.test_source == "same" else " to test on"
        sentences.append(
            f"Only {best['n']:,} texts are tested: intervals are some {width:.0f} points wide, so "
            f"small differences say nothing. Bring more texts{more}."
        )
    if config.test_source != "same":
        sentences.append(
            "The texts tested are of another source than those trained on: what differs between "
            "the two counts as error too."
        )
    return [*sentences, *material.notes]


def _leader(best: Row) -> str:
    accuracy = percent_between(best["accuracy"], best["accuracy_low"], best["accuracy_high"])
    return (
        f"{best['label']} leads with {accuracy} on {best['n']:,} test texts: "
        f"{best['errors']:,} errors."
    )


def _ties(best: Row, tested: Sequence[Row]) -> list[str]:
    tied = [row["label"] for row in tested if row["tie"] and row is not best]
    if not tied:
        return []
    verb = "is a tie" if len(tied) == 1 else "are ties"
    return [f"{listed(tied)} {verb} with it: the difference may be chance."]


def _worse(best: Row, tested: Sequence[Row]) -> list[str]:
    rows = [row for row in tested if row["tie"] is False and row["model"] != "majority"]
    if not rows:
        return []
    rows.sort(key=lambda row: row["more_errors"])
    said = [f"{row['label']} {row['more_errors']:,}" for row in rows]
    return [f"More errors than {best['label']}, and not by chance: {listed(said)}."]


def _floor(best: Row, tested: Sequence[Row]) -> list[str]:
    floor = next((row for row in tested if row["model"] == "majority"), None)
    if floor is None or floor is best:
        return []
    return [f"Always answering the most frequent class is right {percent(floor['accuracy'])}."]


def _as_written(best: Row, tested: Sequence[Row]) -> list[str]:
    """Return that the code as written is no better than its floor, where it is not."""
    floor = next((row for row in tested if row["model"] == "majority"), None)
    if floor is None or floor is best:
        return []
    learned_nothing = [
        row["label"]
        for row in tested
        if _reads_padding(row["model"])
        and row["accuracy_low"] <= floor["accuracy"] < best["accuracy_low"]
    ]
    if not learned_nothing:
        return []
    verb = "is" if len(learned_nothing) == 1 else "are"
    return [
        f"{listed(learned_nothing)} {verb} not better than that: trained without a mask, it reads "
        "the padding. The padding lab below shows how little of the text is left."
    ]


def _reads_padding(model: str) -> bool:
    spec = find_classifier(model)
    return spec.naive and spec.family == "recurrent"
