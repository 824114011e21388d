"""Something to serve whose answers take no time worth telling: tests of what is done with them."""

import torch

from core.labs.served import Served
from core.labs.serving_config import BATCHES, LENGTHS

SETTINGS = {"calls": 5, "requests": 1000, "replayed": 100, "words": 10}


def steady_model(answer=len, **fields):
    """Return a model that answers ids (B, T) with `answer`."""
    given = {
        "label": "Steady",
        "citation": "",
        "answer": answer,
        "request": lambda batch, words: torch.ones(batch, words, dtype=torch.long),
        "megabytes": 1.0,
        "words": SETTINGS["words"],
        "batches": BATCHES,
        "lengths": LENGTHS,
    }
    return Served(**{**given, **fields})
