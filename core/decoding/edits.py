"""Attention by hand: which source word a model must, or must not, look at for a target word.

Legend: T target time, S source time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class AttentionEdit:
    """One change: target position `target` must look at source position `source`, or must not.

    Positions count from 0; the end of a sentence is the position after its last word.
    """

    target: int
    source: int
    kind: Literal["force", "block"]


def attention_bias(edits: Sequence[AttentionEdit], *, most: int, positions: int) -> Tensor | None:
    """Return what `decode` adds to the attention scores, (1, T, S); None without edits.

    Of several edits at one (target, source) the last counts. Where positions of a row are forced,
    attention is shared among these alone; a blocked one gets nothing.

    Args:
        edits: in the order in which they were made.
        most: the longest hypothesis in words: its rows end there.
        positions: of the source, its end included.

    Raises:
        ConfigError: an edit lies outside the sentence, or a row has no position left.
    """
    last = {(edit.target, edit.source): edit for edit in edits}
    for edit in last.values():
        _check(edit, most, positions)
    if not last:
        return None
    bias_1TS = torch.zeros(1, most, positions)
    for target in sorted({edit.target for edit in last.values()}):
        here = [edit for edit in last.values() if edit.target == target]
        forced = [edit.source for edit in here if edit.kind == "force"]
        blocked = [edit.source for edit in here if edit.kind == "block"]
        if len(blocked) == positions:
            raise ConfigError(
                f"All {positions} source positions are blocked for target word {target + 1}; "
                "attention needs at least one: undo a block."
            )
        row_S = bias_1TS[0, target]
        if forced:
            row_S[:] = -torch.inf
            row_S[forced] = 0.0
        row_S[blocked] = -torch.inf
    return bias_1TS


def _check(edit: AttentionEdit, most: int, positions: int) -> None:
    if edit.kind not in ("force", "block"):
        raise ConfigError(f"An edit says '{edit.kind}'; it can force or block a position.")
    for side, at, count in (("target", edit.target, most), ("source", edit.source, positions)):
        if not 0 <= at < count:
            raise ConfigError(
                f"An edit is at {side} position {at}; this sentence has positions 0 to {count - 1}."
            )
