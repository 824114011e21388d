"""How well a translation model does on held-out pairs: hypotheses first, then tables of them.

Every table is plain columns, one row a bucket of reference length.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import torch

from core.data.grammar import LARGE, SMALL
from core.data.pair_batch import PairBatch, make_pair_batch
from core.data.pairs import Pair
from core.decoding.beam import beam_search
from core.decoding.greedy import greedy, length_limit
from core.decoding.pieces import greedy_in_pieces
from core.diagnostics.forced_reading import read_forced
from core.labs.pair_material import PairMaterial
from core.labs.translation_config import TranslationConfig, TranslationTask
from core.metrics.bleu import Scores, floor, score_buckets
from core.metrics.paired import compare_systems
from core.models.translator import Translator, map_names
from core.models.translators import TranslatorSpec
from core.text.words import EOS, PAD, SPECIALS
from core.training.events import ArrayEvent, Columns, Event

SENTENCES_AT_ONCE = 192
SHOWN_LENGTH = 25
LEAST_DIFFERENCE = 5.0
"""BLEU points below which two models of one seed are called equal: other seeds move them more."""


@dataclass(slots=True)
class Translations:
    """What one model made of the test pairs, in one order for all models.

    `teacher_forced` is the share of words right after the right words, by bucket; it has no entry
    for a model that decodes in pieces.
    """

    hypotheses: list[list[str]] = field(default_factory=list)
    log_probabilities: list[list[float]] = field(default_factory=list)
    teacher_forced: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Examiner:
    """Has models translate the test pairs as `config` says."""

    config: TranslationConfig
    material: PairMaterial
    device: torch.device

    def translate(
        self, spec: TranslatorSpec, model: Translator, *, count: int, searched: bool = False
    ) -> Translations:
        """Translate `count` test pairs of each bucket; `searched`: with the config's beam."""
        found = Translations()
        tested = tested_pairs(self.material, count)
        searches = searched and self.config.is_searched
        model.eval()
        lots: Iterable[Sequence[Pair]] = tested.values()
        if not spec.pieces_of and not searches:  # all lengths together: no longer than the longest
            lots = [[pair for pairs in tested.values() for pair in pairs]]
        longest = {b: max(len(pair.target) for pair in pairs) for b, pairs in tested.items()}
        for some in chain.from_iterable(map(_at_once, lots)):
            most = [length_limit(longest[self._bucket(pair)]) for pair in some]
            decoded = self._decode(spec, model, some, most, searches=searches)
            for ids, log_probabilities in decoded:
                found.hypotheses.append(self.material.target_vocabulary.decode(ids))
                found.log_probabilities.append(log_probabilities)
        if not spec.pieces_of:
            for bucket, pairs in tested.items():
                hits = [teacher_forced_hits(model, self.batch(some)) for some in _at_once(pairs)]
                right, words = map(sum, zip(*hits, strict=True))
                found.teacher_forced[bucket] = right / words
        model.train()
        return found

    def _bucket(self, pair: Pair) -> int:
        return self.material.corpus.buckets.of(len(pair.target))

    def batch(self, pairs: Sequence[Pair]) -> PairBatch:
        """Return the pairs as ids on the device."""
        words = self.material
        batch = make_pair_batch(pairs, words.source_vocabulary, words.target_vocabulary)
        return batch.to(self.device)

    def _decode(
        self,
        spec: TranslatorSpec,
        model: Translator,
        pairs: Sequence[Pair],
        most: Sequence[int],
        *,
        searches: bool,
    ) -> Iterable[tuple[list[int], list[float]]]:
        config = self.config
        if spec.pieces_of:
            found = greedy_in_pieces(
                model,
                [pair.source for pair in pairs],
                self.material.source_vocabulary,
                segment=config.segment,
                conjunctions=conjunctions(config.task),
            )
        elif searches:
            best = beam_search(
                model,
                self.batch(pairs).inputs.source_BS,
                beam=config.beam,
                most=max(most),
                length_penalty=config.length_penalty,
            )
            return ((found[0].words, found[0].log_probabilities) for found in best)
        else:
            found = greedy(model, self.batch(pairs).inputs.source_BS, most=most)
        return zip(found.words, found.log_probabilities, strict=True)


def _at_once(pairs: Sequence[Pair]) -> Iterator[Sequence[Pair]]:
    for start in range(0, len(pairs), SENTENCES_AT_ONCE):
        yield pairs[start : start + SENTENCES_AT_ONCE]


def conjunctions(task: TranslationTask) -> tuple[str, ...]:
    """Return the source words that begin a clause; empty where a task has none."""
    lexicon = {"grammar": SMALL, "grammar-large": LARGE}.get(task)
    return tuple(word.english for word in lexicon.conjunctions) if lexicon else ()


def tested_pairs(material: PairMaterial, count: int) -> dict[int, Sequence[Pair]]:
    """Return the first `count` test pairs of each bucket that has any."""
    return {b: pairs[:count] for b, pairs in material.corpus.test.items() if pairs}


def teacher_forced_hits(model: Translator, batch: PairBatch) -> tuple[int, int]:
    """Return how many words the model gets right after the right words, and of how many.

    As in the diagnosis, a word that is not in the vocabulary is never right: no decoder says it.
    """
    return int(read_forced(model, batch).right_BT.sum()), int((batch.targets != PAD).sum())


def references(material: PairMaterial, count: int) -> list[list[str]]:
    """Return the references of the tested pairs, in the order of `Translations`."""
    return [list(p.target) for pairs in tested_pairs(material, count).values() for p in pairs]


def score(
    translations: Translations, material: PairMaterial, count: int, *, with_chrf: bool = True
) -> Scores:
    """Return BLEU and its companions of these translations, overall and by bucket.

    chrF takes three quarters of the time: under way it can be left out.
    """
    wanted = references(material, count)
    buckets = material.corpus.buckets
    return score_buckets(translations.hypotheses, wanted, buckets, with_chrf=with_chrf)


def bleu_columns(scores: Scores, translations: Translations, trained: Sequence[int]) -> Columns:
    """Return the table "bleu"; a bucket without a test pair has n 0 and no numbers."""
    rows = scores.buckets
    names = ("bleu", "low", "high", "brevity_penalty", "length_ratio", "chrf")
    return {
        "bucket": [row.bucket for row in rows],
        "low_length": [row.low_length for row in rows],
        "high_length": [row.high_length for row in rows],
        "n": [row.n for row in rows],
        **{name: [getattr(row, name) for row in rows] for name in names},
        "token_accuracy": [row.token_accuracy for row in rows],
        "exact_match": [row.exact_match for row in rows],
        "teacher_forced_accuracy": [translations.teacher_forced.get(r.bucket or 0) for r in rows],
        "trained": [row.bucket in trained for row in rows],
    }


def floor_columns(material: PairMaterial, count: int) -> Columns:
    """Return the table "floor": BLEU of another reference of the same length."""
    buckets = material.corpus.buckets
    rows = floor(references(material, count), buckets, with_chrf=False).buckets
    return {
        "bucket": [row.bucket for row in rows],
        "n": [row.n for row in rows],
        "bleu": [row.bleu for row in rows],
    }


def paired_columns(
    found: Mapping[str, Translations], baseline: str, material: PairMaterial, count: int
) -> Columns:
    """Return the table "paired": each model less the baseline, on the same sentences."""
    wanted = references(material, count)
    columns: Columns = {
        name: []
        for name in (
            "model",
            "baseline",
            "bucket",
            "difference",
            "low",
            "high",
            "p_value",
            "n",
            "real",
        )
    }
    for name, translations in found.items():
        if name == baseline:
            continue
        compared = compare_systems(
            translations.hypotheses,
            found[baseline].hypotheses,
            wanted,
            material.corpus.buckets,
        )
        for row in compared.buckets:
            if row.difference is None or row.low is None or row.high is None:
                continue
            columns["model"].append(name)
            columns["baseline"].append(baseline)
            columns["real"].append(row.low > 0 or row.high < 0)
            for key in ("bucket", "difference", "low", "high", "p_value", "n"):
                columns[key].append(getattr(row, key))
    return columns


def effect(difference: float, low: float, high: float) -> str:
    """Return "helps", "hurts" or "no effect here" for a paired difference in BLEU points."""
    if low > 0 and difference >= LEAST_DIFFERENCE:
        return "helps"
    if high < 0 and difference <= -LEAST_DIFFERENCE:
        return "hurts"
    return "no effect here"


def sample_columns(
    translations: Translations, material: PairMaterial, count: int, *, each: int = 3
) -> Columns:
    """Return the table "samples": the first `each` test pairs of every bucket."""
    columns: Columns = {
        name: []
        for name in ("sample", "bucket", "source", "reference", "hypothesis", "log_probabilities")
    }
    at = 0
    for bucket, pairs in tested_pairs(material, count).items():
        for index, pair in enumerate(pairs[:each]):
            columns["sample"].append(index)
            columns["bucket"].append(bucket)
            columns["source"].append(" ".join(pair.source))
            columns["reference"].append(" ".join(pair.target))
            columns["hypothesis"].append(" ".join(translations.hypotheses[at + index]))
            numbers = translations.log_probabilities[at + index]
            columns["log_probabilities"].append([round(number, 4) for number in numbers])
        at += len(pairs)
    return columns


def attention_event(examiner: Examiner, name: str, model: Translator, step: int) -> Iterator[Event]:
    """Yield the array "attention" of the first test pair of a middling trained length."""
    tested = tested_pairs(examiner.material, 1)
    lengths = [b for b in tested if b in examiner.config.trained] or list(tested)
    if not lengths:
        return
    pair = tested[min(lengths, key=lambda b: abs(b - SHOWN_LENGTH))][0]
    source_BS = examiner.batch([pair]).inputs.source_BS
    found = greedy(model, source_BS, most=length_limit(len(pair.target)), want_attention=True)
    assert found.attention_BMTS is not None
    end = [SPECIALS[EOS]] if found.finished[0] else []
    words = examiner.material.target_vocabulary.decode(found.words[0])
    weights_MTS = found.attention_BMTS[0].float().cpu().numpy()
    yield ArrayEvent(
        name="attention",
        model=name,
        step=step,
        array=weights_MTS,
        labels={
            "source": [*pair.source, SPECIALS[EOS]],
            "target": [*words, *end],
            "map": map_names(len(weights_MTS)),
        },
    )
