import pytest

from core.errors import TextError
from core.text.columns import read_columns

ROWS = [(f"Yes, I see {i}", f"Oui; je vois {i}") for i in range(30)]


def lines(template, rows=ROWS):
    return "\n".join(template.format(*row) for row in rows)


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("{}\t{}", "tabs"),
        ('"{}"\t"{}"', "tabs"),
        ("{} ||| {}", "|||"),
        ('"{}","{}"', "commas"),
        ('"{}", "{}"', "commas"),
        ('"{}";"{}"', "semicolons"),
        ("{}|{}", "bars"),
    ],
)
def test_the_sign_between_the_columns_is_guessed(template, named):
    columns = read_columns(lines(template))
    assert [(a.strip(), b.strip()) for a, b in columns.rows] == ROWS
    assert columns.notes == (f"The columns are separated by {named}.",)


def test_a_sign_inside_a_sentence_makes_the_row_ragged():
    rows = [(f"yes {i}", f"oui {i}") for i in range(30)]
    columns = read_columns(lines("{},{}", rows) + "\nno, never,non jamais\nalone")
    assert columns.rows == [*rows, None, None]


@pytest.mark.parametrize("between", ["\t", ","])
def test_a_third_column_is_ignored_and_said(between):
    rows = [(f"yes {i}", f"oui {i}") for i in range(30)]
    columns = read_columns(lines(f"{{}}{between}{{}}{between}a licence", rows))
    assert columns.rows == rows
    assert columns.notes[1] == "A third column or more, in 30 rows, was ignored."


@pytest.mark.parametrize(
    "header", [("source", "target"), ("EN", "fr"), ("source_text", "Text (German)"), ("src", "tgt")]
)
def test_a_header_is_recognised_and_said(header):
    columns = read_columns(lines("{}\t{}", [header, *ROWS]))
    assert columns.rows == ROWS
    assert columns.notes[1] == "The first row names the columns and was left out."


@pytest.mark.parametrize("first", [("the source", "la source"), ("text", ""), ("1", "2")])
def test_a_first_sentence_is_no_header(first):
    assert read_columns(lines("{}\t{}", [first, *ROWS])).rows == [first, *ROWS]


def test_quotes_hold_signs_doubled_quotes_and_line_breaks():
    text = '"He said ""no"", twice","Il a\ndit non"\n' + lines('"{}","{}"')
    assert read_columns(text).rows == [('He said "no", twice', "Il a\ndit non"), *ROWS]


def test_quotes_in_a_table_with_tabs_are_plain_signs_unless_they_surround_a_cell():
    text = lines("{}\t{}") + '\n"Go" he said\t"Va", dit-il\n"a ""b"""\t"\n'
    assert read_columns(text).rows[30:] == [
        ('"Go" he said', '"Va", dit-il'),
        ('a "b"', '"'),
        ("", ""),
    ]


def test_an_open_quote_costs_its_own_row_only():
    text = lines('"{}","{}"') + '\n"never closed,ouvert\n' + lines('"{}","{}"', ROWS * 50)
    rows = read_columns(text).rows
    assert rows[:30] == ROWS
    assert sum(row in ROWS for row in rows) == 30 + 1_500


def test_a_cell_of_many_lines_is_one_cell_and_a_table_of_them_stays_whole():
    cell = "\n".join(["a line, and more"] * 40)
    rows = [(f"{i} {cell}", f"oui {i}") for i in range(20)]
    assert read_columns(lines('"{}","{}"', rows)).rows == rows
    assert read_columns(lines('"{}","{}",x', rows)).rows == rows


def test_an_open_quote_that_nothing_closes_costs_its_own_row():
    rows = [(f"yes {i}", f"oui {i}") for i in range(10)]
    for text in (lines("{},{}", rows) + '\n"open,x', '"open,x\n' + lines("{},{}", rows)):
        found = read_columns(text).rows
        assert [row for row in found if row in rows] == rows
        assert len(found) == 11
    many = lines("{},{}", rows * 9)
    assert len(read_columns(f'{many}\n"open,x\n{many}').rows) == 181


def test_an_empty_line_is_an_empty_row():
    assert read_columns(lines("{}\t{}") + "\n\nalone").rows[30:] == [("", ""), None]


@pytest.mark.parametrize("text", ["one\ntwo\nthree", "word\n" * 50, "yes; no\n" + "word\n" * 50])
def test_one_column_is_refused(text):
    with pytest.raises(TextError, match="There is one column only"):
        read_columns(text)


def test_a_cell_larger_than_what_csv_allows_is_read_line_by_line():
    rows = read_columns(lines('"{}","{}"') + '\n"' + "a" * 200_000 + '","b"').rows
    assert rows[:30] == ROWS
    assert len(rows) == 31
