"""How a pretrained encoder learns to classify: a generator of steps. To cancel it, close it.

Legend: N texts, D width, C classes.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.device import fast_arithmetic
from core.errors import ConfigError
from core.models.lower_states import LowerStates
from core.models.pretrained_classifier import PretrainedClassifier
from core.models.sentence_encoder import READ_AT_ONCE

BATCH = 32
LEARNING_RATES = {"top": 6e-4, "full": 5e-5}
LEAST_UPDATES = 100
"""One epoch is enough, unless it has fewer updates: then there are as many epochs as reach them."""
WARM_UP = 0.1
CLIP = 1.0
STRENGTH = 10.0
"""Of the frozen encoder's head: C of a logistic regression, the inverse of its weight decay."""
_SORTED_AT_ONCE = 8 * BATCH


@dataclass(frozen=True, slots=True)
class TuningStep:
    """One batch is done: the `step`-th of `total`, with its `loss` in nats, a scalar tensor.

    While texts are only read there is no loss.
    """

    step: int
    total: int
    loss: Tensor | None = None


def fine_tune(
    classifier: PretrainedClassifier,
    texts: Sequence[str],
    labels: Sequence[int],
    *,
    seed: int,
    lower: LowerStates | None = None,
) -> Iterator[TuningStep]:
    """Train a classifier in place; between two steps it can predict.

    - "top", "full": AdamW, warmed up over a tenth of the updates, then down to 0, gradients
      clipped to a norm of 1, in bfloat16 where that is fast.
    - "frozen": the head alone, to the one optimum of a logistic regression on the mean states,
      scaled to length 1.

    The seed decides the order of the batches, and dropout: that comes from torch's global
    generator, which is left as it was, so nothing may draw from it in a thread beside. `lower`
    spares "top" and "frozen" the pass through the lower layers.

    Raises:
        ConfigError: there is no text.
    """
    if not texts:
        raise ConfigError("There is no text to learn from; give at least one of each class.")
    labels_N = torch.tensor(labels)
    if classifier.tuning == "frozen":
        return _fit_head(classifier, texts, labels_N, lower=lower)
    return _tune(classifier, texts, labels_N, seed=seed, lower=lower)


def _tune(
    classifier: PretrainedClassifier,
    texts: Sequence[str],
    labels_N: Tensor,
    *,
    seed: int,
    lower: LowerStates | None,
) -> Iterator[TuningStep]:
    rows = classifier.encoder.encode(texts)
    batches = _batches([len(row) for row in rows], seed)
    device = classifier.encoder.device
    weights = list(classifier.tuned().values())
    rate = LEARNING_RATES[classifier.tuning]
    optimizer = torch.optim.AdamW(weights, lr=rate, fused=device.type != "mps")
    for step, chosen in enumerate(batches):
        chance = _own_chance(seed * 1_000_003 + step, device)
        with classifier.training(), chance, fast_arithmetic(device):
            logits_BC = classifier.logits([rows[i] for i in chosen], lower=lower)
        loss = F.cross_entropy(logits_BC.float(), labels_N[chosen].to(device))
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(weights, CLIP)
        for group in optimizer.param_groups:
            group["lr"] = rate * rate_share(step, len(batches))
        optimizer.step()
        optimizer.zero_grad()
        yield TuningStep(step + 1, len(batches), loss.detach())


def rate_share(step: int, total: int) -> float:
    """Return the share of the learning rate at a step from 0: up to 1, then down to nearly 0."""
    warm = math.ceil(WARM_UP * total)
    return min((step + 1) / warm, (total - step) / (total - warm + 1))


def _batches(lengths: Sequence[int], seed: int) -> list[list[int]]:
    """Return which texts each update reads, in random order, of about equal lengths."""
    generator = torch.Generator().manual_seed(seed)
    of_an_epoch = math.ceil(len(lengths) / BATCH)
    batches: list[list[int]] = []
    for _ in range(math.ceil(LEAST_UPDATES / of_an_epoch)):
        order = torch.randperm(len(lengths), generator=generator).tolist()
        epoch = []
        for start in range(0, len(order), _SORTED_AT_ONCE):
            some = sorted(order[start : start + _SORTED_AT_ONCE], key=lambda i: lengths[i])
            epoch += [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
        shuffled = torch.randperm(len(epoch), generator=generator).tolist()
        batches += [epoch[i] for i in shuffled]
    return batches


@contextmanager
def _own_chance(seed: int, device: torch.device) -> Iterator[None]:
    """Draw from torch's global generator, and leave it as it was."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _fit_head(
    classifier: PretrainedClassifier,
    texts: Sequence[str],
    labels_N: Tensor,
    *,
    lower: LowerStates | None,
) -> Iterator[TuningStep]:
    rows = classifier.encoder.encode(texts)
    by_length = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    device = classifier.encoder.device
    features_ND = torch.empty(len(rows), classifier.encoder.width, dtype=torch.float64)
    total = math.ceil(len(rows) / READ_AT_ONCE) + 1
    for step in range(total - 1):
        chosen = by_length[step * READ_AT_ONCE : (step + 1) * READ_AT_ONCE]
        with torch.no_grad(), fast_arithmetic(device):
            summary_BD = classifier.summary([rows[i] for i in chosen], lower=lower)
        features_ND[chosen] = summary_BD.cpu().double()
        yield TuningStep(step + 1, total)
    loss = fit_logistic(classifier.head, features_ND, labels_N)
    yield TuningStep(total, total, loss)


def fit_logistic(head: nn.Linear, features_ND: Tensor, labels_N: Tensor) -> Tensor:
    """Set a head to the optimum of a multinomial logistic regression; return its loss in nats.

    Its weights, not its biases, are held small by L2 as scikit-learn's C = `STRENGTH` does.
    """
    weight_CD = torch.zeros(head.weight.shape, dtype=torch.float64, requires_grad=True)
    bias_C = torch.zeros(head.bias.shape, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weight_CD, bias_C], max_iter=1000, tolerance_grad=1e-6, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        return F.cross_entropy(features_ND @ weight_CD.T + bias_C, labels_N)

    def penalized() -> float:
        optimizer.zero_grad()
        total = loss() + weight_CD.square().sum() / (2 * STRENGTH * len(labels_N))
        total.backward()  # type: ignore[no-untyped-call]
        return float(total.detach())

    optimizer.step(penalized)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        head.weight.copy_(weight_CD)
        head.bias.copy_(bias_C)
        return loss()
