"""The LSTMs that the serving claims time. Nothing is trained: weights do not change what it takes.

Legend: B batch, T time.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import torch
from torch import Tensor

from core.labs.serving_config import SIZES
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes
from core.models.classifiers import find_classifier
from core.models.text_classifier import TextClassifier
from core.serving.batch_times import ServiceTimes
from core.serving.service_times import measure_service
from core.serving.variants import torch_model
from core.text.words import SPECIALS

WORDS = 100
VOCABULARY = 5000
CLASSES = 2
TIMED = (1, 2, 4, 8, 16, 32)
CALLS = 15
MOST_SECONDS = 0.5
"""Of one batch size."""


@lru_cache(maxsize=4)
def lstm_of(size: str, seed: int) -> TextClassifier:
    """Return the serving lab's LSTM of the size S, M or L with random weights, ready to answer."""
    width, hidden, layers = SIZES[size]
    return build_classifier(
        find_classifier("lstm"),
        ClassifierSizes(width, hidden),
        vocabulary_size=VOCABULARY,
        classes=CLASSES,
        layers=layers,
        seed=seed,
    ).eval()


def random_ids(batch: int, words: int, seed: int) -> Tensor:
    """Return ids of words at random, (B, T)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(len(SPECIALS), VOCABULARY, (batch, words), generator=generator)


def time_batches(size: str, seed: int, batches: Sequence[int] = TIMED) -> ServiceTimes:
    """Return what batches of requests of `WORDS` words take of the CPU's time."""
    answer = torch_model(lstm_of(size, seed)).answer
    taken = {
        batch: measure_service(
            answer, random_ids(batch, WORDS, seed), calls=CALLS, most_seconds=MOST_SECONDS
        ).cpu_ms.tolist()
        for batch in batches
    }
    return ServiceTimes.measured(taken)


def median_ms(call: Callable[[], object]) -> float:
    """Return the median milliseconds of the CPU that `call` takes, warm."""
    waiting = torch.empty(1, 1)
    timed = measure_service(
        lambda _: call(), waiting, calls=CALLS, warm_up=1, most_seconds=MOST_SECONDS
    )
    return timed.quantile(0.5, "cpu")
