"""A figure card: one result as a picture, as a table, as code, and as files."""

import ast
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.text.spreadsheet import csv_of
from pages.components.figures.style import HEIGHT, Figure
from pages.components.live_chart import live_chart, save_buttons

State = Literal["waiting", "running", "done", "failed"]
View = Literal["Picture", "Table", "How it is computed", "Download"]

_ICONS: dict[View, str] = {
    "Picture": ":material/show_chart:",
    "Table": ":material/table_rows:",
    "How it is computed": ":material/code:",
    "Download": ":material/download:",
}
_ROWS_SHOWN = 500
_SENTENCES: dict[State, str] = {
    "waiting": "Nothing yet: train a model and its numbers appear here.",
    "running": "The first numbers are on their way.",
    "done": "This run has no numbers for this picture.",
    "failed": "This could not be computed.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A function as its file has it: what the reader of a card may check."""

    path: str
    line: int
    summary: str
    code: str


def figure_card(
    title: str,
    figure: Figure | None,
    table: pd.DataFrame | Callable[[], pd.DataFrame],
    *,
    key: str,
    computed_by: str | Sequence[str],
    caption: str,
    height: int = HEIGHT,
    state: State = "done",
    message: str = "",
    clickable: bool = False,
    draw: Callable[[], None] | None = None,
) -> dict[str, Any] | None:
    """Show one result in a card with four views: picture, table, how it is computed, download.

    Every view and every state takes the same room, so that nothing on the page moves.

    Args:
        title: what is shown, in sentence case.
        figure: the picture, or None while there is nothing to draw.
        table: the same numbers, or how to get them: asked for only where they are shown, since a
            page draws its cards twice a second. Empty is fine.
        key: the card's identity on the page, and the name of its files.
        computed_by: the `core` functions that made the numbers, as "package.module:function".
        caption: how to read the picture, in one sentence; its text alternative too.
        height: pixels of the view.
        state: waiting, running, done or failed.
        message: what to say in the picture's place; a failed card should say what happened.
        clickable: whether a click on a point of the picture is returned; see `live_chart`.
        draw: what shows the result in the place of a figure, where it is no chart; it takes
            `height` pixels.
    """
    clicked = None
    with st.container(border=True, height="stretch", key=f"card_{key}"):
        view = _heading(title, key)
        if view == "Picture":
            if draw is not None and state != "failed":
                draw()
            elif figure is None or state == "failed":
                _reserved(message or _SENTENCES[state], height, failed=state == "failed")
            else:
                label = f"{title}. {caption}"
                clicked = live_chart(
                    figure, key=f"chart_{key}", label=label, height=height, clickable=clickable
                )
        elif view == "Table":
            _table(_rows(table), height)
        elif view == "How it is computed":
            _how([computed_by] if isinstance(computed_by, str) else computed_by, height)
        else:
            _download(figure, _rows(table), key, height)
        st.caption(caption)
    return clicked


def _rows(table: pd.DataFrame | Callable[[], pd.DataFrame]) -> pd.DataFrame:
    return table() if callable(table) else table


def _heading(title: str, key: str) -> View:
    with st.container(
        horizontal=True,
        wrap=False,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key=f"card_heading_{key}",
    ):
        st.markdown(f"**{title}**")
        view: View = st.segmented_control(
            f"{title}: view",
            list(_ICONS),
            format_func=lambda view: f"{_ICONS[view]} {view}",
            default="Picture",
            required=True,
            key=f"card_view_{key}",
            label_visibility="collapsed",
            wrap=False,
        )
    return view


def _table(table: pd.DataFrame, height: int) -> None:
    if table.empty:
        _reserved("No rows yet.", height)
        return
    with st.container(height=height, border=False, gap="xsmall"):
        note = height - 32 if len(table) > _ROWS_SHOWN else height
        st.dataframe(table.head(_ROWS_SHOWN), hide_index=True, height=note)
        if len(table) > _ROWS_SHOWN:
            st.caption(f"The first {_ROWS_SHOWN} of {len(table):,} rows; the CSV has all.")


def _how(names: Sequence[str], height: int) -> None:
    with st.container(height=height, border=False):
        for name in names:
            source = source_of(name)
            st.caption(f"`{source.path}`, line {source.line}")
            st.markdown(source.summary)
            st.code(source.code, language="python")


def _download(figure: Figure | None, table: pd.DataFrame, key: str, height: int) -> None:
    with st.container(height=height, border=False):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.download_button(
                "CSV",
                data=lambda: csv_of(table),
                file_name=f"{key}.csv",
                mime="text/csv",
                key=f"card_csv_{key}",
                help=f"All {len(table):,} rows",
                on_click="ignore",
                disabled=table.empty,
            )
            if figure is not None:
                save_buttons(figure, key=f"card_save_{key}", filename=key, height=height)
        st.caption(f"CSV: all {len(table):,} rows. PNG and SVG: the picture in the theme shown.")


def _reserved(sentence: str, height: int, *, failed: bool = False) -> None:
    with st.container(
        height=height,
        border=False,
        horizontal_alignment="center",
        vertical_alignment="center",
    ):
        if failed:
            st.error(sentence, icon=":material/error:")
        else:
            st.caption(sentence, text_alignment="center")


@lru_cache(maxsize=64)
def source_of(name: str) -> Source:
    """Return the source of "package.module:function" without importing its module.

    The modules of `core` that compute import torch, which the server must not load.

    Raises:
        LookupError: there is no such module or no such function at its top level.
    """
    module, _, function = name.partition(":")
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"There is no module '{module}' to show the source of.")
    text = Path(spec.origin).read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == function:
            return _source(module, node, text)
    raise LookupError(f"There is no '{function}' at the top level of '{module}'.")


def _source(module: str, node: ast.FunctionDef | ast.ClassDef, text: str) -> Source:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    docstring = ast.get_docstring(node) or ""
    return Source(
        path=module.replace(".", "/") + ".py",
        line=first,
        summary=" ".join(docstring.split("\n\n", maxsplit=1)[0].split()),
        code="\n".join(text.splitlines()[first - 1 : node.end_lineno]),
    )
