"""What a model makes of its own mistakes, which training with gold prefixes never showed it.

Legend: B batch, T target time, P words of a prefix.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.data.pair_batch import PairBatch, PairInputs
from core.decoding.greedy import greedy, length_limit
from core.diagnostics.forced_reading import Sample, filled, home, read_forced, undisturbed
from core.metrics.quality import edit_error
from core.models.translator import Translator
from core.text.words import SPECIALS

EXPOSURE_COLUMNS = (
    "bucket",
    "n",
    "teacher_forced_error",
    "edit_error",
    "first_error",
    "n_planted",
    "clean_edit_error",
    "planted_edit_error",
)
RECOVERY_COLUMNS = ("bucket", "distance", "n", "clean", "planted")
POSITION_COLUMNS = ("bucket", "position", "n", "teacher_forced", "free_running")

BINS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """Those pairs of a bucket that are long enough for a planted word, and that word.

    Attributes:
        sample_index_B: which pairs of the bucket they are.
        word: its place in the target, 1 is the first.
        batch: the pairs, the wrong word in place of the right one in what the decoder reads.
    """

    sample_index_B: Tensor
    word: int
    batch: PairBatch


def plant_error(sample: Sample, word: int, *, seed: int = 0) -> Planted:
    """Return the pairs with at least one word after `word`, which becomes any other word."""
    first, size = len(SPECIALS), sample.target.size
    is_possible_B = (sample.lengths > word) & (size - first > 1)
    index_B = torch.nonzero(is_possible_B)[:, 0]
    source_BS, target_BT = (ids[index_B] for ids in sample.batch.inputs)
    target_BT = target_BT.clone()
    if len(index_B):
        right_B = target_BT[:, word]
        drawn = torch.Generator().manual_seed(seed)
        step_B = torch.randint(1, size - first, (len(index_B),), generator=drawn)
        # A step of 1 to size - 1 round the ring of words never ends where it began.
        target_BT[:, word] = first + (right_B - first + step_B) % (size - first)
    batch = PairBatch(PairInputs(source_BS, target_BT), sample.batch.targets[index_B])
    return Planted(index_B, word, batch)


def exposure_table(
    model: Translator, samples: Sequence[Sample], *, planted_word: int = 3, seed: int = 0
) -> pd.DataFrame:
    """Return how much more goes wrong once a model reads its own words, a row per bucket.

    Greedy decoding goes astray only where the model is wrong with a gold prefix too: its own
    mistakes can add to those, never come before them. So `edit_error` over
    `teacher_forced_error` is at most what mistakes cost later, and only where the model is right
    with a gold prefix is the planted mistake a test of exposure alone.

    Columns:
        bucket: words of the reference.
        n: sentences.
        teacher_forced_error: share of words wrong with the gold prefix, the end included.
        edit_error: edits per reference word of the greedy output.
        first_error: median place of the first wrong word of the greedy output, over the length
            of the reference; 1 where there is none.
        n_planted: sentences longer than `planted_word`.
        clean_edit_error: edits per word after `planted_word`, with the gold prefix up to it.
        planted_edit_error: the same, where that word was replaced by a wrong one, which itself
            does not count. NaN, like the one before, without such sentences.
    """
    rows = []
    for sample in filled(samples):
        hypotheses = free_words(model, sample)
        references = _references(sample)
        right_BT = read_forced(model, sample.batch).right_BT
        planted = plant_error(sample, planted_word, seed=seed)
        rows.append(
            {
                "bucket": sample.bucket,
                "n": len(sample.pairs),
                "teacher_forced_error": 1 - float(right_BT.sum() / sample.is_real.sum()),
                "edit_error": edit_error(hypotheses, references),
                "first_error": float(np.median(_first_errors(hypotheses, references))),
                "n_planted": len(planted.sample_index_B),
                "clean_edit_error": _continuation_error(model, sample, planted, is_clean=True),
                "planted_edit_error": _continuation_error(model, sample, planted, is_clean=False),
            }
        )
    return pd.DataFrame(rows, columns=list(EXPOSURE_COLUMNS))


def recovery_table(
    model: Translator,
    samples: Sequence[Sample],
    *,
    planted_word: int = 3,
    furthest: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how a model comes back after one wrong word when all others are gold again.

    Columns:
        bucket: words of the reference.
        distance: 1 is the word after the planted one.
        n: words counted.
        clean: share of them right with the gold prefix.
        planted: share right where one word of the prefix is wrong.
    """
    rows = []
    for sample in filled(samples):
        planted = plant_error(sample, planted_word, seed=seed)
        if not len(planted.sample_index_B):
            continue
        real_BT = sample.is_real[planted.sample_index_B]
        clean_BT = read_forced(model, sample.batch).right_BT[planted.sample_index_B]
        planted_BT = read_forced(model, planted.batch).right_BT
        last = min(planted_word + furthest, real_BT.shape[1])
        for at in range(planted_word, last):
            count = int(real_BT[:, at].sum())
            rows.append(
                {
                    "bucket": sample.bucket,
                    "distance": at - planted_word + 1,
                    "n": count,
                    "clean": float(clean_BT[:, at].sum()) / count,
                    "planted": float(planted_BT[:, at].sum()) / count,
                }
            )
    return pd.DataFrame(rows, columns=list(RECOVERY_COLUMNS))


def position_table(model: Translator, samples: Sequence[Sample]) -> pd.DataFrame:
    """Return where in the sentence words are right, in twenty bins of its length.

    Free running, a word counts only at its very place, so that one word too many makes all that
    follow wrong: read `edit_error` beside it.

    Columns:
        bucket: words of the reference.
        position: the middle of the bin, 0 the start of the sentence, 1 its end.
        n: words counted; a bin without any has no row.
        teacher_forced: share right with the gold prefix.
        free_running: share right after the model's own words.
    """
    rows = []
    for sample in filled(samples):
        lengths_B, width = sample.lengths, int(sample.lengths.max())
        steps_T = torch.arange(width)
        is_word_BT = steps_T < lengths_B[:, None]
        bin_BT = (steps_T * BINS).expand_as(is_word_BT) // lengths_B[:, None].clamp(min=1)
        forced_BT = read_forced(model, sample.batch).right_BT[:, :width]
        free_BT = _right_at_place(free_words(model, sample), _references(sample), width)
        for at in range(BINS):
            here_BT = is_word_BT & (bin_BT == at)
            count = int(here_BT.sum())
            if count:
                rows.append(
                    {
                        "bucket": sample.bucket,
                        "position": (at + 0.5) / BINS,
                        "n": count,
                        "teacher_forced": float(forced_BT[here_BT].sum()) / count,
                        "free_running": float(free_BT[here_BT].sum()) / count,
                    }
                )
    return pd.DataFrame(rows, columns=list(POSITION_COLUMNS))


def free_words(model: Translator, sample: Sample) -> list[list[int]]:
    """Return the greedy output of each sentence, as ids without its end."""
    with undisturbed(model):
        most = length_limit(int(sample.lengths.max()))
        return greedy(model, sample.batch.inputs.source_BS.to(home(model)), most=most).words


def _references(sample: Sample) -> list[list[int]]:
    ids = sample.batch.targets.tolist()
    return [row[:length] for row, length in zip(ids, sample.lengths.tolist(), strict=True)]


def _first_errors(hypotheses: list[list[int]], references: list[list[int]]) -> list[float]:
    places = []
    for given, wanted in zip(hypotheses, references, strict=True):
        pairs = zip(given, wanted, strict=False)
        same = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(given), len(wanted)))
        is_right = same == len(given) == len(wanted)
        places.append(1.0 if is_right else same / (len(wanted) + 1))
    return places


def _continuation_error(
    model: Translator, sample: Sample, planted: Planted, *, is_clean: bool
) -> float:
    index_B = planted.sample_index_B
    if not len(index_B):
        return math.nan
    inputs = planted.batch.inputs
    read_BT = sample.batch.inputs.target_BT[index_B] if is_clean else inputs.target_BT
    with undisturbed(model):
        found = greedy(
            model,
            inputs.source_BS.to(home(model)),
            most=length_limit(int(sample.lengths.max())),
            prefix_BP=read_BT[:, 1 : planted.word + 1].to(home(model)),
        )
    references = _references(sample)
    error = edit_error(
        [words[planted.word :] for words in found.words],
        [references[at][planted.word :] for at in index_B.tolist()],
    )
    return math.nan if error is None else error


def _right_at_place(hypotheses: list[list[int]], references: list[list[int]], width: int) -> Tensor:
    right_BT = torch.zeros(len(references), width, dtype=torch.bool)
    for row, given, wanted in zip(right_BT, hypotheses, references, strict=True):
        for at, (a, b) in enumerate(zip(given, wanted, strict=False)):
            row[at] = a == b
    return right_BT
