"""Claims 38-41: what is said to make a request cheaper. Each experiment takes a seed.

Legend: B batch, T time, E embedding width, H hidden width.
"""

import random
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import nn

from core.claims.finding import Finding, decide
from core.claims.serving_times import (
    CALLS,
    VOCABULARY,
    WORDS,
    lstm_of,
    median_ms,
    random_ids,
    time_batches,
)
from core.data.reviews import load_reviews
from core.data.text_batch import TextInputs, make_text_inputs
from core.errors import RunError
from core.labs.serving_config import SIZES
from core.serving.batch_times import ServiceTimes
from core.serving.queueing import Policy, capacity, simulate
from core.serving.service_times import Race, race_service
from core.serving.variants import NotMade, ShrunkModel, convert, torch_model
from core.serving.variants_catalogue import find_variant
from core.text.phrases import listed, short_number
from core.text.words import SPECIALS

RATE, STATED_MS = 1000, 50.0
"""Of the challenge: requests a second, and what one of them takes."""
BATCH = 32
LOADS = (0.3, 0.5, 0.8)
"""Of what a replica can answer one request at a time."""
FOREVER_MS = 60_000.0
REQUESTS = 20_000

INT8 = ("torch-int8", "ort-int8")
COMPARED = (1, 8, 32)
SMALLER, FASTER = 3.5, 2.0
"""What is called four times smaller, and two to three times faster."""
SECONDS_A_RACE = 0.35

TEXTS = 256
SAVED = 1.25
"""As many times less time counts as a saving."""


def batches_of_32_cure_latency(
    seed: int,
    *,
    batch: int = BATCH,
    loads: Sequence[float] = LOADS,
    service: ServiceTimes | None = None,
) -> Finding:
    """Claim 38: collect full batches, at rates that a replica without batches can serve too.

    `service` is measured of the lab's medium LSTM unless it is given.
    """
    times = service or time_batches("M", seed)
    single, full = Policy(), Policy(max_batch=batch, max_wait_ms=FOREVER_MS)
    medians = []
    for load in loads:
        rate = load * capacity(single, times)
        medians.append([_median(rate, each, times, seed) for each in (single, full)])
    shorter = sum(filled < alone for alone, filled in medians)
    told = ", ".join(
        f"{alone:.1f} alone and {filled:.1f} in full batches at {load:.0%} load"
        for load, (alone, filled) in zip(loads, medians, strict=True)
    )
    gain = capacity(full, times) / capacity(single, times)
    queued = Policy(max_batch=batch)
    at_once = [_median(RATE, each, times, seed) for each in (queued, full)]
    return Finding(
        verdict=decide(supported=shorter, refuted=len(loads) - shorter),
        measured=f"median ms {told}",
        threshold=f"a shorter median with full batches of {batch}: at all loads supports it, at "
        "none refutes it",
        n=REQUESTS * len(loads),
        sentence=f"A batch of {batch} answers {gain:.1f} times as many requests a second, which is "
        f"throughput. Waiting until it is full costs time: at {RATE:,} a second {batch} requests "
        f"take {1e3 * batch / RATE:.0f} ms to come, and the median answer takes {at_once[1]:.1f} "
        f"ms; a replica that takes what is queued, at most {batch}, answers in {at_once[0]:.1f}. "
        f"And {STATED_MS:.0f} ms at {RATE:,} a second are {RATE * STATED_MS / 1e3:.0f} requests "
        "under way at any moment (Little's law), so as many replicas of one request each are busy "
        "without a pause.",
    )


def _median(rate: float, policy: Policy, service: ServiceTimes, seed: int) -> float:
    return simulate(rate, policy, service, requests=REQUESTS, seed=seed).p50


def int8_is_four_times_smaller_and_twice_as_fast(
    seed: int,
    *,
    variants: Sequence[str] = INT8,
    sizes: Sequence[str] = ("S", "M"),
    batches: Sequence[int] = COMPARED,
    smaller: float = SMALLER,
    faster: float = FASTER,
) -> Finding:
    """Claim 39: convert LSTMs, and let each answer in turns with the one that it was made of."""
    held, told, speeds, made = 0, [], [], 0
    for size in sizes:
        served = torch_model(lstm_of(size, seed))
        for name in variants:
            shrunk = convert(name, lstm_of(size, seed))
            if isinstance(shrunk, NotMade):
                continue
            ratio = served.megabytes / shrunk.megabytes
            found = [_race(served, shrunk, batch, seed).speedup for batch in batches]
            held += sum(ratio >= smaller and speed >= faster for speed in found)
            made += len(found)
            speeds += found
            said = ", ".join(f"{speed:.2g}" for speed in found)
            told.append(
                f"{size} {find_variant(name).label}: {ratio:.1f} times smaller, speed {said}"
            )
    if not made:
        raise RunError("Neither PyTorch nor ONNX Runtime makes 8-bit models here.")
    at = listed([str(batch) for batch in batches])
    return Finding(
        verdict=decide(supported=held, refuted=made - held),
        measured="; ".join(told),
        threshold=f"at least {smaller:g} times smaller and {faster:g} times as fast at batch {at}: "
        "in every case supports it, in none refutes it",
        n=made * CALLS,
        sentence=f"It holds in {held} of {made} cases: LSTMs of {_units(sizes)} units were between "
        f"{min(speeds):.2g} and {max(speeds):.2g} times as fast with 8-bit weights as without. It "
        "depends on the runtime: one that keeps the embedding as it is makes a small model hardly "
        "smaller, and turning every state into 8 bits and back takes longer than a small product "
        "saves. Measure it with your model and your batch. PyTorch's own conversion is deprecated "
        "besides.",
    )


def _race(served: ShrunkModel, shrunk: ShrunkModel, batch: int, seed: int) -> Race:
    asked = random_ids(batch, WORDS, seed)
    return race_service(
        served.answer,
        shrunk.answer,
        asked,
        calls=CALLS,
        clock="cpu",
        most_seconds=SECONDS_A_RACE,
    )


def _units(sizes: Sequence[str]) -> str:
    return listed([f"{SIZES[size][1]:,}" for size in sizes])


def steps_in_sequence_take_the_time(
    seed: int, *, sizes: Sequence[str] = tuple(SIZES), stated_ms: float = STATED_MS
) -> Finding:
    """Claim 40: time requests of 100 words, and the same products with all words at once."""
    taken = {size: median_ms(_one_request(size, seed)) for size in sizes}
    as_stated = sum(ms >= stated_ms for ms in taken.values())
    told = ", ".join(f"{size} {short_number(ms)}" for size, ms in taken.items())
    times = listed([short_number(ms) for ms in taken.values()])
    first = sizes[0]
    at_once = median_ms(_products_at_once(first))
    looped = median_ms(_python_loop(first))
    return Finding(
        verdict=decide(supported=as_stated, refuted=len(taken) - as_stated),
        measured=f"CPU ms for one request of {WORDS} words: {told}",
        threshold=f"at least {stated_ms:g} ms, as is stated: for every size supports it, for none "
        "refutes it",
        n=len(taken) * CALLS,
        sentence=f"LSTMs of {_units(sizes)} units need {times} ms for {WORDS} words, one after the "
        f"other. Of the smallest's {short_number(taken[first])} ms its products would take "
        f"{short_number(at_once)} with all words at once, so the sequence costs something; as a "
        f"Python loop over single steps it takes {short_number(looped)} ms. {STATED_MS:.0f} ms "
        "has other causes too: a step loop, threads that wait for each other, the tokenizer, a "
        "queue. Profile before a remedy is chosen.",
    )


def _one_request(size: str, seed: int) -> Callable[[], object]:
    return partial(torch_model(lstm_of(size, seed)).answer, random_ids(1, WORDS, seed))


def _products_at_once(size: str) -> Callable[[], object]:
    """Return all multiplications of an LSTM's reading as one product a layer."""
    width, hidden, layers = SIZES[size]
    inputs = [width, *[hidden] * (layers - 1)]
    pairs = [
        (torch.randn(WORDS, each + hidden), torch.randn(each + hidden, 4 * hidden))
        for each in inputs
    ]
    return lambda: [left @ right for left, right in pairs]


def _python_loop(size: str) -> Callable[[], object]:
    """Return the reading of a text with a call of Python for every word and layer."""
    width, hidden, layers = SIZES[size]
    cells = [nn.LSTMCell(width if at == 0 else hidden, hidden) for at in range(layers)]
    words_TBE = torch.randn(WORDS, 1, width)

    @torch.inference_mode()
    def read() -> object:
        states = [(torch.zeros(1, hidden), torch.zeros(1, hidden)) for _ in cells]
        for word_BE in words_TBE:
            above = word_BE
            for at, cell in enumerate(cells):
                states[at] = cell(above, states[at])
                above = states[at][0]
        return above

    return read


def four_remedies_are_all(
    seed: int,
    *,
    lengths: Sequence[int] = (),
    new_words: int = 1,
    load: float = 0.8,
    size: str = "S",
) -> Finding:
    """Claim 41: what remedies save that are not named, all with the same weights.

    Texts of like length share a batch, as long as film sentences unless `lengths` are given; a
    text that grows by `new_words` is read on from its state;
    a second replica stands beside one of this `load`.
    """
    saved = {
        "batches of like lengths": _sorted_batches(size, lengths, seed),
        "reading on from the last state": _reading_on(size, new_words, seed),
        "a second replica (99th percentile)": _second_replica(size, load, seed),
    }
    large = sum(each >= SAVED for each in saved.values())
    told = ", ".join(f"{name} {factor:.1f}" for name, factor in saved.items())
    return Finding(
        verdict=decide(supported=len(saved) - large, refuted=large),
        measured=f"times less time: {told}",
        threshold=f"at least {SAVED:g} times less time: with none of them supports it, with all "
        "refutes it",
        n=len(saved) * CALLS,
        sentence=f"Without a smaller or another model, time shrinks by these factors: {told}. A "
        "median says nothing of the slowest requests either, nor does a cold one of warm ones: say "
        "p50 and p99, batch, length, threads and load with every latency, and look at lengths, "
        "states, repeated requests and the queue before the model is changed.",
    )


def _sorted_batches(size: str, lengths: Sequence[int], seed: int) -> float:
    """Return how much less time texts take when those of like length share a batch."""
    drawn = random.Random(seed)
    if not lengths:
        sentences = load_reviews("rotten_tomatoes").examples
        lengths = [max(1, len(each.words)) for each in drawn.sample(sentences, TEXTS)]
    rows = [[drawn.randrange(len(SPECIALS), VOCABULARY) for _ in range(n)] for n in lengths]
    mixed, alike = (
        [make_text_inputs(order[at : at + BATCH]) for at in range(0, len(order), BATCH)]
        for order in (rows, sorted(rows, key=len))
    )
    return _times_less(*(partial(_read_all, lstm_of(size, seed), each) for each in (mixed, alike)))


@torch.inference_mode()
def _read_all(model: nn.Module, batches: Sequence[TextInputs]) -> None:
    for inputs in batches:
        model(inputs)


def _reading_on(size: str, new_words: int, seed: int) -> float:
    """Return how much less time a grown text takes from its last state than from its beginning."""
    width, hidden, layers = SIZES[size]
    torch.manual_seed(seed)
    lstm = nn.LSTM(width, hidden, layers)
    words_TBE = torch.randn(WORDS, 1, width)
    with torch.inference_mode():
        _, state = lstm(words_TBE[: WORDS - new_words]) if new_words < WORDS else (None, None)

    @torch.inference_mode()
    def whole() -> object:
        return lstm(words_TBE)

    @torch.inference_mode()
    def rest() -> object:
        return lstm(words_TBE[WORDS - new_words :], state)

    return _times_less(whole, rest)


def _second_replica(size: str, load: float, seed: int) -> float:
    """Return how much sooner 99 % of the requests are answered with one replica more."""
    service = time_batches(size, seed, (1,))
    rate = load * capacity(Policy(), service)
    one, two = (
        simulate(rate, Policy(replicas=n), service, requests=REQUESTS, seed=seed).p99
        for n in (1, 2)
    )
    return one / two


def _times_less(first: Callable[[], object], second: Callable[[], object]) -> float:
    race = race_service(
        lambda _: first(),
        lambda _: second(),
        torch.empty(1, 1),
        calls=CALLS,
        clock="cpu",
        most_seconds=2 * SECONDS_A_RACE,
    )
    return race.speedup
