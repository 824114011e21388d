import pytest

from core.data.own_text import LONGEST_SENTENCE, MOST_SENTENCES, text_chapters
from core.errors import TextError


def test_sentences_come_in_their_order_in_chapters():
    text = " ".join(f"This is sentence {i}." for i in range(450))
    chapters, notes = text_chapters(text)
    units = [unit for chapter in chapters for unit in chapter]
    assert [source[3] for source, _ in units] == [str(i) for i in range(450)]
    assert all(source == target for source, target in units)
    assert {len(chapter) for chapter in chapters} == {20, 10}
    assert notes == ()


def test_a_short_text_has_ten_chapters():
    chapters, _ = text_chapters("Go on. " * 25)
    assert len(chapters) >= 10


def test_a_long_sentence_is_cut():
    chapters, _ = text_chapters("word " * 1_000)
    assert {len(source) for chapter in chapters for source, _ in chapter} == {LONGEST_SENTENCE}


def test_a_text_without_spaces_is_read_by_characters_and_that_is_said():
    chapters, notes = text_chapters("吾輩は猫である。名前はまだ無い。" * 20)
    assert chapters[0][0][0] == tuple("吾輩は猫である。")
    assert notes == ("The text has no spaces between words: each character is a word.",)


def test_of_a_very_long_text_the_beginning_is_used_and_that_is_said():
    chapters, notes = text_chapters("Go on.\n" * (MOST_SENTENCES + 5))
    assert sum(map(len, chapters)) == MOST_SENTENCES
    assert notes == ("The first 60,000 of 60,005 sentences are used.",)


@pytest.mark.parametrize("text", ["", "One. Two.", "word " * 300])
def test_too_few_sentences_are_refused(text):
    with pytest.raises(TextError, match="sentences; a translation model needs at least 20"):
        text_chapters(text)
