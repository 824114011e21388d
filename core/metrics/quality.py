"""Alternatives to BLEU, word by word: right words, right sentences, edits needed.

Each takes sentences as sequences of words (or of ids) and says None where there is nothing to
divide by.

Shapes: B sentences, H words of the longest hypothesis, R of the longest reference.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

Words = Sequence[Hashable]

_AT_ONCE = 64


def token_accuracy(hypotheses: Sequence[Words], references: Sequence[Words]) -> float | None:
    """Return the share of reference words that stand at their very position, from 0 to 1.

    One word too many at the start makes all that follow wrong; `edit_error` does not mind.
    """
    words = sum(map(len, references))
    right = sum(
        given == wanted
        for hypothesis, reference in zip(hypotheses, references, strict=True)
        for given, wanted in zip(hypothesis, reference, strict=False)
    )
    return right / words if words else None


def exact_match(hypotheses: Sequence[Words], references: Sequence[Words]) -> float | None:
    """Return the share of hypotheses that are their reference, from 0 to 1."""
    same = sum(list(h) == list(r) for h, r in zip(hypotheses, references, strict=True))
    return same / len(references) if references else None


def edit_error(hypotheses: Sequence[Words], references: Sequence[Words]) -> float | None:
    """Return the edits per reference word (a word error rate): 0 is perfect, 1 can be exceeded."""
    words = sum(map(len, references))
    return float(edit_distances(hypotheses, references).sum()) / words if words else None


def edit_distances(hypotheses: Sequence[Words], references: Sequence[Words]) -> NDArray[np.int64]:
    """Return, for each sentence, how many words must be put in, taken out or replaced.

    Source: Levenshtein 1966; a row of the table at a time, for many sentences at once.
    """
    if len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses, {len(references)} references")
    found = np.zeros(len(references), dtype=np.int64)
    by_length = sorted(range(len(found)), key=lambda i: len(hypotheses[i]) + len(references[i]))
    ids: dict[Hashable, int] = {}
    for start in range(0, len(found), _AT_ONCE):
        index_B = by_length[start : start + _AT_ONCE]
        found[index_B] = _distances(
            *_padded([hypotheses[i] for i in index_B], ids, padding=-1),
            *_padded([references[i] for i in index_B], ids, padding=-2),
        )
    return found


def _padded(
    sentences: list[Words], ids: dict[Hashable, int], padding: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    lengths_B = np.array([len(sentence) for sentence in sentences])
    padded = np.full((len(sentences), lengths_B.max()), padding)
    for row, sentence in zip(padded, sentences, strict=True):
        row[: len(sentence)] = [ids.setdefault(word, len(ids)) for word in sentence]
    return padded, lengths_B


def _distances(
    hypotheses_BH: NDArray[np.int64],
    hypothesis_lengths_B: NDArray[np.int64],
    references_BR: NDArray[np.int64],
    reference_lengths_B: NDArray[np.int64],
) -> NDArray[np.int64]:
    before = np.arange(references_BR.shape[1] + 1)
    row = np.tile(before, (len(references_BR), 1))  # edits from no word to each prefix
    found_B = reference_lengths_B.copy()
    for step, word_B in enumerate(hypotheses_BH.T, start=1):
        replaced = row[:, :-1] + (word_B[:, None] != references_BR)
        row[:, 1:] = np.minimum(row[:, 1:] + 1, replaced)
        row[:, 0] = step
        row = np.minimum.accumulate(row - before, axis=1) + before  # words put in
        is_end_B = hypothesis_lengths_B == step
        found_B[is_end_B] = row[is_end_B, reference_lengths_B[is_end_B]]
    return found_B
