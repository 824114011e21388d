import pytest

from core.text.words import BOS, EOS, PAD, SPECIALS, UNKNOWN, WordVocabulary

SENTENCES = [("b", "a", "b"), ("c", "a", "b"), ("d",)]


def known(**options):
    return WordVocabulary.of(SENTENCES, **options).words[len(SPECIALS) :]


def test_the_most_frequent_words_come_first_and_ties_in_alphabetical_order():
    assert known() == ("b", "a", "c", "d")
    assert known(most=2) == ("b", "a")


@pytest.mark.parametrize(
    ("least", "expected"),
    [(1, ("b", "a", "c", "d")), (2, ("b", "a")), (3, ("b",)), (4, ())],
)
def test_words_that_are_too_rare_are_left_out(least, expected):
    assert known(least_count=least) == expected


def test_the_rarest_words_are_cut_off_after_the_rare_ones():
    assert known(most=1, least_count=2) == ("b",)


def test_the_special_words_stand_first_and_cannot_be_learned():
    vocabulary = WordVocabulary.of([(*SPECIALS, "a", "<pad>")])
    assert vocabulary.words == (*SPECIALS, "a")
    assert vocabulary.size == 5
    assert [vocabulary.words[at] for at in (PAD, BOS, EOS, UNKNOWN)] == list(SPECIALS)


def test_what_is_encoded_is_decoded_but_for_what_is_not_known():
    vocabulary = WordVocabulary.of(SENTENCES, least_count=2)
    ids = vocabulary.encode(("a", "c", "b"))
    assert ids == [5, UNKNOWN, 4]
    assert vocabulary.decode([*ids, EOS, 4]) == ["a", "<unk>", "b"]
    assert vocabulary.decode([4, PAD, 4]) == ["b"]


def test_vocabularies_of_the_same_words_are_equal():
    assert WordVocabulary.of(SENTENCES) == WordVocabulary.of(reversed(SENTENCES))
    assert WordVocabulary.of([]).words == SPECIALS
