import dataclasses

import pytest

from core.data.labelled import Example, LabelledCorpus, encode_text, words_of
from core.text.words import UNKNOWN, WordVocabulary

VOCABULARY = WordVocabulary.of([("a", "b", "a")])


def test_the_words_of_an_example_are_those_of_its_text_in_lower_case():
    example = Example("It's GOOD, isn't it?", 1)
    assert example.words == ("it's", "good", ",", "isn't", "it", "?")
    assert example.words == words_of(example.text)


@pytest.mark.parametrize(
    "text", ["It's GOOD!", "naïve İstanbul … 好电影", "a\u00a0b\u2028c", "<br />", "", " \n"]
)
def test_words_joined_by_spaces_split_into_the_same_words(text):
    words = words_of(text)
    assert words_of(" ".join(words)) == words


def test_encoding_by_hand():
    a, b = VOCABULARY.encode(["a", "b"])
    assert encode_text(("b", "a", "c", "a"), VOCABULARY, 3) == [b, a, UNKNOWN]


def test_a_text_without_words_is_one_unknown_word():
    assert encode_text((), VOCABULARY, 5) == [UNKNOWN]


def test_a_corpus_cannot_be_altered():
    corpus = LabelledCorpus(name="", classes=("no", "yes"), examples=(), citation="")
    assert (corpus.test, corpus.notes) == ((), ())
    with pytest.raises(dataclasses.FrozenInstanceError):
        corpus.name = "other"
