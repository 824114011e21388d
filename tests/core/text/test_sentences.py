import pytest

from core.text.sentences import has_no_spaces, split_sentences, split_words, text_key


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Don't go, said the king.", "Don't|go|,|said|the|king|."),
        ("L’arbre n’est pas là : « non » !", "L’arbre|n’est|pas|là|:|«|non|»|!"),
        ("well-known 3.14", "well|-|known|3|.|14"),
        ("'quoted'", "'|quoted|'"),
        ("हिन्दी में लिखा है।", "हिन्दी|में|लिखा|है|।"),
        ("שָׁלוֹם עוֹלָם!", "שָׁלוֹם|עוֹלָם|!"),
        ("مرحبا بالعالم، كيف؟", "مرحبا|بالعالم|،|كيف|؟"),
        ("e\u0301te\u0301 d'e\u0301te\u0301", "e\u0301te\u0301|d'e\u0301te\u0301"),
        ("\u0301lonely", "\u0301|lonely"),
        ("", ""),
        (" \t\u3000 ", ""),
    ],
)
def test_words_and_marks_are_split_in_any_script(line, words):
    assert "|".join(split_words(line)) == words


@pytest.mark.parametrize("by_characters", [False, True])
def test_nothing_but_spaces_is_lost_and_no_word_has_one(by_characters):
    line = "".join(map(chr, [*range(0x20, 0x2FF0), *range(0x1F300, 0x1F700)])) + " e\u0301 क्षि"
    words = split_words(line, by_characters=by_characters)
    assert "".join(words) == "".join(line.split())
    assert all(len(word.split()) == 1 for word in words)


def test_a_text_without_spaces_is_split_into_characters_with_their_marks():
    assert split_words("吾輩は猫 か\u3099。", by_characters=True) == (
        "吾",
        "輩",
        "は",
        "猫",
        "か\u3099",
        "。",
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["吾輩は猫である。", "名前はまだ無い。"], True),
        (["แมวนอนบนเตียง"], True),
        (["abcdefghij" * 5], True),
        (["cat", "dog", "window"], False),
        (["我 喜欢 猫"], False),
        (["고양이가 침대에서 잔다"], False),
        (["the cat sleeps", "on the bed"], False),
        (["", "  "], False),
        ([], False),
    ],
)
def test_writing_without_spaces_is_told_from_single_words(lines, expected):
    assert has_no_spaces(lines) is expected


def test_sentences_end_at_marks_and_at_line_ends():
    text = "Hello there. He said: “No!” Then (he left.) So\nNew line\n\n3.14 is pi...  End"
    assert split_sentences(text) == [
        "Hello there.",
        "He said: “No!”",
        "Then (he left.)",
        "So",
        "New line",
        "3.14 is pi...",
        "End",
    ]
    assert split_sentences("猫である。「名前は無い。」犬だ") == [
        "猫である。",
        "「名前は無い。」",
        "犬だ",
    ]
    assert split_sentences(" \n ") == []


def test_the_key_of_a_text_knows_neither_case_nor_spaces():
    assert text_key(" Die  STRASSE\n") == text_key("die straße")
    assert text_key("a b") != text_key("ab")
