"""Which texts are trained on, which stop the training, and which are tested. No torch here."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.data.labelled import Example, LabelledCorpus
from core.errors import ConfigError
from core.text.sentences import text_key

PARTS = 10
"""A tenth is tested in each fold, another tenth stops the training early."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One split: no text is in two parts of it, and each text is tested in one fold at most."""

    train: tuple[Example, ...]
    dev: tuple[Example, ...]
    test: tuple[Example, ...]


def split_folds(
    corpus: LabelledCorpus, *, folds: int, seed: int, rows: int = 0
) -> tuple[Fold, ...]:
    """Return `folds` splits of the corpus, of at most `rows` examples (0: of all).

    Each class is dealt over ten parts, so that every part has about the same share of it. Where
    the corpus has texts to test on, these are dealt over the folds instead: together the folds
    test all of them once.

    Raises:
        ConfigError: there are too few texts to leave something in each part.
    """
    rng = random.Random(f"{corpus.name} {seed}")
    if corpus.test:
        tested = _dealt(_different(corpus.test), folds, rng)
        held = {text_key(each.text) for part in tested for each in part}
    else:
        tested, held = [], set()
    examples = [each for each in _different(corpus.examples) if text_key(each.text) not in held]
    parts = _dealt(_drawn(examples, rows, rng), PARTS, rng)
    made = []
    for fold in range(folds):
        test = tested[fold] if tested else parts[fold]
        dev = parts[(fold + 1) % PARTS]
        left_out = {(fold + 1) % PARTS} | (set() if tested else {fold})
        train = [each for at, part in enumerate(parts) if at not in left_out for each in part]
        made.append(Fold(tuple(train), tuple(dev), tuple(test)))
    for each in made:
        _require_texts(each)
    return tuple(made)


def _different(examples: Sequence[Example]) -> list[Example]:
    """Return the examples, each text once: the first of those that differ in case or spaces."""
    found: dict[str, Example] = {}
    for each in examples:
        found.setdefault(text_key(each.text), each)
    return list(found.values())


def _drawn(examples: Sequence[Example], rows: int, rng: random.Random) -> list[Example]:
    """Return `rows` of the examples, each class in its share."""
    if not 0 < rows < len(examples):
        return list(examples)
    drawn: list[Example] = []
    seen = 0
    for members in _by_class(examples, rng).values():
        seen += len(members)  # rounded in all, not by class: the shares sum to `rows`
        drawn += members[: round(rows * seen / len(examples)) - len(drawn)]
    return drawn


def _dealt(examples: Sequence[Example], parts: int, rng: random.Random) -> list[list[Example]]:
    dealt: list[list[Example]] = [[] for _ in range(parts)]
    at = 0
    for members in _by_class(examples, rng).values():
        for each in members:  # the next class goes on where this one ended
            dealt[at % parts].append(each)
            at += 1
    for part in dealt:
        rng.shuffle(part)  # so that the first few of a part are of all classes, too
    return dealt


def _by_class(examples: Sequence[Example], rng: random.Random) -> dict[int, list[Example]]:
    classes: defaultdict[int, list[Example]] = defaultdict(list)
    for each in examples:
        classes[each.label].append(each)
    for members in classes.values():
        rng.shuffle(members)
    return dict(sorted(classes.items()))


def _require_texts(fold: Fold) -> None:
    parts = {"train on": fold.train, "stop at": fold.dev, "test": fold.test}
    if lacking := [what for what, part in parts.items() if not part]:
        raise ConfigError(
            f"The {sum(map(len, parts.values())):,} texts of a fold leave none to "
            f"{' or to '.join(lacking)}. Bring more texts, use more of them, or choose fewer folds."
        )
    if len({each.label for each in fold.train}) < 2:
        raise ConfigError(
            "All texts to train on have the same label; a classifier needs at least two. "
            "Bring more texts of the other classes."
        )
