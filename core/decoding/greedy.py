"""Greedy decoding: the likeliest word, again and again.

Legend: B batch, S source time, T target time, M attention maps.
"""

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
    most: int,
    bias_BTS: Tensor | None = None,
    want_attention: bool = False,
    memory: Memory | None = None,
    state: DecoderState | None = None,
    prefix_BP: Tensor | None = None,
) -> Greedy:
    """Decode each source until EOS or `most` words; the model stays in the mode it is in.

    Args:
        model: any translation model.
        source_BS: ids that end in EOS, padded with PAD.
        most: the longest hypothesis, in words.
        bias_BTS: added to the attention scores, by target position (see `Translator.decode`);
            positions beyond its end are not changed.
        want_attention: whether the attention is kept.
        memory: of `model.encode`, if it was computed already.
        state: to begin with instead of `model.start(memory)`.
        prefix_BP: words that every hypothesis must begin with; they are part of the answer.
    """
    memory = model.encode(source_BS) if memory is None else memory
    state = model.start(memory) if state is None else state
    rows = len(source_BS)
    word_B1 = torch.full((rows, 1), BOS, device=source_BS.device)
    done_B = torch.zeros(rows, dtype=torch.bool, device=source_BS.device)
    words, scores, maps = [], [], []
    for step in range(most):
        bias = None if bias_BTS is None or step >= bias_BTS.shape[1] else bias_BTS[:, step, None]
        decoded = model.decode(word_B1, memory, state, bias_BTS=bias, want_attention=want_attention)
        state = decoded.state
        scores_BV = decoded.logits_BTV[:, -1].log_softmax(-1)
        scores_BV[:, [PAD, BOS, UNKNOWN]] = -torch.inf
        if prefix_BP is not None and step < prefix_BP.shape[1]:
            word_B1 = prefix_BP[:, step, None]
        else:
            word_B1 = scores_BV.argmax(-1, keepdim=True)
        scores.append(scores_BV.gather(1, word_B1)[:, 0])
        word_B1 = word_B1.masked_fill(done_B[:, None], PAD)
        words.append(word_B1[:, 0])
        if decoded.attention_BMTS is not None:
            maps.append(decoded.attention_BMTS)
        done_B = done_B | (word_B1[:, 0] == EOS)
        if bool(done_B.all()):
            break
    return _collected(words, scores, maps)


def _collected(words: list[Tensor], scores: list[Tensor], maps: list[Tensor]) -> Greedy:
    ids = torch.stack(words, 1).tolist()
    values = torch.stack(scores, 1).tolist()
    kept, log_probabilities, finished = [], [], []
    for row, value in zip(ids, values, strict=True):
        end = row.index(EOS) if EOS in row else len(row)
        kept.append(row[:end])
        log_probabilities.append(value[: end + 1])
        finished.append(EOS in row)
    return Greedy(kept, log_probabilities, finished, torch.cat(maps, 2) if maps else None)
