import csv
import io

import numpy as np
import pandas as pd
import pytest

from core.text.spreadsheet import csv_of

FORMULAS = [
    '=cmd|"/c calc"!A1',
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1",
    "\n=1",
    "＝1+1",
    "-",
    "--1",
    "+49 170 1",
]
PLAIN = ["", "a=b", " =1", "'=1", "-1.5", "+3", "-.5e-3", "1,5", "5-3", "<b>&amp;</b>", "шум", "0"]


def cells(text):
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_stands_behind_an_apostrophe_wherever_it_is(formula):
    table = pd.DataFrame({formula: [formula, "plain"]})
    assert cells(csv_of(table)) == [[f"'{formula}"], [f"'{formula}"], ["plain"]]


@pytest.mark.parametrize("text", ["\r=1", "\r\n=1", "\n=1"])
def test_a_line_end_begins_no_row(text):
    assert cells(csv_of(pd.DataFrame({"text": [text, f"a{text}"]}))) == [
        ["text"],
        ["'\n=1"],
        ["a\n=1"],
    ]


def test_what_is_no_formula_is_left_alone():
    table = pd.DataFrame({"text": PLAIN, "n": range(len(PLAIN))})
    assert [row[0] for row in cells(csv_of(table))[1:]] == PLAIN


def test_numbers_are_written_as_pandas_writes_them():
    table = pd.DataFrame(
        {
            "whole": [-1, 2],
            "part": [-1.5, np.nan],
            "infinite": [-np.inf, np.inf],
            "truth": [True, False],
            "mixed": pd.Series([-1, None], dtype=object),
            "class": pd.Categorical(["good", "bad"]),
        }
    )
    assert csv_of(table) == table.to_csv(index=False)


def test_a_category_that_is_a_formula_is_neutralised_too():
    table = pd.DataFrame({"class": pd.Categorical(["=1", "bad"])})
    assert cells(csv_of(table)) == [["class"], ["'=1"], ["bad"]]


def test_columns_of_the_same_name_both_stay():
    table = pd.DataFrame([["=1", "a"]], columns=["text", "text"])
    assert cells(csv_of(table)) == [["text", "text"], ["'=1", "a"]]


def test_an_empty_table_keeps_its_columns():
    assert csv_of(pd.DataFrame(columns=["model", "step"])) == "model,step\n"


def test_the_table_itself_is_not_changed():
    table = pd.DataFrame({"=text": ["=1"]})
    csv_of(table)
    assert table.to_dict("list") == {"=text": ["=1"]}
