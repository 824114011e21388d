"""Translation in pieces: cut the source, translate each piece by itself, join the translations.

What a model learned on short sentences then serves long ones, without any training, as far as
the pieces can be translated one by one (Pouget-Abadie et al. 2014, arXiv:1409.1257, let the model
choose the cuts). Legend: N pieces, S source time.
"""

from collections.abc import Collection, Sequence
from itertools import islice

import torch

from core.data.pair_batch import padded
from core.data.pairs import Words
from core.decoding.greedy import Greedy, greedy, length_limit
from core.models.translator import Translator
from core.text.words import EOS, WordVocabulary

_AT_ONCE = 512


def cut(words: Words, *, segment: int, conjunctions: Collection[str] = ()) -> list[Words]:
    """Return the pieces of a sentence, in order; joined they are the sentence.

    A piece begins at each of `conjunctions`, which it keeps. Where none are given, because the
    task has none, one begins after every `segment` words.
    """
    if conjunctions:
        starts = [at for at, word in enumerate(words) if at and word in conjunctions]
    else:
        starts = list(range(segment, len(words), segment))
    return [words[a:b] for a, b in zip([0, *starts], [*starts, len(words)], strict=True)]


@torch.no_grad()
def greedy_in_pieces(
    model: Translator,
    sources: Sequence[Words],
    vocabulary: WordVocabulary,
    *,
    segment: int,
    conjunctions: Collection[str] = (),
) -> Greedy:
    """Decode the pieces of all sources greedily and return the joined hypotheses.

    How long a piece may become goes by its own length, whatever stands beside it. The
    log-probability at the end of a hypothesis is the sum over the ends of its pieces, so
    that `log_probabilities` sum to the log-probability of all pieces. A hypothesis is finished
    when all its pieces are. There is no attention over the whole source.

    Args:
        model: any translation model.
        sources: sentences as words.
        vocabulary: of the source side.
        segment: words of a piece where no conjunctions are given.
        conjunctions: source words that a piece begins with.
    """
    pieces = [cut(words, segment=segment, conjunctions=conjunctions) for words in sources]
    ids = [[*vocabulary.encode(piece), EOS] for cuts in pieces for piece in cuts]
    device = next(model.parameters()).device
    found = [
        greedy(model, padded(some).to(device), most=[length_limit(len(row)) for row in some])
        for some in (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))
    ]
    parts = (
        part
        for each in found
        for part in zip(each.words, each.log_probabilities, each.finished, strict=True)
    )
    joined = [_joined(list(islice(parts, len(cuts)))) for cuts in pieces]
    return Greedy(
        [words for words, _, _ in joined],
        [log_probabilities for _, log_probabilities, _ in joined],
        [is_finished for _, _, is_finished in joined],
        None,
    )


def _joined(
    parts: list[tuple[list[int], list[float], bool]],
) -> tuple[list[int], list[float], bool]:
    words, log_probabilities, end = [], [], 0.0
    for said, logs, _ in parts:
        words += said
        log_probabilities += logs[: len(said)]
        end += sum(logs[len(said) :])
    is_finished = all(finished for _, _, finished in parts)
    return words, [*log_probabilities, end] if is_finished else log_probabilities, is_finished
