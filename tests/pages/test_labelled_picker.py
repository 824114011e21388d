"""A visitor's own labelled texts: read, shown with their warnings, or refused in a sentence."""

import json
from contextlib import suppress

import plotly.graph_objects as go
import pytest
from painted import painted
from streamlit.testing.v1 import AppTest

from core.text.labelled import unpack_labelled
from core.text.lengths import LengthBin
from pages.components.figures.labelled import lengths_figure

SECRET = "zqxjkv"
ROWS = [(f"the {SECRET} film of {i}", ("dull", "fine")[i % 2]) for i in range(40)]
TABLE = "id,words,kind,half\n" + "\n".join(
    f"{i},{text},{label},{('a', 'b')[i // 20]}" for i, (text, label) in enumerate(ROWS)
)
TSV = "\n".join(map("\t".join, ROWS))
HTML = f"<img src=x onerror=alert('{SECRET}')>"
BAD = {
    "empty": b"",
    "header only": b"text,label\n",
    "one class": TSV.replace("dull", "fine").encode(),
    "one row": f"a {SECRET}\tfine".encode(),
    "one column": f"{SECRET}\n".encode() * 50,
    "NUL throughout": f"\x00\x00{SECRET}\t\x00".encode() * 100,
    "open quotes": f'"{SECRET}\n'.encode() * 50,
    "a quantity": "\n".join(f"the {SECRET} of {i}\t{i / 7:.3f}" for i in range(50)).encode(),
    "25 MB": b"a b\tc\n" * 4_200_000,
}
GOOD = {
    "latin-1": TSV.replace("film", "film d'été").encode("latin-1"),
    "UTF-16": TSV.encode("utf-16"),
    "a cell of 10,000 words": (TSV + f"\n{f'{SECRET} ' * 10_000}\tfine").encode(),
    "some NUL": TSV.replace("film", "film\x00").encode(),
    "open quote": (TSV + f'\n"{SECRET}\tfine').encode(),
    "formulas": TSV.replace("the", "=cmd|'/c calc'!A1").encode(),
    "HTML labels": TSV.replace("dull", HTML).encode(),
    "JSON lines": "\n".join(json.dumps({"text": a, "label": b}) for a, b in ROWS).encode(),
    "300,000 rows": b"".join(b"%d rows\t%d\n" % (i, i % 2) for i in range(300_000)),
}


def script():
    import streamlit as st

    from pages.components.labelled_picker import labelled_picker

    labelled_picker("mine", to_test=st.session_state.get("to_test", False))


@pytest.fixture
def page(caplog):
    at = AppTest.from_function(script, default_timeout=60).run()
    caplog.set_level(0)
    yield at
    assert not at.exception
    assert SECRET not in caplog.text
    said = [*at.error, *at.warning, *at.info, *at.caption, *at.markdown]
    assert SECRET not in " ".join(each.value for each in said)


def paste(at, text):
    at.text_area(key="mine:pasted_rows").set_value(text)
    return next(b for b in at.button if b.label == "Use these rows").click().run()


def upload(at, data, name="mine.csv", key="mine:file"):
    if key == "mine:file":
        at.segmented_control(key="mine:how").set_value("A file").run()
    return at.file_uploader(key=key).upload(name, data, "text/plain").run()


def metrics(at):
    return [metric.value for metric in at.metric]


def kept(at):
    with suppress(KeyError):
        return at.session_state["own_labelled"]


def test_pasted_rows_are_read_and_what_they_cannot_show_is_said(page):
    at = paste(page, TSV + "\nragged\n")
    assert metrics(at) == ["40", "1", "2", "5 words", "pasted"]
    assert kept(at).rows == tuple(ROWS)
    assert at.dataframe[0].value["class"].tolist() == ["dull", "fine"]
    assert at.dataframe[0].value["share"].tolist() == [50.0, 50.0]
    assert at.warning[0].value.startswith("A tenth of the rows, 4 texts, is tested at a time")
    assert any(c.value.startswith("- Dropped 1 row without as many cells") for c in at.caption)
    assert not at.error


def test_columns_are_guessed_and_can_be_chosen(page):
    at = upload(page, TABLE.encode())
    assert at.selectbox(key="mine:text_column").value == "words"
    assert at.selectbox(key="mine:label_column").options == ["id", "words", "kind", "half"]
    at.selectbox(key="mine:label_column").set_value("half").run()
    assert list(kept(at).report.classes) == ["a", "b"]
    at.selectbox(key="mine:label_column").set_value("id").run()
    assert "number 1, has 40 different numbers: that is a quantity" in at.error[0].value
    assert kept(at) is None
    at.selectbox(key="mine:label_column").set_value("kind").run()
    assert not at.error
    assert kept(at).rows == tuple(ROWS)
    at.segmented_control(key="mine:how").set_value("Paste").run()
    paste(at, TSV)
    assert at.selectbox(key="mine:label_column").value == "column 2"
    assert kept(at).rows == tuple(ROWS)


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_is_answered_with_a_sentence(page, name):
    at = upload(page, BAD[name])
    assert len(at.error) == 1
    assert at.error[0].value.endswith(".")
    assert not at.metric
    assert kept(at) is None


@pytest.mark.parametrize("name", GOOD)
def test_a_file_that_looks_hostile_is_read(page, name):
    at = upload(page, GOOD[name])
    assert not at.error
    assert int(metrics(at)[0].replace(",", "")) >= 40


def test_a_second_file_is_what_is_tested(page):
    at = paste(page, TSV)
    upload(at, b"text,label\na new film,fine\na strange one,odd\n", "test.csv", "mine:test_file")
    assert kept(at).test_rows == (("a new film", "fine"),)
    assert metrics(at)[5:7] == ["1", "0"]
    assert any(w.value.startswith("1 of 2 rows to test on have labels") for w in at.warning)
    upload(at, b"text,label\na new film,strange\n", "test.csv", "mine:test_file")
    assert at.error[0].value.startswith("The file to test on cannot be used. No row to test on has")
    assert (kept(at).rows, kept(at).test_rows) == (tuple(ROWS), ())


def test_rows_to_test_on_may_be_few(page):
    at = paste(page, "text,label\na new film,fine")
    assert "1 of 1 row can be used" in at.error[0].value
    at.session_state["to_test"] = True
    at.run()
    assert not at.error
    assert kept(at).rows == (("a new film", "fine"),)
    assert "mine:test_file" not in [uploader.key for uploader in at.file_uploader]


def test_a_refused_table_leaves_the_one_before_in_use_and_it_can_be_forgotten(page):
    at = paste(page, TSV)
    at = paste(at, "nothing to see")
    assert len(at.error) == 1
    assert at.info[0].value == "Still in use: the table from before."
    assert kept(at).rows == tuple(ROWS)
    at.button(key="mine:forget").click().run()
    assert not at.metric
    assert kept(at) is None
    assert at.session_state["own_table"] is None
    assert at.text_area(key="mine:pasted_rows").value == ""


def test_a_run_is_given_the_rows_packed_to_train_or_to_test_on(page):
    at = paste(page, TSV)

    def given():
        from types import SimpleNamespace

        import streamlit as st

        from pages.components import state

        for source, test_source in (("own", "same"), ("mr", "own"), ("mr", "same")):
            config = SimpleNamespace(source=source, test_source=test_source)
            st.text_area(f"{source} {test_source}", str(state.brought_text(config)))

    other = AppTest.from_function(given)
    other.session_state["own_labelled"] = kept(at)
    own, tested, nothing = (area.value for area in other.run().text_area)
    assert unpack_labelled(own) == (tuple(ROWS), ())
    assert unpack_labelled(tested) == ((), tuple(ROWS))
    assert nothing == "None"


def test_the_lengths_are_drawn_as_plotly_knows_it():
    bins = [LengthBin(1, 1, 3), LengthBin(2, 5, 0), LengthBin(6, None, 2)]
    figure = lengths_figure(bins)
    go.Figure(painted(figure))
    assert figure["data"][0]["x"] == ["1", "2–5", "6+"]
    assert figure["data"][0]["y"] == [3, 0, 2]
    go.Figure(painted(lengths_figure([])))
