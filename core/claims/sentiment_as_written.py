"""Claims 6-8: the code that answers write down, run. Each experiment takes a seed.

Legend: B batch, T time, H hidden width.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.claims.finding import Finding, decide
from core.claims.sentiment_training import SMALL, trained_at_once
from core.data.reviews import load_reviews
from core.diagnostics.padding import padding_lab_columns
from core.labs.sentiment_config import SentimentConfig
from core.metrics.ranking import compare_accuracy

STACKS = ((1, False), (2, False), (1, True), (2, True))
"""Layers of an LSTM, and whether it reads in both directions."""
TEXTS, WORDS, WIDTH, HIDDEN = 4, 7, 16, 32

SAME_STATE = 0.5
"""A cosine below which a state is another one."""
ROWS = 2560
BRIEF = replace(SMALL, epochs=5)
"""Enough to tell a model that learns from one that learns nothing."""

SENTENCES = 1000
VOCABULARY = 5000
KERNEL = 5
CNN_SNIPPET = """
class SentimentCNN(nn.Module):
    def __init__(self, vocab_size, embed_dim):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.convs = nn.ModuleList([
            nn.Conv1d(embed_dim, 100, kernel_size=k)
            for k in [3, 4, 5]
        ])
        self.fc = nn.Linear(300, 3)

    def forward(self, x):
        embed = self.embedding(x).permute(0, 2, 1)
        conved = [F.relu(conv(embed)) for conv in self.convs]
        pooled = [F.max_pool1d(c, c.shape[2]).squeeze(2) for c in conved]
        cat = torch.cat(pooled, dim=1)
        return self.fc(cat)
"""
"""As it stands in the answer, after `import torch` and `from torch import nn`."""


def squeezed_state_is_the_last(
    seed: int, *, stacks: Sequence[tuple[int, bool]] = STACKS
) -> Finding:
    """Claim 6: hold `h_n.squeeze(0)` against the last state of each direction of the top layer."""
    torch.manual_seed(seed)
    found = [_squeezed(*stack) for stack in stacks]
    right = sum(squeezed.shape == last.shape and squeezed.equal(last) for squeezed, last in found)
    shapes = [f"{tuple(squeezed.shape)} for {tuple(last.shape)}" for squeezed, last in found]
    return Finding(
        verdict=decide(supported=right, refuted=len(found) - right),
        measured=f"right in {right} of {len(found)} LSTMs; shapes {', '.join(shapes)}",
        threshold="the top layer's state at the end of each direction, one row a text: in every "
        "LSTM supports it, in none refutes it",
        n=len(found),
        sentence=f"It is the last state in {right} of {len(found)} LSTMs of one or two layers and "
        "directions: h_n has a row for each of them, and where there is more than one squeeze(0) "
        "takes nothing away. A linear layer accepts that and answers every text several times. "
        "Take h_n[-1], or h_n[-2] and h_n[-1] side by side for two directions.",
    )


@torch.no_grad()
def _squeezed(layers: int, bidirectional: bool) -> tuple[Tensor, Tensor]:
    """Return `h_n.squeeze(0)` and the true last state, (B, H) or (B, 2H)."""
    lstm = nn.LSTM(WIDTH, HIDDEN, layers, batch_first=True, bidirectional=bidirectional)
    states_BTH, (h_n, _) = lstm(torch.randn(TEXTS, WORDS, WIDTH))
    last_BH = states_BTH[:, -1, :HIDDEN]
    if bidirectional:
        last_BH = torch.cat([last_BH, states_BTH[:, 0, HIDDEN:]], 1)
    return h_n.squeeze(0), last_BH


def final_state_is_read(
    seed: int,
    *,
    pads: int = 5,
    written: str = "lstm-naive",
    rows: int = ROWS,
    config: SentimentConfig = BRIEF,
) -> Finding:
    """Claim 7: train an LSTM on the state after the padding, and see how far that is from the end.

    `written` is the catalogue's model that stands for the answer's code.
    """
    mended, as_written = trained_at_once([("lstm", rows), (written, rows)], seed, config)
    tested = mended.fold.test
    read = padding_lab_columns(
        as_written.neural,
        [each.text for each in tested],
        [each.label for each in tested],
        pads=[pads],
    )
    cosine = float(read["cosine"][read["reading"].index("as written")])
    lost = compare_accuracy(mended.right_N, as_written.right_N)
    passed = (cosine >= SAME_STATE, lost.is_tie or as_written.accuracy > mended.accuracy)
    return Finding(
        verdict=decide(supported=sum(passed), refuted=len(passed) - sum(passed)),
        measured=f"cosine {cosine:.2f} to the state after the last word behind {pads} pads; "
        f"trained with padding to {config.pad_to} words {as_written.accuracy:.1%} right, mended "
        f"{mended.accuracy:.1%}",
        threshold=f"a cosine of {SAME_STATE} and an accuracy not below the mended one's: both "
        "support it, neither refutes it",
        n=len(tested),
        sentence=f"h_n is the state after the padding: {pads} pads leave a cosine of {cosine:.2f} "
        f"to the one after the last word. Trained on {rows:,} sentences as written the model has "
        f"{as_written.accuracy:.0%} right where guessing has 50%; the mended one, read at "
        f"each text's own end, {mended.accuracy:.0%}. pack_padded_sequence mends it, or gathering "
        "the states at the lengths.",
    )


def cnn_runs_on_any_review(seed: int, *, imports_f: bool = False, shortest: int = 1) -> Finding:
    """Claim 8: run the answer's CNN on film sentences one by one, as it is and with `F` imported.

    `imports_f` mends the import before it is judged; sentences under `shortest` are left out.
    """
    torch.manual_seed(seed)
    lengths = [len(each.words) for each in load_reviews("rotten_tomatoes").examples]
    drawn = random.Random(seed).sample([n for n in lengths if n >= shortest], SENTENCES)
    as_it_is, with_f = (_written_cnn(has_f=has_f) for has_f in (imports_f, True))
    causes, mended = ([_failure(model, n) for n in drawn] for model in (as_it_is, with_f))
    ran, ran_mended = causes.count(None), mended.count(None)
    cause = next((cause for cause in causes if cause), "no error")
    short = sum(length < KERNEL for length in drawn)
    return Finding(
        verdict=decide(supported=ran == len(drawn), refuted=ran < len(drawn)),
        measured=f"{ran} of {len(drawn)} sentences run as it is ({cause}), {ran_mended} once F is "
        f"imported; {short} have under {KERNEL} words",
        threshold="every sentence runs: supports it; one does not: refutes it",
        n=len(drawn),
        sentence=f"As it is the CNN answers {ran} of {len(drawn)} film sentences. With F imported "
        f"it answers {ran_mended}: in fewer than {KERNEL} words the widest kernel finds no window "
        "and Conv1d raises RuntimeError. Pad every text to the widest kernel.",
    )


def _written_cnn(*, has_f: bool) -> nn.Module:
    """Return the model of the snippet, run with the names that the answer imports."""
    names: dict[str, Any] = {"torch": torch, "nn": nn} | ({"F": F} if has_f else {})
    exec(CNN_SNIPPET, names)
    model: nn.Module = names["SentimentCNN"](VOCABULARY, WIDTH)
    return model


@torch.no_grad()
def _failure(model: nn.Module, words: int) -> str | None:
    """Return the name of the error that a text of so many words raises, None if it runs."""
    try:
        model(torch.randint(VOCABULARY, (1, words)))
    except (NameError, RuntimeError) as error:
        return type(error).__name__
    return None
