import numpy as np
import pytest

from core.errors import ConfigError
from core.text.vocabulary import REPLACEMENT, Vocabulary, character_counts

TEXTS = [
    "",
    "a",
    "banana",
    "line one\nline two\ttabbed",
    "smile 😀 family 👩‍👩‍👧 flag 🇫🇷",
    "שלום עולם مرحبا",
    "e\u0301 combining, é composed",
    "\ud800 a lone surrogate",
    "\U0010ffff the last code point",
]


def test_the_most_frequent_come_first_and_ties_go_by_code_point():
    assert Vocabulary.of("banana").characters == REPLACEMENT + "anb"
    assert Vocabulary.of("cab cab").characters == REPLACEMENT + "abc "


def test_encoding_by_hand():
    vocabulary = Vocabulary.of("banana", most=2)
    assert vocabulary.characters == REPLACEMENT + "an"
    assert vocabulary.size == 3
    assert vocabulary.encode("banana").tolist() == [0, 1, 2, 1, 2, 1]
    assert vocabulary.decode([0, 1, 2, 1, 2, 1]) == REPLACEMENT + "anana"
    assert vocabulary.covered("banana") == pytest.approx(5 / 6)


@pytest.mark.parametrize("text", TEXTS)
def test_decoding_undoes_encoding_when_all_is_covered(text):
    vocabulary = Vocabulary.of(text)
    assert vocabulary.covered(text) == 1.0
    assert vocabulary.decode(vocabulary.encode(text)) == text


@pytest.mark.parametrize("text", TEXTS)
def test_counts_agree_with_counting_one_by_one(text):
    assert character_counts(text) == {character: text.count(character) for character in text}


def test_ids_agree_with_looking_up_one_by_one():
    rng = np.random.default_rng(0)
    text = "".join(map(chr, rng.integers(32, 0x500, size=5_000)))
    vocabulary = Vocabulary.of(text, most=100)
    ids = [max(vocabulary.characters.find(character), 0) for character in text]
    assert vocabulary.encode(text).tolist() == ids
    assert vocabulary.encode(text).dtype == np.int64
    assert vocabulary.covered(text) == np.mean(np.array(ids) > 0)


def test_characters_never_seen_map_to_the_replacement():
    assert Vocabulary.of("abc").encode("a\x00é😀b").tolist() == [1, 0, 0, 0, 2]


def test_a_replacement_symbol_in_the_text_is_not_counted_as_covered():
    vocabulary = Vocabulary.of("ab\ufffd")
    assert vocabulary.characters == REPLACEMENT + "ab"
    assert vocabulary.covered("ab\ufffd") == pytest.approx(2 / 3)


def test_a_text_longer_than_a_chunk_is_encoded_whole():
    text = "ab" * 1_000_001 + "😀"
    vocabulary = Vocabulary.of(text)
    assert character_counts(text) == {"a": 1_000_001, "b": 1_000_001, "😀": 1}
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_equal_texts_give_equal_vocabularies():
    assert Vocabulary.of("some text") == Vocabulary.of("some text")
    assert hash(Vocabulary.of("some text")) == hash(Vocabulary.of("some text"))


def test_an_empty_vocabulary_is_refused():
    with pytest.raises(ConfigError, match="0 characters is empty; ask for 1 or more"):
        Vocabulary.of("abc", most=0)


@pytest.mark.parametrize(("characters", "message"), [("ab", "begins with"), ("\ufffdaa", "twice")])
def test_a_malformed_vocabulary_is_refused(characters, message):
    with pytest.raises(ConfigError, match=message):
        Vocabulary(characters)
