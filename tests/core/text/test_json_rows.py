import pytest

from core.errors import TextError
from core.text.json_rows import MOST_COLUMNS, read_json_rows


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "x", "b": 1}\n\n{"b": 2, "c": [true]}\n',
        '[{"a": "x", "b": 1},\n {"b": 2, "c": [true]}]',
        '{"n": 2,\n "rows": [{"a": "x", "b": 1}, {"b": 2, "c": [true]}]}',
    ],
)
def test_objects_are_rows_of_all_names_that_there_are(text):
    assert read_json_rows(text) == (["a", "b", "c"], [["x", "1", ""], ["", "2", "[true]"]])


def test_lists_are_rows_without_names():
    assert read_json_rows('["a", null]\n["b", 1.50]\n["c"]') == (
        [],
        [["a", ""], ["b", "1.5"], None],
    )


def test_what_is_no_row_among_rows_is_none():
    names, rows = read_json_rows('{"a": "x"}\nnot JSON\n3\n{"a": "\\u0000y\\nz"}')
    assert (names, rows) == (["a"], [["x"], None, None, ["y\nz"]])


@pytest.mark.parametrize("text", ["a,b", "[Applause] fine,good\n[Boo],bad", "{", "[" * 50_000, "1"])
def test_what_is_not_json_is_left_to_others(text):
    assert read_json_rows(text) is None


def test_too_many_columns_are_refused():
    row = "{" + ",".join(f'"{i}": 1' for i in range(MOST_COLUMNS)) + "}"
    assert len(read_json_rows(row)[0]) == MOST_COLUMNS
    for more in (f'{row}\n{{"one more": 1}}', str([0] * (MOST_COLUMNS + 1)) + "\n[1]"):
        with pytest.raises(TextError, match="more than 200 columns"):
            read_json_rows(more)
