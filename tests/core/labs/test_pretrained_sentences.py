import pytest

from core.errors import TextError
from core.labs.pretrained_sentences import MOST_CHARACTERS, MOST_SENTENCES, read_sentences


def test_a_line_is_a_source_and_after_a_tab_its_reference():
    text = "the cat\tle chat\n\n  a dog \nno reference\t\n"
    assert read_sentences(text) == [("the cat", "le chat"), ("a dog", None), ("no reference", None)]


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_no_sentence_is_refused(text):
    with pytest.raises(TextError, match="There are 0 sentences; give 1 to 200"):
        read_sentences(text)


def test_too_many_sentences_are_refused():
    read_sentences("a\n" * MOST_SENTENCES)
    with pytest.raises(TextError, match="There are 201 sentences; give 1 to 200"):
        read_sentences("a\n" * (MOST_SENTENCES + 1))


@pytest.mark.parametrize("line", ["a\tb\tc", "\tb"])
def test_a_line_of_other_columns_is_refused_by_its_number(line):
    with pytest.raises(TextError, match="Line 2 cannot be read"):
        read_sentences(f"fine\n{line}")


@pytest.mark.parametrize("line", ["secret " * 300, "a\t" + "secret " * 300])
def test_a_long_sentence_is_refused_by_its_length_and_never_quoted(line):
    with pytest.raises(TextError, match=r"Sentence 1 has 2,099 characters") as error:
        read_sentences(line)
    assert "secret" not in str(error.value)
    assert MOST_CHARACTERS == 2_000
