import random

import pytest

from core.text.labelled_columns import draw_some, guess_columns, is_header

LONG = [f"the {i}th film was longer than the one before" for i in range(60)]
NUMBERS = [f"{i / 7:.3f}" for i in range(60)]
COLUMNS = {
    "long": LONG,
    "short": [f"title {i}" for i in range(60)],
    "number": NUMBERS,
    "two": ["yes", "no"] * 30,
    "three": ["a", "b", "c"] * 20,
    "binary": ["0", "1"] * 30,
    "same": ["en"] * 60,
    "gaps": [*["x", "y"] * 5, *[""] * 50],
}


def guessed(**kinds):
    rows = list(zip(*(COLUMNS[kind] for kind in kinds.values()), strict=True))
    text, label = guess_columns(list(kinds), rows)
    return list(kinds)[text], list(kinds)[label]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({"id": "number", "review": "long", "sentiment": "two"}, ("review", "sentiment")),
        ({"label": "two", "text": "long"}, ("text", "label")),
        ({"title": "short", "body": "long", "stars": "three"}, ("body", "stars")),
        ({"a": "two", "b": "long"}, ("b", "a")),
        ({"a": "long", "b": "number", "c": "three", "d": "same"}, ("a", "c")),
        (
            {"reviewText": "long", "reviewId": "number", "overall": "three"},
            ("reviewText", "overall"),
        ),
        ({"text": "long", "split": "two", "label": "three"}, ("text", "label")),
        ({"text": "long", "label": "binary", "label_text": "two"}, ("text", "label_text")),
        ({"text": "long", "rating": "number", "split": "two"}, ("text", "rating")),
        ({"text": "long", "gold": "gaps", "kind": "two"}, ("text", "gold")),
        ({"x": "long", "reason": "gaps", "kind": "two"}, ("x", "kind")),
        (
            {
                "tweet_id": "number",
                "airline_sentiment": "three",
                "airline_sentiment_confidence": "number",
                "negativereason": "gaps",
                "name": "short",
                "text": "long",
            },
            ("text", "airline_sentiment"),
        ),
    ],
)
def test_columns_are_guessed_by_name_and_by_content(kinds, expected):
    assert guessed(**kinds) == expected


BELOW = [[text, label] for text, label in zip(LONG, COLUMNS["two"], strict=True)]


@pytest.mark.parametrize(
    "first",
    [["text", "label"], ["Review", "x"], ["", "sentiment"], ["Kommentar", "Wert"], ["文", "标签"]],
)
def test_a_first_row_of_names_is_a_header(first):
    assert is_header([first, *BELOW])


@pytest.mark.parametrize(
    "first",
    [
        ["a good text indeed, said the class", "yes"],
        ["text", "no"],
        ["text", "1"],
        [LONG[3], "label"],
        ["the first of all the films that were ever seen", "maybe"],
    ],
)
def test_a_first_row_with_a_value_of_those_below_is_none(first):
    assert not is_header([first, *BELOW])


def test_names_alone_are_a_header_and_one_row_of_values_is_none():
    assert is_header([["text", "label"]])
    assert is_header([["text", "label"], ["text", "label"]])
    assert not is_header([["a fine film", "good"]])


def test_some_are_drawn_in_their_order_and_the_same_each_time():
    rng = random.Random(1)
    for _ in range(50):
        items = list(range(rng.randrange(1, 100)))
        drawn = draw_some(items, 40)
        assert drawn == draw_some(items, 40) == sorted(set(drawn))
        assert len(drawn) == min(40, len(items))
