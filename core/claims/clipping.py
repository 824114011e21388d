"""Claims 26-30: what clipping does and does not do. Each experiment takes a seed."""

import math
from collections.abc import Callable, Mapping
from statistics import median

import torch
from torch import Tensor, nn

from core.claims.finding import Finding, Verdict, decide
from core.data.batch import Batch, SequenceTask
from core.labs.clipping import CLIPPED, UNCLIPPED, build_twins, percentile_columns, train_twins
from core.labs.config import ClippingConfig
from core.labs.prepare import prepare_clipping
from core.labs.tally import SeriesTally
from core.labs.words import power_of_ten
from core.training.choices import ClipRule, Optimizer
from core.training.clipping import Clipper
from core.training.dials import Dials
from core.training.learner import Learner, build_optimizer

CPU = torch.device("cpu")
SEEDS = 3
UPDATES = 100
RECURRENT = ("irnn", "rnn", "lstm")
TRANSFORMER = "transformer"


def return_value_is_the_norm_after(
    seed: int, *, clip: Callable[..., Tensor] = nn.utils.clip_grad_norm_
) -> Finding:
    """Claim 26: train with the notes' monitor as written, and with the return value understood."""
    task, twins = _material(ClippingConfig(seed=seed))
    learner = twins[1]
    generator = torch.Generator().manual_seed(seed)
    as_written = corrected = 0
    for _ in range(UPDATES):
        batch = task.batch(16, generator)
        learner.optimizer.zero_grad()
        task.loss(learner.model(batch.inputs), batch).backward()  # type: ignore[no-untyped-call]
        before = math.sqrt(sum(float(_gradient(p).norm(2)) ** 2 for p in learner.parameters))
        returned = float(clip(learner.parameters, max_norm=1.0))
        after = min(returned, 1.0)
        as_written += returned < before * 0.5
        corrected += after < before * 0.5
        learner.optimizer.step()
    verdict: Verdict = "depends"  # nothing was shortened: no monitor could fire
    if corrected:
        verdict = "supported" if as_written else "refuted"
    return Finding(
        verdict=verdict,
        measured=f"as written it fires {as_written} times, corrected {corrected} times",
        threshold="fires whenever the norm was more than halved",
        n=UPDATES,
        sentence=f"In {corrected} of {UPDATES} updates clipping more than halved the gradient; the "
        f"monitor as written reported {as_written}"
        + (", because the function returns the norm before." if corrected != as_written else "."),
    )


def architecture_decides(seed: int, *, learning_rate: float = 0.2) -> Finding:
    """Claim 27: train four models without clipping, all with SGD, and see which diverge."""
    diverged = dict.fromkeys((*RECURRENT, TRANSFORMER), 0)
    for model in diverged:
        for each in range(seed, seed + SEEDS):
            config = ClippingConfig(model=model, learning_rate=learning_rate, updates=60, seed=each)
            diverged[model] += _train(config).first_mark(UNCLIPPED, "diverged") is not None
    counts = ", ".join(f"{model} {count}" for model, count in diverged.items())
    verdict = judge_need(diverged)
    return Finding(
        verdict=verdict,
        measured=f"diverged without clipping, of {SEEDS} seeds each: {counts}",
        threshold="all recurrent models diverge and the Transformer does not supports it, no "
        "recurrent model diverges refutes it",
        n=SEEDS * len(diverged),
        sentence={
            "supported": "Here every recurrent model diverges without clipping, and the "
            "Transformer does not.",
            "refuted": "Here no recurrent model diverges without clipping.",
            "depends": "With the same optimizer and learning rate some diverge and others do not: "
            "what decides is the weights and optimizer a model starts with, not that it recurs.",
        }[verdict],
    )


def judge_need(diverged: Mapping[str, int]) -> Verdict:
    """Return the verdict on claim 27, given how many runs of each model diverged."""
    needy = sum(diverged[model] > 0 for model in RECURRENT)
    if needy == 0:
        return "refuted"
    return "supported" if needy == len(RECURRENT) and not diverged[TRANSFORMER] else "depends"


def direction_is_preserved(seed: int, *, largest_element: float = 0.01) -> Finding:
    """Claim 28: the cosine of the raw with the clipped gradient, by rule; and the steps of Adam."""
    task, twins = _material(ClippingConfig(seed=seed))
    batch = task.batch(16, torch.Generator().manual_seed(seed))
    norm = _cosine_after(Clipper("norm"), 1.0, twins[0].model, task, batch)
    value = _cosine_after(Clipper("value"), largest_element, twins[0].model, task, batch)
    sgd, adam = (_displacement_ratio(name) for name in ("sgd", "adam"))
    kept = norm > 0.9999
    verdict: Verdict = "depends" if kept and value < 0.99 else "supported" if kept else "refuted"
    return Finding(
        verdict=verdict,
        measured=f"cosine {norm:.4f} for norm clipping, {value:.2f} for value clipping; a norm of "
        f"700 clipped to 1 shortens SGD's path {sgd:.0f} times, Adam's {adam:.2f} times",
        threshold="a cosine under 0.99 is another direction",
        n=sum(p.numel() for p in twins[0].parameters),
        sentence="Norm clipping keeps the direction of the raw gradient, value clipping does not; "
        "and Adam divides a constant scale out again, so its step hardly changes."
        if verdict == "depends"
        else f"Here the cosine is {norm:.2f} for norm clipping and {value:.2f} for value clipping.",
    )


def cures_nonfinite(seed: int, *, rule: ClipRule = "norm") -> Finding:
    """Claim 29: plant one infinite, then one NaN element, and clip."""
    task, twins = _material(ClippingConfig(seed=seed))
    batch = task.batch(16, torch.Generator().manual_seed(seed))
    outcomes = []
    for planted in (torch.inf, torch.nan):
        _backward(twins[0].model, task, batch)
        _gradient(twins[0].parameters[0]).view(-1)[0] = planted
        Clipper(rule).clip(twins[0].parameters, 1.0)
        elements = torch.cat([_gradient(p).flatten() for p in twins[0].parameters])
        outcomes.append((int(elements.isnan().sum()), int((elements == 0).sum()), len(elements)))
    (inf_nan, inf_zero, total), (nan_nan, _, _) = outcomes
    left = (inf_nan > 0) + (nan_nan > 0)
    return Finding(
        verdict=decide(supported=2 - left, refuted=left),
        measured=f"after one inf: {inf_nan} NaN and {inf_zero} zeros of {total} elements; after "
        f"one NaN: {nan_nan} NaN",
        threshold="NaN left after both refutes it",
        n=total,
        sentence="Clipping turns one infinite element into NaN and everything else into zero, and "
        "spreads one NaN everywhere: such an update has to be skipped, not clipped."
        if left == 2
        else f"Here clipping left NaN behind in {left} of 2 cases.",
    )


def percentile_of_unclipped_norms(seed: int, *, model: str = "irnn") -> Finding:
    """Claim 30: read the 90th percentile off an unclipped run and off a clipped one."""
    off, on, dead = [], [], 0
    for each in range(seed, seed + SEEDS):
        tally = _train(ClippingConfig(model=model, seed=each))
        dead += tally.first_mark(UNCLIPPED, "diverged") is not None
        off.append(_ninetieth(tally, UNCLIPPED))
        on.append(_ninetieth(tally, CLIPPED))
    useless = sum(a > 100 * b for a, b in zip(off, on, strict=True))
    return Finding(
        verdict=decide(supported=SEEDS - useless, refuted=useless),
        measured=f"90th percentile {_norm(median(off))} unclipped, {median(on):.2g} clipped at 1.0",
        threshold="more than 100 times apart refutes it",
        n=SEEDS,
        sentence=f"{dead} of {SEEDS} unclipped runs were over within a few updates, so their norms "
        "say nothing; read the percentile off a run that is already clipped."
        if useless
        else "Here the percentile read off an unclipped run is near that of a clipped one.",
    )


def _material(config: ClippingConfig) -> tuple[SequenceTask, list[Learner]]:
    task = prepare_clipping(config, None).task
    return task, build_twins(config, task, CPU)


def _train(config: ClippingConfig) -> SeriesTally:
    """Train both twins of `config` and return what they told."""
    task = prepare_clipping(config, None).task
    tally = SeriesTally()
    for event in train_twins(config, task, dials=Dials(**config.dials()), device=CPU):
        tally.take(event)
    return tally


def _gradient(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad


def _backward(model: nn.Module, task: SequenceTask, batch: Batch) -> None:
    model.zero_grad()
    task.loss(model(batch.inputs), batch).backward()  # type: ignore[no-untyped-call]


def _cosine_after(
    clipper: Clipper, threshold: float, model: nn.Module, task: SequenceTask, batch: Batch
) -> float:
    _backward(model, task, batch)
    parameters = list(model.parameters())
    raw = torch.cat([_gradient(p).flatten().clone() for p in parameters])
    clipper.clip(parameters, threshold)
    clipped = torch.cat([_gradient(p).flatten() for p in parameters])
    return float(torch.cosine_similarity(raw, clipped, dim=0))


def _displacement_ratio(name: Optimizer, updates: int = 50) -> float:
    """Return how many times shorter the path is when constant gradients of norm 700 are clipped."""
    lengths = []
    for threshold in (0.0, 1.0):
        layer = nn.Linear(100, 1, bias=False)
        start = layer.weight.detach().clone()
        optimizer = build_optimizer(name, layer, 1e-3)
        for _ in range(updates):
            layer.weight.grad = torch.full_like(start, 70.0)
            Clipper("norm").clip(list(layer.parameters()), threshold)
            optimizer.step()
        lengths.append(float((layer.weight.detach() - start).norm()))
    return lengths[0] / lengths[1]


def _ninetieth(tally: SeriesTally, twin: str) -> float:
    columns = percentile_columns(tally.column(twin, "norm_before"))
    return columns["norm"][columns["percentile"].index(90.0)]


def _norm(value: float) -> str:
    return power_of_ten(math.log10(value)) if math.isfinite(value) else "infinite"
