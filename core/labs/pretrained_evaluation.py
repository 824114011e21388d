"""A pretrained model in the evaluation and attention views: translations, BLEU, attention.

Asked by the page through an inquiry process. Legend: M attention maps, T target time, S source
time.
"""

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

import torch

from core.data.pair_batch import padded
from core.decoding.beam import beam_search
from core.decoding.greedy import greedy
from core.errors import ConfigError, TextError
from core.labs.checks import check_range
from core.labs.pretrained_sentences import MOST_SENTENCES, check_sentences
from core.metrics.bleu import score_buckets
from core.metrics.buckets import Buckets
from core.models.pretrained_translator import PretrainedTranslator, open_pretrained
from core.text.words import BOS, EOS

TOKENIZE = "13a"
MOST_PIECES = 256
BATCH = 16
MOST_NUMBERS = 1_000_000
"""Of the attention maps of one sentence: more would take longer to send than to compute."""


def evaluate_pretrained(
    *,
    name: str,
    sentences: Sequence[Sequence[str | None]],
    prefix: str = "",
    download: bool = False,
    beam: int = 1,
    most: int = MOST_SENTENCES,
    sentence: int = 0,
) -> dict[str, Any]:
    """Return the translations of a pretrained model, their BLEU, and the attention of one.

    Args:
        name: a folder, or a name on the Hugging Face hub (see `open_pretrained`).
        sentences: pairs of a source and its reference or None, at most `most` of them.
        prefix: put before every source: T5 is told so what to do, a Marian model of many
            languages (">>fra<<") where to.
        download: whether the model may be fetched from the hub.
        beam: how many hypotheses the search follows; 1 is greedy.
        most: the most sentences that are taken.
        sentence: the index of the one whose attention is returned.

    Returns:
        `translations`: of each, `source`, `reference`, `translation`, `ids` (its pieces, for
        `pretrained_attention`) and `finished` (False: it was cut at the length limit);
        `maps`, `attention`: see `pretrained_attention`, with `sentence` in `attention`;
        `bleu`: a row for each bucket of reference length in words, then one for all (`bucket`
        None), empty without references, with `signature`, sacreBLEU's recipe;
        `seconds` of the translation, `parameters` of the model.

    Raises:
        DataMissingError, ConfigError: the model cannot be opened, a setting is out of range.
        TextError: no, too many or too long sentences.
    """
    check_range("most", most, 1, MOST_SENTENCES)
    check_range("beam", beam, 1, 16)
    pairs = [(str(source), reference) for source, reference in sentences]
    check_sentences(pairs, most)
    check_range("sentence", sentence, 0, len(pairs) - 1)
    model = open_pretrained(name, download=download)
    started = time.perf_counter()
    rows = _source_rows(model, prefix, [source for source, _ in pairs])
    found = _translate(model, rows, beam)
    seconds = time.perf_counter() - started
    translations = [
        {
            "source": source,
            "reference": reference,
            "translation": model.text(ids),
            "ids": ids,
            "finished": finished,
        }
        for (source, reference), (ids, finished) in zip(pairs, found, strict=True)
    ]
    attention = _attention(model, rows[sentence], *found[sentence])
    attention["attention"]["sentence"] = sentence
    return {
        "translations": translations,
        **attention,
        **_bleu(translations),
        "seconds": seconds,
        "parameters": model.learned,
    }


def pretrained_attention(
    *, name: str, source: str, ids: Sequence[int], finished: bool = True, prefix: str = ""
) -> dict[str, Any]:
    """Return where the decoder looked while it wrote the translation `ids` of `source`.

    `ids` and `finished` are of `evaluate_pretrained`; nothing is fetched.

    Returns:
        `maps`: the name of each map, the mean of all first, then every head, or the mean of every
        layer where that would be more than a million numbers; `attention`: `weights` (M, T, S),
        whose rows sum to 1, with the `source` and `target` pieces, ends of sentence included.

    Raises:
        DataMissingError, ConfigError: the model cannot be opened, or is not that of `ids`.
        TextError: the source is too long.
    """
    check_sentences([(source, None)])
    model = open_pretrained(name)
    row = _source_rows(model, prefix, [source])[0]
    if not all(0 <= i < model.size for i in ids) or len(ids) > _limit(model, row):
        raise ConfigError("The translation is not one of this model; translate again.")
    return _attention(model, row, list(ids), finished)


def _source_rows(
    model: PretrainedTranslator, prefix: str, sources: Sequence[str]
) -> list[list[int]]:
    limit = min(MOST_PIECES, model.longest or MOST_PIECES)
    rows = model.source_ids([prefix + source for source in sources])
    for at, row in enumerate(rows, 1):
        if len(row) > limit:
            raise TextError(
                f"Sentence {at} has {len(row)} pieces for this model; the limit is {limit}. "
                "Cut it into several lines."
            )
    return rows


def _limit(model: PretrainedTranslator, row: Sequence[int]) -> int:
    """Return how many pieces a translation may have, its end included."""
    limit = 2 * len(row) + 8
    return limit if model.longest is None else min(limit, model.longest - 1)


def _translate(
    model: PretrainedTranslator, rows: Sequence[Sequence[int]], beam: int
) -> list[tuple[list[int], bool]]:
    """Return the pieces of each translation, and whether its end was reached.

    Sentences of about one length are decoded together; each is cut at its own limit.
    """
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
    found: dict[int, tuple[list[int], bool]] = {}
    for first in range(0, len(order), BATCH):
        batch = order[first : first + BATCH]
        source_BS = padded([rows[at] for at in batch])
        most = max(_limit(model, rows[at]) for at in batch)
        if beam == 1:
            said = greedy(model, source_BS, most=most)
            ends = zip(said.words, said.finished, strict=True)
        else:
            best = [h[0] for h in beam_search(model, source_BS, beam=beam, most=most)]
            ends = zip([h.words for h in best], [h.finished for h in best], strict=True)
        for at, (ids, finished) in zip(batch, ends, strict=True):
            limit = _limit(model, rows[at])
            found[at] = (ids[:limit], finished and len(ids) < limit)
    return [found[at] for at in range(len(rows))]


@torch.no_grad()
def _attention(
    model: PretrainedTranslator, row: Sequence[int], ids: Sequence[int], finished: bool
) -> dict[str, Any]:
    target = [*ids, EOS] if finished else list(ids)
    memory = model.encode(torch.tensor([list(row)]))
    words_1T = torch.tensor([[BOS, *target[:-1]]])
    decoded = model.decode(words_1T, memory, model.start(memory), want_attention=True)
    assert decoded.attention_BMTS is not None
    heads_MTS = decoded.attention_BMTS[0]
    names = list(model.maps)
    if heads_MTS.numel() > MOST_NUMBERS:
        heads_MTS = torch.stack([each.mean(0) for each in heads_MTS.chunk(model.layers)])
        names = [f"layer {layer + 1}, mean" for layer in range(model.layers)]
    weights_MTS = torch.cat([heads_MTS.mean(0, keepdim=True), heads_MTS])
    return {
        "maps": ["mean of all", *names],
        "attention": {
            "weights": weights_MTS.double().round(decimals=6).tolist(),
            "source": model.pieces(row),
            "target": model.pieces(target),
        },
    }


def _bleu(translations: Sequence[dict[str, Any]]) -> dict[str, Any]:
    scored = [each for each in translations if each["reference"]]
    if not scored:
        return {"bleu": [], "signature": ""}
    scores = score_buckets(
        [each["translation"] for each in scored],
        [each["reference"] for each in scored],
        Buckets(),
        tokenize=TOKENIZE,
    )
    rows = [dataclasses.asdict(row) for row in (*scores.buckets, scores.overall)]
    return {"bleu": rows, "signature": scores.signature}
