from collections import Counter
from itertools import chain

import pytest

from core.data.folds import PARTS, split_folds
from core.data.labelled import Example, LabelledCorpus
from core.errors import ConfigError
from core.text.sentences import text_key


def examples(*counts, prefix="text"):
    """Return so many texts of each class, no two alike."""
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    return tuple(Example(f"{prefix} {at}", label) for at, label in enumerate(labels))


def corpus(train, test=(), name="own"):
    return LabelledCorpus(
        name=name, classes=("a", "b", "c"), examples=train, citation="", test=test
    )


def keys(part):
    return {text_key(each.text) for each in part}


def parts(fold):
    return fold.train, fold.dev, fold.test


CORPORA = {
    "even": corpus(examples(60, 60)),
    "uneven": corpus(examples(97, 31, 12)),
    "tested": corpus(examples(50, 40), examples(20, 23, prefix="other")),
}


@pytest.mark.parametrize("folds", [1, 3, 10])
@pytest.mark.parametrize("name", CORPORA)
def test_no_text_is_in_two_parts_of_a_fold(name, folds):
    for fold in split_folds(CORPORA[name], folds=folds, seed=0):
        train, dev, test = map(keys, parts(fold))
        assert not train & dev | train & test | dev & test


@pytest.mark.parametrize("name", ["even", "uneven"])
def test_a_fold_holds_every_text_once_and_ten_folds_test_each_once(name):
    whole = CORPORA[name].examples
    folds = split_folds(CORPORA[name], folds=PARTS, seed=0)
    for fold in folds:
        assert sorted(chain(*parts(fold)), key=str) == sorted(whole, key=str)
    tested = Counter(chain.from_iterable(fold.test for fold in folds))
    assert tested == Counter(whole)
    stopped = Counter(chain.from_iterable(fold.dev for fold in folds))
    assert stopped == Counter(whole)


@pytest.mark.parametrize("name", ["even", "uneven"])
def test_every_tenth_has_its_share_of_each_class_to_within_one(name):
    whole = Counter(each.label for each in CORPORA[name].examples)
    for fold in split_folds(CORPORA[name], folds=PARTS, seed=3):
        for part in (fold.dev, fold.test):
            counts = Counter(each.label for each in part)
            assert all(abs(counts[label] - whole[label] / PARTS) < 1 for label in whole)
        assert abs(len(fold.test) - len(CORPORA[name].examples) / PARTS) < 1


def test_the_parts_are_a_tenth_a_tenth_and_the_rest_by_hand():
    (fold,) = split_folds(corpus(examples(60, 40)), folds=1, seed=0)
    assert [len(part) for part in parts(fold)] == [80, 10, 10]
    assert Counter(each.label for each in fold.test) == {0: 6, 1: 4}


def test_the_first_of_a_part_are_of_all_classes():
    (fold,) = split_folds(corpus(examples(1000, 1000)), folds=1, seed=0)
    for part in parts(fold):
        labels = [each.label for each in part[: len(part) // 2]]
        assert 0.3 < sum(labels) / len(labels) < 0.7


@pytest.mark.parametrize("folds", [1, 2, 3])
def test_texts_to_test_on_are_dealt_over_the_folds_each_once(folds):
    made = split_folds(CORPORA["tested"], folds=folds, seed=0)
    tested = Counter(chain.from_iterable(fold.test for fold in made))
    assert tested == Counter(CORPORA["tested"].test)
    for fold in made:
        assert len(fold.train) + len(fold.dev) == len(CORPORA["tested"].examples)
        counts = Counter(each.label for each in fold.test)
        assert all(abs(counts[label] - n / folds) < 1 for label, n in ((0, 20), (1, 23)))


def test_a_text_to_test_on_is_never_trained_on_however_it_is_written():
    train = (*examples(30, 30), Example("  A  Good\tFILM ", 1))
    made = split_folds(corpus(train, (Example("a good film", 1), Example("x", 0))), folds=1, seed=0)
    assert "a good film" not in keys(made[0].train) | keys(made[0].dev)
    assert keys(made[0].test) == {"a good film", "x"}


def test_of_texts_that_differ_in_case_and_spaces_the_first_is_kept():
    twice = (Example("SAME text", 1), *examples(30, 30), Example("same  TEXT", 0))
    (fold,) = split_folds(corpus(twice), folds=1, seed=0)
    kept = [each for each in chain(*parts(fold)) if text_key(each.text) == "same text"]
    assert kept == [twice[0]]


def test_equal_arguments_give_equal_folds_and_other_seeds_and_names_others():
    def dealt(seed=0, name="own", folds=2):
        return split_folds(corpus(examples(60, 60), name=name), folds=folds, seed=seed)

    assert dealt() == dealt()
    assert dealt(folds=3)[:2] == dealt()
    assert dealt()[0].test != dealt(seed=1)[0].test
    assert dealt()[0].test != dealt(name="other")[0].test


@pytest.mark.parametrize("rows", [20, 50, 51, 99, 140])
@pytest.mark.parametrize("counts", [(70, 70), (97, 31, 12), (47, 47, 46)])
def test_so_many_rows_are_used_each_class_in_its_share(counts, rows):
    (fold,) = split_folds(corpus(examples(*counts)), folds=1, seed=0, rows=rows)
    used = list(chain(*parts(fold)))
    assert len(used) == rows
    found = Counter(each.label for each in used)
    for label, count in enumerate(counts):
        assert abs(found[label] - rows * count / sum(counts)) <= 1


def test_more_rows_than_there_are_is_all_of_them():
    made = [split_folds(CORPORA["even"], folds=1, seed=0, rows=rows) for rows in (0, 120, 10**6)]
    assert made[0] == made[1] == made[2]


def test_rows_are_of_what_is_trained_on_not_of_what_is_tested():
    (fold,) = split_folds(CORPORA["tested"], folds=1, seed=0, rows=30)
    assert len(fold.train) + len(fold.dev) == 30
    assert len(fold.test) == 43


@pytest.mark.parametrize(
    ("made", "rows", "folds", "what"),
    [
        (corpus(examples(4, 4)), 0, 10, "stop at"),
        (corpus(examples(50, 50)), 1, 1, "train on or to stop at"),
        (corpus(examples(30, 30), examples(1, 1, prefix="other")), 0, 3, "test"),
        (corpus(()), 0, 1, "train on or to stop at or to test"),
    ],
)
def test_too_few_texts_are_said_with_what_to_do(made, rows, folds, what):
    with pytest.raises(ConfigError, match=rf"texts of a fold leave none to {what}.*Bring more"):
        split_folds(made, folds=folds, seed=0, rows=rows)


def test_a_single_label_to_train_on_is_no_classification():
    with pytest.raises(ConfigError, match="same label; a classifier needs at least two"):
        split_folds(corpus(examples(40)), folds=1, seed=0)
