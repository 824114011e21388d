"""What the length lab shows, in sentences with this run's numbers. No torch here."""

from core.labs.length_board import LengthBoard
from core.labs.length_config import LENGTHS
from core.models.catalogue import find_spec


def describe_length(board: LengthBoard) -> list[str]:
    """Return how each model does at the trained lengths and beyond, then what helps."""
    sentences = []
    for name, trial in board.trained.items():
        row = board.last_row(trial)
        sentences.append(f"{find_spec(name).label}: {row['score']} at {LENGTHS[-1]} steps.")
    return sentences
