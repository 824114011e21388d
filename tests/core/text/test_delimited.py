import time

import pytest

from core.text.delimited import read_line, read_quoted, read_unquoted, usual_width

ROWS = [[f"text {i}, and more", "yes"] for i in range(50)]
LINES = [f'"{text}",{label}' for text, label in ROWS]


def test_cells_in_quotes_hold_the_delimiter_and_line_breaks():
    lines = ['"a, b",c', '"one', "", 'two, ""x""",y', "plain,z", ""]
    expected = [["a, b", "c"], ['one\n\ntwo, "x"', "y"], ["plain", "z"], []]
    assert read_quoted(lines, ",") == expected


@pytest.mark.parametrize("at", [0, 20, 50])
@pytest.mark.parametrize("broken", ['"never closed,yes', 'it is 12",yes', '"good" film,yes', '"'])
def test_a_quote_left_open_costs_its_own_row_only(at, broken):
    found = read_quoted([*LINES[:at], broken, *LINES[at:]], ",")
    assert [row for row in found if row in ROWS] == ROWS
    assert len(found) == 51


def test_an_open_quote_closed_by_chance_costs_the_lines_between_no_row():
    found = read_quoted([*LINES, '"open,yes', "plain,no", 'closed",1,2,3', *LINES], ",")
    assert found == [*ROWS, ["open,yes"], ["plain", "no"], ['closed"', "1", "2", "3"], *ROWS]


def test_a_cell_of_any_length_is_read():
    long = "word, " * 100_000
    assert read_line(f'"{long}""",  x ,"b"', ",") == [f'{long}"', "  x ", "b"]
    assert read_line(f"{'a' * 200_000};", ";") == ["a" * 200_000, ""]
    assert read_quoted([f'"{long}",no', *LINES], ",") == [[long, "no"], *ROWS]


@pytest.mark.parametrize("line", ['"a', '"', '",', '",a', "a" * 40 + '"'])
def test_open_quotes_all_the_way_are_read_in_seconds(line):
    start = time.process_time()
    assert len(read_quoted([line] * 300_000, ",")) >= 100_000
    assert time.process_time() - start < 10


def test_without_quotes_a_quotation_mark_is_plain_unless_it_surrounds_a_cell():
    assert read_unquoted(['"a ""b"""\t"', 'he said "no"\t"x" y'], "\t") == [
        ['a "b"', '"'],
        ['he said "no"', '"x" y'],
    ]


def test_the_usual_width_is_that_of_most_rows_of_two_cells_or_more():
    assert usual_width([["a"]] * 9 + [["a", "b", "c"]] * 2 + [["a", "b"]]) == 3
    assert usual_width([["a"], []]) == 2
