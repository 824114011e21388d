"""Text classifiers against what a user would write: packing, the bare loop; and one attribution.

Legend: B batch, T time, C classes.
"""

import random
import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence

from benchmarks.measure import Row, ratio_of_calls, ratio_of_streams
from benchmarks.training import CPU, rounds
from core.data.text_batch import TextInputs
from core.data.text_task import TextTask
from core.diagnostics.attribution import attribute
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_race import build_lab_classifier, build_text_pupils, neural_predictor
from core.labs.sentiment_texts import RaceTexts
from core.models.recurrent_classifier import RecurrentClassifier
from core.models.text_classifier import TextClassifier
from core.text.words import SPECIALS, WordVocabulary
from core.training.dials import Dials
from core.training.text_loop import train_texts

WORDS = 8000
CLOCK = time.process_time  # no bench here waits: what other work the machine does is left out
CONFIG = SentimentConfig(models=("lstm",), folds=1, epochs=1, device="cpu")


class PackedClassifier(TextClassifier):
    """The lab's LSTM as one writes it by the book: packed, and read at `h_n`."""

    def __init__(self, like: RecurrentClassifier) -> None:
        super().__init__(*like.embedding.weight.shape, dropout=0.0)
        self.embedding, self.head = like.embedding, like.head
        self.lstm = like.forwards[0]

    def read(self, features_BTE: Tensor, lengths_B: Tensor) -> Tensor:
        """Return the logits of embedded texts, (B, C)."""
        packed = pack_padded_sequence(
            features_BTE, lengths_B.cpu(), batch_first=True, enforce_sorted=False
        )
        _, (h_1BH, _) = self.lstm(packed)
        return self.head(h_1BH[-1])  # type: ignore[no-any-return]


def random_texts(count: int = 4000) -> RaceTexts:
    """Return texts of random words, as long as the sentences of MR are."""
    draw = random.Random(0)
    rows = [
        [draw.randrange(len(SPECIALS), WORDS) for _ in range(min(60, max(4, round(length))))]
        for length in (draw.gauss(21, 9) for _ in range(count))
    ]
    labels = [draw.randrange(2) for _ in rows]
    return RaceTexts(
        train_rows=rows,
        train_labels=labels,
        dev_rows=rows[:100],
        dev_labels=labels[:100],
        vocabulary_size=WORDS,
        classes=2,
        words=21,
        seed=0,
    )


def rows() -> Iterator[Row]:
    """Measure the gathered last state, the loop, and how long one attribution takes."""
    yield gathered_row(pairs=5)
    yield loop_row(pairs=3)
    yield attribution_row(calls=15)


def gathered_row(pairs: int) -> Row:
    """Training steps that gather the last state against the same steps with packing."""
    texts = random_texts()
    gathered = build_lab_classifier("lstm", CONFIG, texts)
    assert isinstance(gathered, RecurrentClassifier)
    packed = PackedClassifier(gathered)
    task = TextTask(texts.train_rows, texts.train_labels)
    batches = [batch.inputs for batch in islice(task.batches(CONFIG.batch_size, 0), 20)]
    _check_equal(gathered, packed, batches[0])
    ratio = ratio_of_calls(
        _training(packed, batches), _training(gathered, batches), pairs=pairs, clock=CLOCK
    )
    return Row(
        name="LSTM training: packed / gathered",
        kind="ratio",
        measured=ratio,
        unit="x time",
        sense="at least",
        limit=1.5,
    )


def _check_equal(one: TextClassifier, other: TextClassifier, inputs: TextInputs) -> None:
    one.eval()
    with torch.no_grad():
        apart = float((one(inputs) - other.eval()(inputs)).abs().max())
    one.train()
    if apart > 1e-5:
        raise AssertionError(f"the two ways to read a text are {apart:.1e} apart")


def _training(model: nn.Module, batches: list[TextInputs]) -> Callable[[], None]:
    def steps() -> None:
        for inputs in batches:
            model.zero_grad()
            logits_BC = model(inputs)
            labels_B = torch.zeros(len(logits_BC), dtype=torch.long)
            cross_entropy(logits_BC, labels_B).backward()  # type: ignore[no-untyped-call]

    return steps


def loop_row(pairs: int) -> Row:
    """The lab's training of one model against the same updates, written without a lab."""
    texts = random_texts()

    def ours() -> Iterator[object]:
        pupils = build_text_pupils(CONFIG, texts, CPU)
        return rounds(train_texts(pupils, device=CPU, dials=Dials(**CONFIG.dials())))

    def bare() -> Iterator[object]:
        model = build_lab_classifier("lstm", CONFIG, texts)
        optimizer = torch.optim.Adam(model.parameters(), CONFIG.learning_rate, fused=True)
        task = TextTask(texts.train_rows, texts.train_labels)
        dev = TextTask(texts.dev_rows, texts.dev_labels)
        for batch in islice(task.batches(CONFIG.batch_size, 0), task.steps(CONFIG.batch_size)):
            optimizer.zero_grad()
            cross_entropy(model(batch.inputs), batch.labels_B).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), CONFIG.clip)
            optimizer.step()
            yield batch
        with torch.no_grad():
            model.eval()
            yield [float(dev.loss(model(each.inputs), each)) for each in dev.in_order(256)]

    return Row(
        name="sentiment training / bare loop",
        kind="ratio",
        measured=ratio_of_streams(ours, bare, pairs=pairs, clock=CLOCK),
        unit="x time",
        sense="at most",
        limit=1.05,
    )


def attribution_row(calls: int) -> Row:
    """All three attributions of a sentence of 25 words by the default LSTM, in milliseconds."""
    vocabulary = WordVocabulary((*SPECIALS, *(f"w{i}" for i in range(WORDS - len(SPECIALS)))))
    model = build_lab_classifier("lstm", CONFIG, random_texts(200))
    predictor = neural_predictor(model, vocabulary, CONFIG, CPU)
    text = " ".join(f"w{7 * i}" for i in range(25))
    attribute(predictor, text, 1)
    taken = []
    for _ in range(calls):
        started = CLOCK()
        attribute(predictor, text, 1)
        taken.append(1e3 * (CLOCK() - started))
    return Row(
        name="attribution of one sentence",
        kind="value",
        measured=median(taken),
        unit="ms",
        sense="at most",
        limit=100,
    )
