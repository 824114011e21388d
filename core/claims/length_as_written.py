"""Claims 20 and 21: the class that an answer offers for production, run as it stands there.

Legend: B batch, T time, O output width, C classes.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from core.claims.finding import Finding, decide
from core.claims.length_training import (
    COUNT,
    CPU,
    LEAST_DIFFERENCE,
    LONG,
    Lesson,
    another,
    compare,
    effect,
    rights,
    told,
    trained_recurrent,
)
from core.data.length_task import EVALUATION_SEED
from core.diagnostics.peak_memory import MEGABYTE, peak_bytes
from core.models.chunked_reading import READINGS, RobustLSTM

WORDS, WIDTH, HIDDEN, CLASSES = 50, 8, 16, 3
SIZES = ((50,), (LONG,), (4, LONG), (150, 20))
"""Words of a single text, or texts and words of a batch."""


def carried_chunks_mend_accuracy(
    seed: int, *, reading: str = "robust-mended", before: str = "none", lesson: Lesson = COUNT
) -> Finding:
    """Claim 20: read long sequences as answered and as they are read `before`, and compare."""
    lesson = another(lesson, seed)
    model = trained_recurrent(lesson)
    ours, theirs = (READINGS[name](model, lesson.longest, 0) for name in (reading, before))
    found = compare(ours, theirs, lesson, LONG)
    task = lesson.build_task()
    batch = task.draw(LONG, 256, torch.Generator().manual_seed(EVALUATION_SEED))
    with torch.no_grad():
        apart = float((ours(batch.inputs) - theirs(batch.inputs)).abs().max())
        peaks = [peak_bytes(lambda each=each: each(batch.inputs), CPU) for each in (theirs, ours)]  # type: ignore[misc]
    whole, chunked = (f"{(each or 0) / MEGABYTE:.0f}" for each in peaks)
    equal = "equal to the last digit" if apart == 0 else f"at most {apart:.1e} apart"
    right = [float(rights(each, lesson, LONG).mean()) for each in (theirs, ours)]
    helps = effect(found) == "helps"
    return Finding(
        verdict=decide(supported=helps, refuted=not helps),
        measured=f"right at {LONG} steps {right[0]:.2f} before, {right[1]:.2f} with it, difference "
        f"{told(found)}; outputs {equal}; peak {whole} and {chunked} MB",
        threshold=f"{LEAST_DIFFERENCE:.0%} more right answers and an interval above 0 supports it, "
        "anything else refutes it",
        n=found.n,
        sentence=f"Chunks of {lesson.longest} steps with the state carried have {right[1]:.0%} "
        f"right at {LONG} steps, as it was read before {right[0]:.0%}; the outputs are {equal}. "
        + (
            "Carrying the state is what helps."
            if helps
            else "A recurrent pass is such a loop: what chunks change is the memory, "
            f"{chunked} MB at the peak where one pass takes {whole}. And detaching does nothing "
            "where no_grad keeps no graph."
        ),
    )


class SentimentRNN(nn.Module):
    """The answer's own classifier: it takes the words of texts and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, WIDTH)
        self.lstm = nn.LSTM(WIDTH, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x: Tensor) -> Any:
        """Return the logits of each text, (B, C), of a single one (C,)."""
        _, (h_n, _) = self.lstm(self.embedding(x))
        return self.fc(h_n.squeeze(0))


class StatefulRNN(SentimentRNN):
    """The same, made to accept a state and to return it, as the answer's class wants it."""

    def forward(self, x: Tensor, hidden: Any = None) -> Any:
        """Return the logits of each text, and the state."""
        _, (h_n, c_n) = self.lstm(self.embedding(x), hidden)
        return self.fc(h_n.squeeze(0)), (h_n, c_n)


def class_answers_any_length(
    seed: int,
    *,
    models: Sequence[type[SentimentRNN]] = (SentimentRNN, StatefulRNN),
    sizes: Sequence[tuple[int, ...]] = SIZES,
    robust: Callable[[SentimentRNN], Any] = RobustLSTM,
) -> Finding:
    """Claim 21: hand texts of several sizes to the class, around a model with a state and without.

    Right is what the classifier says of each whole text. `robust` wraps a model so that it has
    the class's `predict`.
    """
    torch.manual_seed(seed)
    found: dict[str, list[str]] = {}
    for build in models:
        model = build().eval()
        for size in sizes:
            words = torch.randint(WORDS, size)
            what = _returned(robust(model), model, words)
            found.setdefault(what, []).append(f"{' x '.join(map(str, size))}")
    runs = len(models) * len(sizes)
    right = len(found.get("right", ()))
    told_each = "; ".join(f"{what}: {', '.join(where)}" for what, where in found.items())
    return Finding(
        verdict=decide(supported=right == runs, refuted=right < runs),
        measured=f"right in {right} of {runs} runs; by words, or texts x words, {told_each}",
        threshold="the logits of every whole text, in every run: supports it; else refuted",
        n=runs,
        sentence=f"The class gives the classifier's answers in {right} of {runs} runs."
        + (
            ""
            if right == runs
            else " The classifier of the same answers takes no state, so a long text raises "
            "TypeError; made to take one, it returns a pair for a short text and logits for a "
            "long one; and in a batch the class cuts texts apart, not words: many short ones "
            "fail, a few long ones are never cut. Carry the state along the axis of time, and "
            "return one kind of answer."
        ),
    )


@torch.no_grad()
def _returned(robust: Any, model: SentimentRNN, words: Tensor) -> str:
    """Return what the class makes of texts: "right", what else it returned, or an error's name."""
    whole = SentimentRNN.forward(model, words)
    try:
        returned = robust.predict(words)
    except (TypeError, RuntimeError) as error:
        return type(error).__name__
    if not isinstance(returned, Tensor):
        return f"a {type(returned).__name__}"
    is_right = returned.shape == whole.shape and torch.allclose(returned, whole, atol=1e-5)
    return "right" if is_right else "other logits"
