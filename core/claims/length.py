"""Claims 17-19: why an LSTM is said to fail on long sequences. Each experiment takes a seed.

Legend: B batch, T time.
"""

from copy import deepcopy
from statistics import fmean

import torch
from torch import Tensor

from core.claims.finding import Finding, decide
from core.claims.length_training import (
    COUNT,
    LONG,
    MODULO,
    SEQUENCES,
    Lesson,
    another,
    rights,
    trained,
    trained_recurrent,
)
from core.data.counting import BOUND, RunningCount
from core.data.length_task import EVALUATION_SEED
from core.diagnostics.state_trace import trace_states

KEPT = 0.9
"""The share of its right answers that a model keeps which does not fail."""
MARGIN = 0.1
"""A share of right answers that is more than chance between two sets of sequences."""
TRACED = 32
DRIFT = 0.05
"""A share of all gates."""
THOUSAND = 1000
EXPLAINED = 0.01


def position_is_what_is_new(
    seed: int, *, other: Lesson = MODULO, lesson: Lesson = COUNT
) -> Finding:
    """Claim 17: go to new positions with states that are not new, in two ways.

    `other` is a task whose states stay the same few at any length. And the model that learned to
    count walks that never go far is asked at the same position as of walks that do.
    """
    other, lesson = another(other, seed), another(lesson, seed)
    far, near = LONG, other.longest
    before, after = (float(rights(trained(other), other, n).mean()) for n in (near, far))
    model, bounded = trained(lesson), Lesson(task="bounded-walk", seed=seed)
    free = float(rights(model, lesson, far).mean())
    close = float(rights(model, bounded, far).mean())
    tensors = [tuple(each.shape) for each in model.parameters()]
    falls, is_alike = after < KEPT * before, close - free < MARGIN
    return Finding(
        verdict=decide(supported=falls + is_alike, refuted=2 - falls - is_alike),
        measured=f"{other.task} {before:.2f} at {near} steps and {after:.2f} at {far}; counting at "
        f"{far} steps {free:.2f}, of walks that stay within {BOUND} {close:.2f}",
        threshold=f"under {KEPT:.0%} kept where position alone is new, and no {MARGIN:.1f} gained "
        "at the same position by a smaller count: both support it, neither refutes it",
        n=SEQUENCES,
        sentence=f"Trained on {other.shortest} to {other.longest} steps the LSTM has "
        f"{after:.0%} of the answers in the task {other.task} right after {far}, where position "
        f"is as new as it gets. Exact counts it has right in {free:.0%} of free walks, and in "
        f"{close:.0%} of walks that stay within {BOUND}, at the same position: "
        + ("position will do" if is_alike else "what is new are states, and small errors add up")
        + f". None of its {len(tensors)} weight tensors belongs to a position.",
    )


def gates_saturate(
    seed: int, *, up: float = 0.5, lesson: Lesson = COUNT, sequences: int = TRACED
) -> Finding:
    """Claim 18: follow the gates over five times the trained length.

    `up` is the chance of a step up; walks that only go up leave what was trained the fastest. They
    are held against walks as they were trained on, at trained positions.
    """
    lesson = another(lesson, seed)
    model = trained_recurrent(lesson)
    usual, asked = (
        trace_states(model, _walks(LONG, sequences, each), sequences=sequences, positions=LONG)
        for each in (0.5, up)
    )
    forget, saturated, hidden = (
        (
            fmean(usual[name][lesson.shortest - 1 : lesson.longest]),
            fmean(asked[name][-lesson.longest :]),
        )
        for name in ("forget", "saturated", "hidden_norm")
    )
    is_more = saturated[1] - saturated[0] >= DRIFT
    right = [float(rights(model, lesson, n).mean()) for n in (lesson.shortest, LONG)]
    return Finding(
        verdict=decide(supported=is_more, refuted=not is_more),
        measured=f"gates below .05 or above .95 {saturated[0]:.1%} at trained positions, "
        f"{saturated[1]:.1%} at the end; mean forget gate {forget[0]:.3f} and {forget[1]:.3f}",
        threshold=f"{DRIFT:.0%} more of the gates saturated support it, fewer refute it",
        n=sequences,
        sentence=f"From {lesson.shortest} to {LONG} steps right answers fall from {right[0]:.0%} "
        f"to {right[1]:.0%}, while the share of saturated gates goes from {saturated[0]:.1%} to "
        f"{saturated[1]:.1%} and the mean forget gate from {forget[0]:.2f} to {forget[1]:.2f}. "
        f"{'The state moves too' if is_more else 'What moves is the state'}: its norm goes from "
        f"{hidden[0]:.2f} to {hidden[1]:.2f}. At inference there is no gradient that could "
        "saturate.",
    )


def _walks(steps: int, sequences: int, up: float) -> Tensor:
    """Return steps of +1 with probability `up`, else -1, (T, B, 1)."""
    generator = torch.Generator().manual_seed(EVALUATION_SEED)
    return (torch.rand(steps, sequences, 1, generator=generator) < up).float() * 2 - 1


def rounding_accumulates(
    seed: int, *, dtype: torch.dtype = torch.float32, lesson: Lesson = COUNT
) -> Finding:
    """Claim 19: read 1000 steps in `dtype` and in float64, and count the answers that change."""
    lesson = another(lesson, seed)
    task = RunningCount()
    batch = task.draw(THOUSAND, SEQUENCES, torch.Generator().manual_seed(EVALUATION_SEED))
    exact, rounded = (deepcopy(trained(lesson)).to(each) for each in (torch.float64, dtype))
    with torch.no_grad():
        exact_TBO = exact(batch.inputs.double())
        rounded_TBO = rounded(batch.inputs.to(dtype)).double()
    apart_T = (exact_TBO - rounded_TBO).abs().mean((1, 2))
    early, late = float(apart_T[lesson.longest - 1]), float(apart_T[-1])
    exact_TB, rounded_TB = (task.scored(each, batch) == 1 for each in (exact_TBO, rounded_TBO))
    wrong = 1 - float(rounded_TB[-1].double().mean())
    lost = wrong - (1 - float(exact_TB[-1].double().mean()))
    changed = float((exact_TB != rounded_TB).double().mean())
    name = str(dtype).removeprefix("torch.")
    return Finding(
        verdict=decide(supported=changed >= EXPLAINED, refuted=changed < EXPLAINED),
        measured=f"{name} and float64 are {early:.1e} apart after {lesson.longest} steps and "
        f"{late:.1e} after {THOUSAND}; up to there {changed:.1%} of the answers change, and there "
        f"{wrong:.0%} are wrong",
        threshold=f"an answer needs 0.5 to become wrong: {EXPLAINED:.0%} changed supports it, "
        "fewer refutes it",
        n=SEQUENCES,
        sentence=f"After {THOUSAND} steps {wrong:.0%} of the counts are wrong in {name}, "
        f"{wrong - lost:.0%} in float64: rounding moves an answer by "
        f"{late:.1e} on average, where 0.5 makes it wrong, so "
        + (
            "precision is part of the failure."
            if changed >= EXPLAINED
            else "more precision mends nothing."
        ),
    )
