"""A chart that lives: new data redraws it in place, with zoom kept and no frame blank.

`st.plotly_chart` is built anew on every change of data. This is a component that keeps one
element and calls `Plotly.react` on it. plotly.js is served from the installed plotly package
and `assets/live_chart.js` from here, both as folders that a component may declare; the code
that travels with each mount message is only the few lines that fetch them.
"""

import hashlib
import importlib.metadata
import importlib.util
import json
from pathlib import Path
from typing import Any, Literal

import streamlit as st
import streamlit.components.v1 as components
from streamlit.components.v2.bidi_component import ComponentResult
from streamlit.runtime import Runtime

from pages.components.figures.style import HEIGHT, Figure

_ASSETS = Path(__file__).parent / "assets"
_STYLES = _ASSETS / "quiet.css"


def _plotly_folder() -> Path:
    spec = importlib.util.find_spec("plotly")
    assert spec, "requirements.txt lists plotly"
    assert spec.origin, "plotly is a regular package"
    return Path(spec.origin).parent / "package_data"


def _address(folder: str, file: str, version: str) -> str:
    return f"component/{__name__}.{folder}/{file}?v={version}"


_FOLDERS = {"assets": _ASSETS, "plotly": _plotly_folder()}
_CODE = hashlib.blake2b((_ASSETS / "live_chart.js").read_bytes(), digest_size=4).hexdigest()
_LOADER = f"""
const at = (path) => new URL(path, document.baseURI).href;
const plotly = at("{_address("plotly", "plotly.min.js", importlib.metadata.version("plotly"))}");
export default async (component) => {{
  const code = await import(at("{_address("assets", "live_chart.js", _CODE)}"));
  return code.mount(component, plotly);
}};
"""
_chart = st.components.v2.component("live_chart", js=_LOADER, isolate_styles=False)


def live_chart(
    figure: Figure,
    *,
    key: str,
    label: str,
    height: int = HEIGHT,
    clickable: bool = False,
) -> dict[str, Any] | None:
    """Show `figure`, and return the point that was just clicked, if any.

    Args:
        figure: a dict in plotly's schema, as `pages.components.figures` builds it.
        key: the chart's identity on the page; while it stays, the chart is never rebuilt.
        label: what the picture shows, for who cannot see it.
        height: pixels, reserved before the first number arrives.
        clickable: whether a click on a point runs the page again and is returned, as
            `{"x", "y", "z", "customdata", "name"}`.
    """
    result = _mount(
        figure,
        key,
        {"height": height, "label": label, "clickable": clickable},
        width="stretch",
        height=height,  # before the browser has the code that would reserve it
    )
    return result.get("clicked")


def save_buttons(figure: Figure, *, key: str, filename: str, height: int = HEIGHT) -> None:
    """Show two buttons that save `figure` as PNG and SVG, with the theme's background filled in.

    The browser draws the file, so that the server needs no further program.
    """
    _mount(figure, key, {"height": height, "filename": filename}, width="content")


def quiet_styles() -> None:
    """Style live charts and cards, and let nothing blink while a page polls; once per page."""
    st.html(_STYLES)


def _mount(
    figure: Figure,
    key: str,
    settings: dict[str, Any],
    *,
    width: Literal["stretch", "content"],
    height: int | Literal["content"] = "content",
) -> ComponentResult:
    _serve_folders()
    written = json.dumps(figure, separators=(",", ":"), allow_nan=False)
    version = hashlib.blake2b(written.encode(), digest_size=8).hexdigest()
    return _chart(
        key=key,
        data={"figure": written, "version": version, **settings},  # a text is walked by nobody
        width=width,
        height=height,
        on_clicked_change=_run_again,
    )


def _run_again() -> None:
    """The page reads what was clicked from the chart's return value."""


def _serve_folders() -> None:
    """Declare the folders to the server that runs this script, once."""
    if not Runtime.exists():
        return
    registry = Runtime.instance().component_registry
    for name, folder in _FOLDERS.items():
        if registry.get_component_path(f"{__name__}.{name}") is None:
            components.declare_component(name, path=folder)
