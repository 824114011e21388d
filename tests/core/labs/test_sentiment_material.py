import json
from collections import Counter
from itertools import chain

import pytest

from core.data.reviews import POLARITY, load_reviews
from core.errors import ConfigError, TextError
from core.labs import sentiment_material
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import (
    LENGTH_BINS,
    RENAMED,
    build_sentiment_material,
    data_columns,
    fold_vocabulary,
    length_columns,
    own_corpus,
)


def packed(rows, test_rows=()):
    return "\n".join(json.dumps(row) for row in (*rows, *((*row, "test") for row in test_rows)))


def rows_of(names, count=60, prefix="a text with the number"):
    return [(f"{prefix} {at}", names[at % len(names)]) for at in range(count)]


def material(text=None, **settings):
    return build_sentiment_material(SentimentConfig(**{"folds": 1, **settings}), text)


def texts(part):
    return {each.text for each in part}


def test_reviews_are_split_cited_and_measured():
    made = material(rows=500)
    fold = made.folds[0]
    assert made.is_polarity
    assert [len(part) for part in (fold.train, fold.dev, fold.test)] == [400, 50, 50]
    assert "Pang and Lee" in made.citation
    lengths = [len(each.words) for each in chain(fold.train, fold.dev, fold.test)]
    assert made.lengths == tuple(lengths)
    assert made.notes == ()


def test_the_same_config_gives_the_same_and_another_seed_another():
    assert material(rows=300, folds=2) == material(rows=300, folds=2)
    assert material(rows=300).folds != material(rows=300, seed=1).folds


def test_own_rows_of_any_classes_are_taken_in_natural_order():
    names = ["10 stars", "2 stars", "1 star"]
    made = material(packed(rows_of(names)), source="own")
    assert made.classes == ("1 star", "2 stars", "10 stars")
    assert not made.is_polarity
    assert made.citation == "your own labelled texts"
    fold = made.folds[0]
    for each in chain(fold.train, fold.dev, fold.test):
        assert made.classes[each.label] == names[int(each.text.split()[-1]) % 3]


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (["neg", "pos"], POLARITY),
        ([" Positive ", "NEGATIVE"], POLARITY),
        (["pos"], POLARITY),
        (["1", "0"], ("0", "1")),
        (["Good", "Bad"], ("Bad", "Good")),
        (["pos", "positive"], ("pos", "positive")),
        (["positive", "neutral", "negative"], ("negative", "neutral", "positive")),
        (["0", "1", "2"], ("0", "1", "2")),
        (["spam", "1"], ("1", "spam")),
    ],
)
def test_two_names_that_mean_negative_and_positive_are_called_so(names, classes):
    corpus = own_corpus(rows_of(names))
    assert corpus.classes == classes
    assert corpus.notes == (RENAMED if classes == POLARITY else ())
    if classes == POLARITY:
        meant = [corpus.classes[each.label] for each in corpus.examples[: len(names)]]
        assert meant == [POLARITY[name in ("pos", " Positive ")] for name in names]


@pytest.mark.parametrize("names", [["1", "0"], ["1", "-1"], ["Good", "Bad"], ["1"]])
def test_beside_film_reviews_numbers_mean_negative_and_positive_too(names):
    corpus = own_corpus(rows_of(names), is_beside_reviews=True)
    assert corpus.classes == POLARITY
    assert corpus.notes == RENAMED
    meant = [corpus.classes[each.label] for each in corpus.examples[: len(names)]]
    assert meant == [POLARITY[name in ("1", "Good")] for name in names]


def test_numbers_without_reviews_beside_them_keep_their_names():
    made = material(packed(rows_of(["1", "0"])), source="own")
    assert made.classes == ("0", "1")
    assert not made.is_polarity


def test_labels_that_are_called_negative_and_positive_need_no_note():
    assert own_corpus(rows_of(POLARITY)).notes == ()


def test_own_rows_to_test_on_are_tested_and_nothing_else():
    rows, tested = rows_of(["no", "yes"]), rows_of(["no", "yes"], 20, prefix="another")
    fold = material(packed(rows, tested), source="own").folds[0]
    assert texts(fold.test) == {text for text, _ in tested}
    assert texts(fold.train) | texts(fold.dev) == {text for text, _ in rows}


def test_a_class_that_only_the_test_rows_have_is_a_class():
    tested = rows_of(["no", "perhaps"], 20, prefix="another")
    made = material(packed(rows_of(["no", "yes"]), tested), source="own")
    assert made.classes == ("no", "perhaps", "yes")


@pytest.mark.parametrize("text", [None, ""])
@pytest.mark.parametrize("settings", [{"source": "own"}, {"test_source": "own"}])
def test_own_texts_that_were_not_given_are_asked_for(settings, text):
    with pytest.raises(TextError, match="No labelled texts of your own were given"):
        material(text, **settings)


def test_models_of_reviews_are_tested_on_own_texts():
    rows = rows_of(["pos", "neg"], 20)
    made = material(packed(rows), test_source="own", rows=300)
    fold = made.folds[0]
    assert texts(fold.test) == {text for text, _ in rows}
    assert {each.text: POLARITY[each.label] for each in fold.test} == {
        text: {"pos": "positive", "neg": "negative"}[name] for text, name in rows
    }
    assert len(fold.train) + len(fold.dev) == 300
    assert made.citation.endswith("Tested on: your own labelled texts")


def test_a_file_to_test_on_may_hold_one_of_the_classes():
    fold = material(packed(rows_of(["pos"], 20)), test_source="own", rows=300).folds[0]
    assert {each.label for each in fold.test} == {1}


def test_rows_and_test_rows_of_a_file_to_test_on_are_all_tested():
    text = packed(rows_of(["1", "0"], 20), rows_of(["1", "0"], 10, prefix="another"))
    assert len(material(text, test_source="own", rows=300).folds[0].test) == 30


def test_models_of_own_texts_are_tested_on_a_fair_sample_of_reviews(monkeypatch):
    monkeypatch.setattr(sentiment_material, "MOST_TESTED", 500)
    text = packed(rows_of(["1", "0"]), rows_of(["1", "0"], 10, prefix="not used"))
    made = material(text, source="own", test_source="mr")
    fold = made.folds[0]
    assert len(fold.test) == 500
    assert 200 < sum(each.label for each in fold.test) < 300
    assert texts(fold.test) <= texts(load_reviews("rotten_tomatoes").examples)
    assert len(fold.train) + len(fold.dev) == 60
    assert "500 of 8,530 texts to test on are used, 500 a fold at the most." in made.notes


def test_labels_of_fewer_classes_find_their_place_among_more():
    # reviews know two of the three classes that were learned
    text = packed(rows_of(["positive", "neutral", "negative"]))
    made = material(text, source="own", test_source="mr")
    assert made.classes == ("negative", "neutral", "positive")
    sure = {each.text: each.label for each in load_reviews("rotten_tomatoes").examples}
    assert all(each.label == 2 * sure[each.text] for each in made.folds[0].test)


@pytest.mark.parametrize(
    "settings", [{"source": "own", "test_source": "mr"}, {"test_source": "own"}]
)
def test_classes_that_were_not_learned_cannot_be_tested(settings):
    text = packed(rows_of(["<b>secret</b>", "Positive", "Negative"]))
    with pytest.raises(ConfigError, match="other classes than those to train on") as raised:
        material(text, **settings)
    assert "secret" not in str(raised.value)


def test_what_the_cap_cuts_off_is_said_by_hand():
    rows = [(" ".join(["word"] * 19 + [str(at)]), "ab"[at % 2]) for at in range(40)]
    rows += [(f"short one {at}", "ab"[at % 2]) for at in range(60)]
    made = material(packed(rows), source="own", most_words=10)
    assert made.notes == (
        "40 of 100 texts (40%) are longer than 10 words and are cut there: 41% of all words are "
        "not read.",
    )
    assert material(packed(rows), source="own", most_words=20).notes == ()


def test_the_notes_of_a_source_are_kept():
    assert load_reviews("imdb").notes[0] in material(source="imdb", rows=50, most_words=200).notes


def test_the_table_of_the_data_counts_each_class_in_each_part():
    columns = data_columns(material(packed(rows_of(["a", "b", "c"], 90)), source="own"))
    assert columns == {
        "part": ["train"] * 3 + ["dev"] * 3 + ["test"] * 3,
        "class": ["a", "b", "c"] * 3,
        "count": [24, 24, 24] + [3] * 6,
    }


def test_the_table_of_lengths_by_hand():
    assert length_columns([1, 2, 2, 3], most_words=2) == {
        "words": [0, 1, 2, 3],
        "count": [0, 1, 2, 1],
        "kept": [0, 1, 2, 0],
        "cap": [2] * 4,
    }


@pytest.mark.parametrize("lengths", [[], [0], [5], list(range(1000)), [3] * 99 + [10**6]])
def test_every_text_is_in_one_bin_of_lengths(lengths):
    columns = length_columns(lengths, most_words=100)
    assert sum(columns["count"]) == len(lengths)
    assert sum(columns["kept"]) == sum(n <= 100 for n in lengths)
    assert 1 <= len(columns["words"]) <= LENGTH_BINS + 1
    assert columns["words"] == sorted(set(columns["words"]))
    assert {len(values) for values in columns.values()} == {len(columns["words"])}


def test_a_few_very_long_texts_do_not_stretch_the_bins():
    columns = length_columns([3] * 99 + [10**6], most_words=100)
    assert columns["words"][-1] == 3
    assert columns["count"][-1] == 100


def test_the_words_of_a_fold_are_those_of_its_training_texts_alone():
    fold = material(packed(rows_of(["a", "b"])), source="own").folds[0]
    vocabulary = fold_vocabulary(fold, 1)
    trained = Counter(word for each in fold.train for word in each.words)
    assert set(vocabulary.words[4:]) == set(trained)
    assert set(fold_vocabulary(fold, 2).words[4:]) == {w for w, n in trained.items() if n >= 2}
