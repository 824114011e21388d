"""Claims 12 and 14: what an answer costs in time. Each experiment takes a seed.

Legend: B batch, T time.
"""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from time import perf_counter

import torch

from core.claims.finding import Finding, decide
from core.claims.sentiment_training import ROWS, SMALL, Trained, trained
from core.claims.sentiment_tuning import ENCODER, tuned
from core.data.text_batch import TextInputs
from core.labs.sentiment_config import SentimentConfig
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes, matched_sizes, multiply_adds
from core.models.classifiers import find_classifier

BATCH = 32
PRETRAINED = "pretrained-top"
ENCODER_ROUNDS = 7

LENGTHS = (20, 100, 300)
"""Words of a text."""
ROUNDS = 15
CLASSES = 3
WORDS = 5000
WIDTH, UNITS, LARGE = 100, 128, 512
SLOWER = 2.0
"""Half of what the answer states: 20 ms against 5."""


def cnn_is_nearly_as_good_for_less(
    seed: int,
    *,
    models: tuple[str, str] = ("cnn", PRETRAINED),
    accuracy_share: float = 0.95,
    cost_share: float = 0.05,
    most_errors: float = 1.1,
    rows: int = ROWS,
    config: SentimentConfig = SMALL,
) -> Finding:
    """Claim 12: hold accuracy, errors and time of two models trained on the same texts together.

    A small pretrained encoder stands in for BERT, which costs about ten times as much. Who is
    nearly as good makes nearly as few errors: at most `most_errors` times as many.
    """
    cheap, dear = (_known(name, seed, rows, config) for name in models)
    texts = [each.text for each in dear.fold.test[:BATCH]]
    cheap_ms, dear_ms = alternating_medians(
        [partial(each.predictor.predict, texts) for each in (cheap, dear)], ENCODER_ROUNDS
    )
    accuracy, cost = cheap.accuracy / dear.accuracy, cheap_ms / dear_ms
    errors = (1 - cheap.accuracy) / (1 - dear.accuracy)
    passed = (accuracy >= accuracy_share, cost <= cost_share, errors <= most_errors)
    name = f"{ENCODER} in BERT's place" if dear.name == PRETRAINED else f"the {dear.label}"
    return Finding(
        verdict=decide(supported=sum(passed), refuted=len(passed) - sum(passed)),
        measured=f"{accuracy:.0%} of the accuracy with {errors:.2f} times the errors, at "
        f"{cost:.1%} of the time",
        threshold=f"at least {accuracy_share:.0%} of the accuracy, at most {most_errors} times the "
        f"errors and {cost_share:.0%} of the time at batch {BATCH}: all three support it, none "
        "refutes it",
        n=len(dear.fold.test),
        sentence=f"Trained on the same {rows:,} sentences the {cheap.label} has "
        f"{cheap.accuracy:.1%} right and {name} {dear.accuracy:.1%}: cheap it is, "
        f"{cheap_ms:.1f} ms a batch against {dear_ms:.0f}, but a share of the accuracy hides that "
        f"it errs {errors:.2f} times as often.",
    )


def _known(name: str, seed: int, rows: int, config: SentimentConfig) -> Trained:
    if name == PRETRAINED:
        return tuned(seed, rows)
    return trained(name, seed, rows=rows, config=config)


def cnn_is_four_times_as_fast(
    seed: int, *, units: int = UNITS, is_matched: bool = True, lengths: Sequence[int] = LENGTHS
) -> Finding:
    """Claim 14: time both in turns, the CNN with as many multiply-adds as the LSTM.

    Without `is_matched` the CNN keeps its usual size, whatever the LSTM's.
    """
    ratios = {words: _ratio(words, seed, units, is_matched=is_matched) for words in lengths}
    slower = sum(ratio >= SLOWER for ratio in ratios.values())
    told = ", ".join(f"{ratio:.2f} at {words} words" for words, ratio in ratios.items())
    large = _ratio(lengths[0], seed, LARGE, is_matched=False)
    threads = torch.get_num_threads()
    return Finding(
        verdict=decide(supported=slower, refuted=len(ratios) - slower),
        measured=f"LSTM / CNN time at batch {BATCH} = {told}",
        threshold=f"the LSTM takes at least {SLOWER:.0f} times as long, half of what is stated: at "
        "all lengths supports it, at none refutes it",
        n=len(ratios) * ROUNDS,
        sentence=f"With {'equal multiply-adds' if is_matched else 'these sizes'} on {threads} CPU "
        f"thread{'s' if threads > 1 else ''} the LSTM's time over the CNN's is {told} (medians of "
        f"{ROUNDS} turns). An LSTM of {LARGE} units takes {large:.0f} times that of a CNN of 3 x "
        "100 filters: times compare sizes unless the arithmetic is made equal. What a CNN has "
        "over an LSTM is that its steps need not wait for each other, on many cores or a GPU.",
    )


@torch.no_grad()
def _ratio(words: int, seed: int, units: int, *, is_matched: bool) -> float:
    """Return the LSTM's time over the CNN's for a batch of texts of so many words."""
    lstm, cnn = find_classifier("lstm"), find_classifier("cnn")
    sizes = ClassifierSizes(WIDTH, units)
    cnn_sizes = ClassifierSizes(WIDTH, round(UNITS * cnn.hidden))
    if is_matched:
        cost = partial(multiply_adds, words=words, classes=CLASSES)
        cnn_sizes = matched_sizes(
            cnn, width=WIDTH, target=cost(lstm, sizes), cost=lambda each: cost(cnn, each)
        )
    generator = torch.Generator().manual_seed(seed)
    words_BT = torch.randint(1, WORDS, (BATCH, words), generator=generator)
    inputs = TextInputs(words_BT, torch.full((BATCH,), words))
    models = [
        build_classifier(spec, each, vocabulary_size=WORDS, classes=CLASSES, seed=seed).eval()
        for spec, each in ((lstm, sizes), (cnn, cnn_sizes))
    ]
    lstm_ms, cnn_ms = alternating_medians([partial(model, inputs) for model in models], ROUNDS)
    return lstm_ms / cnn_ms


def alternating_medians(calls: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Return the median milliseconds of each call, after one call to warm up.

    The calls take turns, so that another load on the machine falls on all of them.
    """
    taken: list[list[float]] = []
    for _ in range(rounds + 1):
        taken.append([_milliseconds(call) for call in calls])
    return [median(each) for each in zip(*taken[1:], strict=True)]


def _milliseconds(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return (perf_counter() - started) * 1e3
