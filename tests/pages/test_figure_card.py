"""A card in its four views and its four states, and the source it shows."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.figure_card import source_of

ROOT = Path(__file__).parents[2]
SHOWN = "core.models.catalogue:find_spec"


def page():
    import pandas as pd
    import streamlit as st

    from pages.components.figure_card import figure_card
    from pages.components.figures import axes, layout, style

    rows = st.session_state.get("rows", 3)
    table = pd.DataFrame({"step": range(rows), "loss": [0.5] * rows})
    curve = style.line_trace(table["step"], table["loss"], name="loss", color=style.BLUE)
    figure = layout.line_figure(
        [curve], x_axis=axes.linear_axis("step"), y_axis=axes.linear_axis("loss (nats)")
    )

    @st.fragment(run_every=0.5)
    def live():
        figure_card(
            "Loss",
            None if st.session_state.get("nothing") else figure,
            table,
            key="loss",
            computed_by=("core.models.catalogue:find_spec", "core.models.catalogue:ModelSpec"),
            caption="Lower is better.",
            state=st.session_state.get("state", "done"),
            message=st.session_state.get("message", ""),
        )

    live()


@pytest.fixture
def at():
    return AppTest.from_function(page).run()


def show(at, view):
    at.segmented_control[0].set_value(view).run()
    assert not at.exception
    return at


def charts(at):
    nodes, found = [at.main], []
    while nodes:
        node = nodes.pop(0)
        if getattr(node, "type", "") == "bidi_component":
            found.append(node.proto)
        nodes += list(getattr(node, "children", {}).values())
    return found


def captions(at):
    return [caption.value for caption in at.caption]


def test_a_card_opens_with_its_picture_and_how_to_read_it(at):
    assert not at.exception
    assert at.markdown[0].value == "**Loss**"
    assert len(charts(at)) == 1
    assert '"label": "Loss. Lower is better."' in charts(at)[0].json
    assert captions(at) == ["Lower is better."]


def test_the_table_has_the_same_numbers(at):
    show(at, "Table")
    assert at.dataframe[0].value["loss"].tolist() == [0.5, 0.5, 0.5]
    assert not charts(at)


def test_a_long_table_is_cut_and_says_so(at):
    at.session_state["rows"] = 1200
    show(at, "Table")
    assert len(at.dataframe[0].value) == 500
    assert "The first 500 of 1,200 rows; the CSV has all." in captions(at)


def test_how_shows_where_the_functions_are_and_their_source(at):
    show(at, "How it is computed")
    first, second = at.code
    assert first.value.startswith("def find_spec(name: str) -> ModelSpec:")
    assert second.value.startswith("@dataclass(")
    assert captions(at)[0].startswith("`core/models/catalogue.py`, line ")


def test_download_offers_the_table_and_the_picture(at):
    show(at, "Download")
    assert at.get("download_button")[0].proto.label == "CSV"
    assert '"filename": "loss"' in charts(at)[0].json
    assert "CSV: all 3 rows. PNG and SVG: the picture in the theme shown." in captions(at)


def test_the_view_outlives_new_data(at):
    show(at, "Table")
    at.session_state["rows"] = 4
    at.run()
    assert len(at.dataframe[0].value) == 4


def test_nothing_yet_is_a_sentence_in_the_same_room(at):
    at.session_state["nothing"] = True
    at.session_state["state"] = "waiting"
    at.run()
    assert not charts(at)
    assert captions(at)[0].startswith("Nothing yet")


def test_under_way_says_that_numbers_come(at):
    at.session_state["nothing"] = True
    at.session_state["state"] = "running"
    assert captions(at.run())[0] == "The first numbers are on their way."


def test_a_failed_card_says_what_happened(at):
    at.session_state["state"] = "failed"
    at.session_state["message"] = "The worker ran out of memory. Take a smaller width."
    at.run()
    assert at.error[0].value == "The worker ran out of memory. Take a smaller width."
    assert not charts(at)


@pytest.mark.parametrize("view", ["Picture", "Table", "How it is computed", "Download"])
def test_every_view_holds_without_numbers(at, view):
    at.session_state["rows"] = 0
    at.session_state["nothing"] = True
    at.session_state["state"] = "waiting"
    show(at, view)


def test_the_source_is_that_of_the_file():
    source = source_of(SHOWN)
    lines = (ROOT / source.path).read_text(encoding="utf-8").splitlines()
    assert lines[source.line - 1].startswith("def find_spec")
    assert source.summary == "Return the catalogue entry `name`."
    ast.parse(source.code)


def test_a_decorated_thing_is_shown_with_its_decorator():
    assert source_of("core.models.catalogue:ModelSpec").code.startswith("@dataclass")


def test_the_source_of_a_function_that_needs_torch_is_read_without_torch():
    code = (
        "import sys; from pages.components.figure_card import source_of;"
        "source_of('core.diagnostics.gradient_flow:gradient_flow_table');"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("core.models.catalogue:no_such", "There is no 'no_such'"),
        ("core.no_such_module:f", "There is no module 'core.no_such_module'"),
    ],
)
def test_a_name_that_is_not_there_is_said(name, match):
    with pytest.raises(LookupError, match=match):
        source_of(name)
