"""What the length lab shows, in sentences with this run's numbers. No torch here."""

from collections.abc import Sequence

from core.labs.length_board import BASE, LengthBoard, Row, Trial
from core.labs.length_config import LENGTHS
from core.labs.length_scores import EXACT, OPEN, Verdict
from core.models.catalogue import find_spec
from core.text.phrases import listed, percent, percent_between, signed

VERDICTS: dict[Verdict, str] = {
    "helps": "What helps",
    "does not help here": "What does not help here",
    "hurts": "What hurts",
}
BUDGETS = {"none": "", "updates": " at equal updates", "compute": " at equal compute"}


def describe_length(board: LengthBoard) -> list[str]:
    """Return how each model does beyond its trained lengths, then what helps, and how sure."""
    sentences = [_curve(board, trial) for trial in board.trained.values()]
    tried = [trial for trial in board.trials if trial.remedy != BASE]
    for length in _judged_at(board) if tried else ():
        sentences += _verdicts(board, tried, length)
    if board.config.seeds == 1:
        sentences.append(
            "One seed: its intervals are over the sequences and say nothing of other seeds."
        )
    return sentences


def _judged_at(board: LengthBoard) -> list[int]:
    """Return the longest length and the one nearest to twice the longest trained."""
    twice = min(LENGTHS, key=lambda length: abs(length - 2 * board.config.longest))
    return list(dict.fromkeys((LENGTHS[-1], twice)))


def _curve(board: LengthBoard, trial: Trial) -> str:
    label = find_spec(trial.model).label
    rows = board.rows(trial)
    answered = [row for row in rows if row["score"] is not None]
    if not answered:
        return f"{label}: no answer at any length; its training diverged."
    trained = _nearest(answered, board.config.longest)
    last = answered[-1]
    said = f"{_score(board, trained)} at {trained['length']} steps"
    if last is not trained:
        said += f", {_score(board, last)} at {last['length']}"
    sentence = f"{label}: {said}: {_shape(board, trial, rows)}"
    if len(answered) < len(rows):
        silent = rows[len(answered)]["length"]
        sentence += f"; at {silent} steps it has no answer, its table of positions has ended"
    return sentence + "."


def _nearest(rows: Sequence[Row], length: int) -> Row:
    return min(rows, key=lambda row: abs(row["length"] - length))


def _shape(board: LengthBoard, trial: Trial, rows: Sequence[Row]) -> str:
    """Return whether it holds, or from where on it does not."""
    config, failure = board.config, board.failures[trial.model]
    within = _nearest(rows, config.shortest)["score"]
    if board.is_exact and within is not None and within < EXACT:
        return "it has not learned the lengths it was trained on yet"
    if failure.position is None:
        return f"it holds, trained on {config.shortest} to {config.longest}"
    beyond = "" if failure.position <= config.longest else ", beyond what it was trained on"
    return f"it fails from {failure.position} steps on{beyond}"


def _verdicts(board: LengthBoard, trials: Sequence[Trial], length: int) -> list[str]:
    """Return a sentence for each verdict, the remedies of one kind together."""
    sentences = []
    for verdict, what in VERDICTS.items():
        said: dict[str, list[str]] = {}
        for trial in trials:
            row = board.row(trial, length)
            if row["verdict"] == verdict and not _said_before(trial):
                said.setdefault(trial.label, []).append(_told(board, trial, row))
        if said:
            named = [f"{label} ({', '.join(told)})" for label, told in said.items()]
            sentences.append(f"{what} at {length} steps: {listed(named)}.")
    return sentences


def _said_before(trial: Trial) -> bool:
    """Return whether it is the control's second budget, in which it is the same."""
    return trial.compared == "base" and trial.budget == "compute"


def _told(board: LengthBoard, trial: Trial, row: Row) -> str:
    """Return the difference, of what has two budgets also on which."""
    is_control = trial.compared == "base" and trial.kind == "training"
    budget = "" if is_control else BUDGETS[trial.budget]
    if row["difference"] is None:
        return f"no answer{budget}"
    unsure = ", not sure" if row["note"].endswith(OPEN) else ""
    return f"{_difference(board, row['difference'])}{budget}{unsure}"


def _score(board: LengthBoard, row: Row) -> str:
    if not board.is_share:
        return f"{row['score']:.2f} nats"
    if row["low"] is None or row["low"] == row["high"]:
        return percent(row["score"], 0)
    return percent_between(row["score"], row["low"], row["high"])


def _difference(board: LengthBoard, difference: float) -> str:
    if not board.is_share:
        return f"{signed(difference, 2)} nats"
    return f"{signed(100 * difference)} points"
