"""What a sentiment run learns from: texts with their labels, split into folds. No torch here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from core.data.folds import Fold, split_folds
from core.data.labelled import Example, LabelledCorpus
from core.data.reviews import POLARITY, load_reviews
from core.errors import ConfigError, TextError
from core.labs.sentiment_config import SentimentConfig
from core.text.labelled import class_names, unpack_labelled
from core.text.words import WordVocabulary
from core.training.events import Columns

REVIEWS = {"mr": "rotten_tomatoes", "imdb": "imdb"}
MOST_WORDS_KNOWN = 30_000
MOST_TESTED = 3000
"""Texts of another source that a fold is tested on, at the most."""
LENGTH_BINS = 30
SAME_AS = {"neg": "negative", "pos": "positive"}
"""How the two classes of reviews are called elsewhere."""
MAY_MEAN = {
    "0": "negative",
    "-1": "negative",
    "bad": "negative",
    "1": "positive",
    "good": "positive",
}
"""What else they are called where reviews stand beside; alone a 1 may be anything, as spam."""
RENAMED = ("Your labels are read as negative and positive, as those of film reviews are called.",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentMaterial:
    """The folds, and what is told of them.

    Attributes:
        lengths: of all texts of the first fold, in words, before they are cut.
        notes: what was kept, cut and left out, in plain sentences.
    """

    classes: tuple[str, ...]
    folds: tuple[Fold, ...]
    citation: str
    lengths: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def is_polarity(self) -> bool:
        """Whether the classes are negative and positive, in this order."""
        return self.classes == POLARITY


def build_sentiment_material(config: SentimentConfig, text: str | None = None) -> SentimentMaterial:
    """Return what a run of `config` learns from; the same config and text give the same.

    `text` is the visitor's own: packed rows, see `core.text.labelled`.

    Raises:
        ConfigError: the classes of the two sources differ, or a part would have no text.
        TextError: own texts are asked for and there are none.
        DataMissingError: the package of the reviews is not installed.
    """
    corpus = _trained_on(config, text)
    if config.test_source != "same":
        corpus = _tested_on(corpus, config, text)
    folds = split_folds(corpus, folds=config.folds, seed=config.seed, rows=config.rows)
    if config.test_source in REVIEWS:
        folds, left_out = _tested_less(folds)
        corpus = replace(corpus, notes=(*corpus.notes, *left_out))
    lengths = tuple(len(each.words) for each in _all_of(folds[0]))
    return SentimentMaterial(
        classes=corpus.classes,
        folds=folds,
        citation=corpus.citation,
        lengths=lengths,
        notes=(*corpus.notes, *_cut_notes(lengths, config.most_words)),
    )


def fold_vocabulary(fold: Fold, least_count: int) -> WordVocabulary:
    """Return the words of a fold's training texts that occur often enough to be learned."""
    words = (each.words for each in fold.train)
    return WordVocabulary.of(words, MOST_WORDS_KNOWN, least_count=least_count)


def data_columns(material: SentimentMaterial) -> Columns:
    """Return how many texts of each class each part of the first fold has: part, class, count."""
    fold = material.folds[0]
    rows = []
    for part, examples in (("train", fold.train), ("dev", fold.dev), ("test", fold.test)):
        counts = Counter(each.label for each in examples)
        rows += [(part, name, counts[label]) for label, name in enumerate(material.classes)]
    return dict(zip(("part", "class", "count"), map(list, zip(*rows, strict=True)), strict=True))


def length_columns(lengths: Sequence[int], most_words: int) -> Columns:
    """Return how many texts have how many words, and how many of them are not cut.

    Columns `words` (where a bin starts), `count`, `kept` and `cap`, which is the same in each row.
    The last bin has all that is longer than 98 % of the texts.
    """
    ordered = sorted(lengths) or [0]
    last = max(ordered[round(0.98 * (len(ordered) - 1))], 1)
    step = max(1, -(-last // LENGTH_BINS))
    bins = range(0, last + 1, step)
    counts = Counter(min(length // step, len(bins) - 1) for length in lengths)
    kept = Counter(min(n // step, len(bins) - 1) for n in lengths if n <= most_words)
    return {
        "words": list(bins),
        "count": [counts[at] for at in range(len(bins))],
        "kept": [kept[at] for at in range(len(bins))],
        "cap": [most_words] * len(bins),
    }


def _trained_on(config: SentimentConfig, text: str | None) -> LabelledCorpus:
    if config.source in REVIEWS:
        return load_reviews(REVIEWS[config.source])
    rows, test_rows = unpack_labelled(_given(text))
    return own_corpus(
        rows,
        test_rows if config.test_source == "same" else (),
        is_beside_reviews=config.test_source in REVIEWS,
    )


def _given(text: str | None) -> str:
    if not text:
        raise TextError(
            "No labelled texts of your own were given. Paste or upload some, or choose another "
            "source."
        )
    return text


def own_corpus(
    rows: Sequence[tuple[str, str]],
    test_rows: Sequence[tuple[str, str]] = (),
    *,
    is_beside_reviews: bool = False,
) -> LabelledCorpus:
    """Return a visitor's rows, each a text and the name of its class; classes in natural order.

    Names that mean negative and positive become these two; numbers do so only where film reviews
    are the other source.
    """
    meanings = SAME_AS | MAY_MEAN if is_beside_reviews else SAME_AS
    names = {name for _, name in chain(rows, test_rows)}
    meant = {name: meanings.get(name.strip().casefold(), name.strip().casefold()) for name in names}
    is_polarity = sorted(meant.values()) in (["negative"], ["positive"], list(POLARITY))
    called = meant if is_polarity else {name: name for name in names}
    classes = POLARITY if is_polarity else class_names(names)
    is_renamed = is_polarity and not names <= set(POLARITY)
    return LabelledCorpus(
        name="own",
        classes=classes,
        notes=RENAMED if is_renamed else (),
        examples=tuple(Example(text, classes.index(called[name])) for text, name in rows),
        test=tuple(Example(text, classes.index(called[name])) for text, name in test_rows),
        citation="your own labelled texts",
    )


def _tested_on(corpus: LabelledCorpus, config: SentimentConfig, text: str | None) -> LabelledCorpus:
    if config.test_source in REVIEWS:
        other = load_reviews(REVIEWS[config.test_source])
    else:
        rows, test_rows = unpack_labelled(_given(text))
        other = own_corpus((*rows, *test_rows), is_beside_reviews=True)
    if not set(other.classes) <= set(corpus.classes):
        raise ConfigError(
            "The texts to test on have other classes than those to train on. Name the classes of "
            "both alike, capital letters too (those of film reviews are "
            f"{' and '.join(POLARITY)}), or test on a part of the same source."
        )
    place = {label: corpus.classes.index(name) for label, name in enumerate(other.classes)}
    return replace(
        corpus,
        test=tuple(Example(each.text, place[each.label]) for each in other.examples),
        citation=f"{corpus.citation} Tested on: {other.citation}",
        notes=(*corpus.notes, *other.notes),
    )


def _tested_less(folds: tuple[Fold, ...]) -> tuple[tuple[Fold, ...], list[str]]:
    """Return the folds with at most `MOST_TESTED` texts to test on, and what is left out."""
    fewer = tuple(replace(fold, test=fold.test[:MOST_TESTED]) for fold in folds)
    there, kept = (sum(len(fold.test) for fold in some) for some in (folds, fewer))
    if kept == there:
        return folds, []
    return fewer, [
        f"{kept:,} of {there:,} texts to test on are used, {MOST_TESTED:,} a fold at the most."
    ]


def _all_of(fold: Fold) -> Iterable[Example]:
    return chain(fold.train, fold.dev, fold.test)


def _cut_notes(lengths: Sequence[int], most_words: int) -> tuple[str, ...]:
    cut = sum(length > most_words for length in lengths)
    if not cut:
        return ()
    lost = sum(max(0, length - most_words) for length in lengths) / sum(lengths)
    return (
        f"{cut:,} of {len(lengths):,} texts ({cut / len(lengths):.0%}) are longer than "
        f"{most_words} words and are cut there: {lost:.0%} of all words are not read.",
    )
