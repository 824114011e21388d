"""What the server sends for a chart; what the browser makes of it: tests/browser."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.runtime import Runtime
from streamlit.testing.v1 import AppTest

from pages.components import live_chart

ROOT = Path(__file__).parents[2]


def page():
    import streamlit as st

    from pages.components.live_chart import live_chart, quiet_styles, save_buttons

    quiet_styles()
    figure = {"data": [], "layout": {"height": st.session_state.get("height", 1)}}
    clicked = live_chart(figure, key="one", label="A curve that falls.", height=300)
    save_buttons(figure, key="two", filename="a-curve")
    st.text(f"clicked: {clicked}")


def mounts(at):
    """The chart components on the page, in order, as the browser receives them."""
    nodes, found = [at.main], []
    while nodes:
        node = nodes.pop(0)
        if getattr(node, "type", "") == "bidi_component":
            found.append(node.proto)
        nodes = list(getattr(node, "children", {}).values()) + nodes
    return found


@pytest.fixture
def at():
    return AppTest.from_function(page).run()


def test_the_browser_gets_the_figure_its_height_and_its_text_alternative(at):
    assert not at.exception
    sent = json.loads(mounts(at)[0].json)
    assert json.loads(sent["figure"]) == {"data": [], "layout": {"height": 1}}
    assert (sent["height"], sent["label"]) == (300, "A curve that falls.")
    assert at.text[0].value == "clicked: None"


def test_new_data_keeps_the_component_and_changes_its_version(at):
    before = mounts(at)[0]
    at.session_state["height"] = 2
    after = mounts(at.run())[0]
    assert after.id == before.id
    assert json.loads(after.json)["version"] != json.loads(before.json)["version"]


def test_the_same_figure_keeps_its_version(at):
    before = json.loads(mounts(at)[0].json)["version"]
    assert json.loads(mounts(at.run())[0].json)["version"] == before


def test_save_buttons_name_their_file(at):
    assert json.loads(mounts(at)[1].json)["filename"] == "a-curve"


def test_the_code_that_travels_with_each_chart_is_small_and_names_no_other_host(at):
    sent = mounts(at)[0].js_content
    assert len(sent) < 600
    assert "://" not in sent


def test_a_figure_with_nan_is_our_bug_and_says_so():
    with pytest.raises(ValueError, match="JSON"):
        live_chart._mount({"data": [float("nan")]}, "key", {}, width="stretch")


def test_both_folders_hold_what_the_loader_asks_for():
    assert (live_chart._FOLDERS["plotly"] / "plotly.min.js").is_file()
    assert (live_chart._FOLDERS["assets"] / "live_chart.js").is_file()


def test_the_served_folder_holds_nothing_but_what_a_browser_needs():
    suffixes = {path.suffix for path in live_chart._ASSETS.iterdir()}
    assert suffixes <= {".js", ".css", ".svg"}


def test_every_colour_token_is_known_to_the_browser():
    from pages.components.figures.style import TOKENS

    code = (live_chart._ASSETS / "theme.js").read_text(encoding="utf-8")
    for token in TOKENS:
        assert f"    {token[1:]}" in code


def test_without_a_server_no_folder_is_declared(monkeypatch):
    monkeypatch.setattr(Runtime, "exists", classmethod(lambda cls: False))
    live_chart._serve_folders()


def test_the_server_does_not_import_torch():
    code = (
        "import sys, pages.components.live_chart, pages.components.figure_card,"
        " pages.components.figures.layout; print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.stem)
def test_no_page_imports_plotly(path):
    """Figures are plain dicts: building plotly's objects would cost milliseconds at every tick."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.split(".")[0] == "plotly"]
