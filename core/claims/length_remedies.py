"""Claims 22-24: what is said to help on long sequences. Each experiment takes a seed.

Legend: B batch, T time, O output width.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace

import torch
from torch import nn

from core.claims.finding import Finding, decide
from core.claims.length_training import (
    COUNT,
    LEAST_DIFFERENCE,
    LONG,
    SEQUENCES,
    Lesson,
    another,
    compare,
    effect,
    learn,
    rights,
    segment_losses,
    told,
    trained,
    trained_recurrent,
    whole_losses,
)
from core.data.length_task import EVALUATION_SEED
from core.metrics.ranking import Rights, compare_accuracy
from core.models.catalogue import find_spec
from core.models.chunked_reading import READINGS, ChunkedReader
from core.models.recurrent import RecurrentModel
from core.text.phrases import listed

SEGMENT, SEGMENTS, OVERLAP = 100, 5, 20
FURTHER = 225
"""Updates of 100 steps that a trained model is trained further with truncated backpropagation."""
SLOW = 1e-3
ALIKE = 1e-3
ONE_AND_A_HALF = 150
"""Steps from the end: one and a half segments."""
HALF = 0.5

SHORT = Lesson(shortest=10, longest=20, updates=400)
"""Short sequences, so that a Transformer learns them in seconds."""
TRANSFORMERS = ("transformer-sinusoidal", "transformer-rotary")
TABLE = 512


def truncated_backpropagation_is_a_remedy(
    seed: int,
    *,
    carry: bool = True,
    lesson: Lesson = COUNT,
    further: int = FURTHER,
    control: int | None = None,
) -> Finding:
    """Claim 22: train a model further on five segments in turn, another on as many steps as before.

    Without `carry` each segment starts from nothing. `control` are the other's updates; None are
    as many as give it as many steps.
    """
    lesson = another(lesson, seed)
    base = trained_recurrent(lesson)
    mean = (lesson.shortest + lesson.longest) / 2
    own = replace(lesson, updates=further, learning_rate=SLOW, seed=seed + 1)
    usual = replace(own, updates=round(further * SEGMENT / mean) if control is None else control)
    treated, more = deepcopy(base), deepcopy(base)
    segments = segment_losses(treated, own, segments=SEGMENTS, segment=SEGMENT, carry=carry)
    learn(treated, segments, own)
    learn(more, whole_losses(more, usual), usual)
    found = compare(treated, more, lesson, LONG)
    helps = effect(found) == "helps"
    apart = _state_counts(base, lesson, carry=carry)
    independent = apart < ALIKE
    right = [float(rights(each, lesson, LONG).mean()) for each in (base, more, treated)]
    return Finding(
        verdict=decide(supported=helps + independent, refuted=2 - helps - independent),
        measured=f"segments read in turn and alone are {apart:.2g} apart; right at {LONG} steps "
        f"{right[0]:.2f}, then {right[2]:.2f} with it and {right[1]:.2f} without, difference "
        f"{told(found)}",
        threshold=f"under {ALIKE:g} apart, and {LEAST_DIFFERENCE:.0%} more right than with as many "
        "steps of the usual training: both support it, neither refutes it",
        n=found.n,
        sentence=f"The model has {right[0]:.0%} right at {LONG} steps. {further} updates on "
        f"segments of {SEGMENT} leave {right[2]:.0%}, as many steps of the usual training "
        f"{right[1]:.0%}. Independent the segments are "
        + ("here" if independent else "not: with the state carried they are one sequence")
        + "; only the gradient ends at their borders. As it stands the loop also never steps nor "
        "clears its gradients.",
    )


@torch.no_grad()
def _state_counts(model: RecurrentModel, lesson: Lesson, *, carry: bool) -> float:
    """Return how far what is said of segments in turn is from what is said of each alone."""
    task = lesson.build_task()
    batch = task.draw(SEGMENTS * SEGMENT, 16, torch.Generator().manual_seed(EVALUATION_SEED))
    in_turn, alone = (ChunkedReader(model, SEGMENT, carry=each) for each in (carry, False))
    return float((in_turn(batch.inputs) - alone(batch.inputs)).abs().mean())


def overlapping_segments_are_recurrence(
    seed: int, *, reading: str = "overlapping", before: str = "none", lesson: Lesson = COUNT
) -> Finding:
    """Claim 23: change a step one and a half segments before the end, and see who still knows."""
    lesson = another(lesson, seed)
    model = trained_recurrent(lesson)
    ours, theirs = (READINGS[name](model, SEGMENT, OVERLAP) for name in (reading, before))
    found = compare(ours, theirs, lesson, LONG)
    task = lesson.build_task()
    inputs = task.draw(LONG, SEQUENCES, torch.Generator().manual_seed(EVALUATION_SEED)).inputs
    changed = inputs.clone()
    changed[-ONE_AND_A_HALF] *= -1
    with torch.no_grad():
        known, whole = (
            float((each(inputs) - each(changed))[-1].abs().mean()) for each in (ours, model)
        )
    share = known / max(whole, 1e-9)
    helps, reaches = effect(found) == "helps", share >= HALF
    right = [float(rights(each, lesson, LONG).mean()) for each in (theirs, ours)]
    return Finding(
        verdict=decide(supported=helps + reaches, refuted=2 - helps - reaches),
        measured=f"{share:.0%} of what a step {ONE_AND_A_HALF} before the end changes in one pass; "
        f"right at {LONG} steps {right[1]:.2f}, before {right[0]:.2f}, difference {told(found)}",
        threshold=f"{HALF:.0%} of that effect and {LEAST_DIFFERENCE:.0%} more right: "
        "both support it, neither refutes it",
        n=found.n,
        sentence=f"After {LONG} steps an answer knows {share:.0%} of a step {ONE_AND_A_HALF} back, "
        f"and {right[1]:.0%} are right, where {right[0]:.0%} were before. "
        + (
            "The state goes on from segment to segment."
            if reaches
            else "Nothing recurs: each segment starts from nothing, and the average dilutes what "
            "one of them saw. Segment recurrence hands on the states of the segment before."
        ),
    )


def transformers_take_any_length(
    seed: int,
    *,
    models: Sequence[str] = TRANSFORMERS,
    rival: str = "lstm-bias",
    positions: int = TABLE,
    lesson: Lesson = SHORT,
) -> Finding:
    """Claim 24: count with Transformers beyond trained lengths, and look positions up in a table.

    `positions` are the rows of the table, which is asked for its `TABLE` + 1st.
    """
    lesson = another(lesson, seed)
    twice = 2 * lesson.longest
    right = {}
    for name in (rival, *models):
        model = trained(replace(lesson, model=name, layers=1 if name == rival else 2))
        right[name] = [rights(model, lesson, n) for n in (lesson.longest, twice)]
    better = [effect(compare_accuracy(right[n][1], right[rival][1])) == "helps" for n in models]
    has_row = _has_row(positions)
    shown = "; ".join(
        f"{find_spec(name).label} {' and '.join(f'{each.mean():.2f}' for each in pair)}"
        for name, pair in right.items()
    )
    passed = (*better, has_row)
    return Finding(
        verdict=decide(supported=sum(passed), refuted=len(passed) - sum(passed)),
        measured=f"right at {lesson.longest} and {twice} steps: {shown}; position {TABLE + 1} "
        f"{'is in' if has_row else 'raises IndexError in'} a table of {positions}",
        threshold=f"{LEAST_DIFFERENCE:.0%} more right at twice the trained length than "
        f"{find_spec(rival).label} for each, and a row for every position: all support it, none "
        "refutes it",
        n=SEQUENCES,
        sentence=f"Trained on {lesson.shortest} to {lesson.longest} steps and asked at {twice}, "
        f"{_shares(right, 1)} of the counts are right; at {lesson.longest}, {_shares(right, 0)}. "
        + ("" if any(better) else "Attention at untrained distances is as new as a state can be. ")
        + (
            f"A table of {positions} learned positions has a row for position {TABLE + 1}."
            if has_row
            else f"And of {positions} learned positions there is no next one, it raises "
            "IndexError: a context window is a limit, not an ability."
        ),
    )


def _shares(right: Mapping[str, Sequence[Rights]], at: int) -> str:
    return listed([f"{pair[at].mean():.0%} ({find_spec(n).label})" for n, pair in right.items()])


def _has_row(positions: int) -> bool:
    try:
        nn.Embedding(positions, 8)(torch.tensor([TABLE]))
    except IndexError:
        return False
    return True
