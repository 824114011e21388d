"""Greedy decoding: the likeliest word, again and again.

Legend: B batch, N sentences still open, S source time, T target time, M attention maps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.models.translator import DecoderState, Memory, Translator
from core.text.words import BOS, EOS, PAD, UNKNOWN

LONGER = 1.25
SPARE_WORDS = 8


@dataclass(frozen=True, slots=True)
class Greedy:
    """Hypotheses of a batch: `words` without BOS and EOS, and the log-probability of each word.

    `finished` says whether EOS was reached; its log-probability is then the last of
    `log_probabilities`. `attention_BMTS` is over the words and EOS, None unless asked for.
    """

    words: list[list[int]]
    log_probabilities: list[list[float]]
    finished: list[bool]
    attention_BMTS: Tensor | None


def length_limit(longest_reference: int) -> int:
    """Return how many words a hypothesis may have, given the longest reference of its batch."""
    return int(LONGER * longest_reference) + SPARE_WORDS


@torch.no_grad()
def greedy(
    model: Translator,
    source_BS: Tensor,
    *,
    most: int | Sequence[int],
    bias_BTS: Tensor | None = None,
    want_attention: bool = False,
    memory: Memory | None = None,
    state: DecoderState | None = None,
    prefix_BP: Tensor | None = None,
) -> Greedy:
    """Decode each source until EOS or `most` words; the model stays in the mode it is in.

    Sentences that are over drop out of the batch as soon as half of it is, unless attention is
    kept, so that long and short ones can be decoded together.

    Args:
        model: any translation model.
        source_BS: ids that end in EOS, padded with PAD.
        most: the longest hypothesis, in words; of all, or of each.
        bias_BTS: added to the attention scores, by target position (see `Translator.decode`);
            positions beyond its end are not changed.
        want_attention: whether the attention is kept.
        memory: of `model.encode`, if it was computed already.
        state: to begin with instead of `model.start(memory)`.
        prefix_BP: words that every hypothesis must begin with; they are part of the answer.
    """
    memory = model.encode(source_BS) if memory is None else memory
    state = model.start(memory) if state is None else state
    rows, device = len(source_BS), source_BS.device
    open_N = torch.arange(rows, device=device)  # the sentences that are still decoded
    limit_N = torch.as_tensor(most, device=device).expand(rows)
    bias_BTS = None if bias_BTS is None else bias_BTS.expand(rows, -1, -1)
    word_N = torch.full((rows,), BOS, device=device)
    words, scores, maps = [], [], []
    for step in range(int(limit_N.max()) if rows else 0):
        bias = None if bias_BTS is None or step >= bias_BTS.shape[1] else bias_BTS[open_N, step]
        decoded = model.decode(
            word_N[:, None],
            memory,
            state,
            bias_BTS=None if bias is None else bias[:, None],
            want_attention=want_attention,
        )
        state = decoded.state
        scores_NV = decoded.logits_BTV[:, -1].log_softmax(-1)
        scores_NV[:, [PAD, BOS, UNKNOWN]] = -torch.inf
        is_over_N = (word_N == EOS) | (word_N == PAD) | (limit_N <= step)
        if prefix_BP is not None and step < prefix_BP.shape[1]:
            word_N = prefix_BP[open_N, step]
        else:
            word_N = scores_NV.argmax(-1)
        score_N = scores_NV.gather(1, word_N[:, None])[:, 0]
        word_N = word_N.masked_fill(is_over_N, PAD)
        words.append(word_N.new_full((rows,), PAD).index_copy(0, open_N, word_N))
        scores.append(score_N.new_zeros(rows).index_copy(0, open_N, score_N))
        if decoded.attention_BMTS is not None:
            maps.append(decoded.attention_BMTS)
        goes_on_N = (word_N != EOS) & (word_N != PAD) & (limit_N > step + 1)
        left = int(goes_on_N.sum())
        if left == 0:
            break
        if left <= len(open_N) // 2 and not want_attention:
            kept = goes_on_N.nonzero()[:, 0]
            open_N, limit_N, word_N = open_N[kept], limit_N[kept], word_N[kept]
            memory, state = memory.select(kept), state.select(kept)
    return _collected(words, scores, maps)


def _collected(words: list[Tensor], scores: list[Tensor], maps: list[Tensor]) -> Greedy:
    if not words:
        return Greedy([], [], [], None)
    ids = torch.stack(words, 1).tolist()
    values = torch.stack(scores, 1).tolist()
    kept, log_probabilities, finished = [], [], []
    for row, value in zip(ids, values, strict=True):
        end = next((at for at, word in enumerate(row) if word in (EOS, PAD)), len(row))
        is_finished = end < len(row) and row[end] == EOS
        kept.append(row[:end])
        log_probabilities.append(value[: end + is_finished])
        finished.append(is_finished)
    return Greedy(kept, log_probabilities, finished, torch.cat(maps, 2) if maps else None)
