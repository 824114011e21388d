"""The sentiment lab: classifiers learn the same labelled texts and are held against each other.

"Which architecture would you ship, on this text, and what would convince you?"
"""

import time
from collections.abc import Iterator
from typing import Any

from core.device import choose_device
from core.labs.sentiment_config import LATENCY_BATCHES, SentimentConfig
from core.labs.sentiment_contest import Contest
from core.labs.sentiment_material import build_sentiment_material
from core.labs.sentiment_race import check_sizes
from core.labs.sentiment_texts import usual_length
from core.labs.signature import signature
from core.training.dials import Dials
from core.training.events import Event, ResultEvent


def run(
    config: SentimentConfig, *, dials: Dials | None = None, text: str | None = None
) -> Iterator[Event]:
    """Run the lab; yield its events, the last a ResultEvent.

    Tables of no model: "data", "lengths" (see `core.labs.sentiment_material`), and "shootout",
    again whenever a number of it is known. Per model: those of `Scoreboard.tables` and of
    `core.labs.sentiment_probes.probe_model`, and "epochs" of neural ones (fold, epoch, update,
    train_loss, dev_loss, dev_accuracy, seconds). Series and weights are of the first fold.

    Raises:
        ConfigError, TextError, DataMissingError: the texts cannot be used or are not there,
            models cannot be made equally large, or none of them can be trained here.
    """
    device = choose_device(config.device)
    dials = dials or Dials(**config.dials())
    started = time.perf_counter()
    material = build_sentiment_material(config, text)
    words = usual_length(material, config.most_words)
    check_sizes(config, classes=len(material.classes), words=words)
    contest = Contest(config, material, device, dials)
    yield from contest.opening()
    for at in range(config.folds):
        yield from contest.run_fold(at)
    yield from contest.run_pretrained()
    yield from contest.examine()
    yield from contest.checkpoints()
    yield ResultEvent(
        signature=signature(
            "sentiment", config, device=device, source=material.citation, turned=dials.history
        ),
        device=device.type,
        seconds=time.perf_counter() - started,
        results=[_result(row) for row in contest.board.results()],
    )


def _result(row: dict[str, Any]) -> dict[str, Any]:
    """Return a model's row as the command line tells it."""
    left_out = {f"{p}_{batch}" for p in ("p50", "p95") for batch in LATENCY_BATCHES} | {"model"}
    latency = {str(b): [row[f"p50_{b}"], row[f"p95_{b}"]] for b in LATENCY_BATCHES}
    named = {"name": row["model"]} | {k: v for k, v in row.items() if k not in left_out}
    return named | {"latency_ms": latency}
