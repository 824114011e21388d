import json

from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import build_sentiment_material, fold_vocabulary
from core.labs.sentiment_texts import encode_fold, usual_length
from core.text.words import UNKNOWN

ROWS = [(f"a text with the number {at}", "ab"[at % 2]) for at in range(60)]


def material(rows=ROWS, **settings):
    """Return a config that reads these rows, and what it learns from."""
    config = SentimentConfig(**{"source": "own", "folds": 1, **settings})
    return config, build_sentiment_material(config, "\n".join(map(json.dumps, rows)))


def test_a_fold_is_encoded_with_its_own_words():
    config, made = material(folds=2, most_words=5, seed=7)
    vocabulary, found = encode_fold(config, made, 1)
    fold = made.folds[1]
    assert vocabulary == fold_vocabulary(fold, config.least_count)
    assert found.train_labels == [each.label for each in fold.train]
    assert found.dev_labels == [each.label for each in fold.dev]
    for ids, each in zip(found.dev_rows, fold.dev, strict=True):
        assert vocabulary.decode(ids) == ["a", "text", "with", "the", "number"]
        assert len(each.words) == 6
    assert (found.vocabulary_size, found.classes, found.words) == (vocabulary.size, 2, 5)
    assert found.seed == 8


def test_words_that_only_the_other_parts_have_are_unknown():
    config, made = material(least_count=1)
    _, found = encode_fold(config, made, 0)
    assert {row[-1] for row in found.dev_rows} == {UNKNOWN}
    assert UNKNOWN not in {row[-1] for row in found.train_rows}


def test_the_usual_length_is_the_median_of_what_is_read():
    rows = [(" ".join(["w"] * (1 + at % 9)) + f" {at}", "ab"[at % 2]) for at in range(90)]
    _, made = material(rows)
    assert usual_length(made, 60) == 6
    assert usual_length(made, 5) == 5
