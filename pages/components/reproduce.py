"""The end of a lab page: the command and the script that make this run again."""

import dataclasses
import shlex

import streamlit as st

from core.errors import SeqScopeError
from core.labs.config import Config
from core.labs.sources import reads_text
from pages.components.cache import script_of
from pages.components.run_view import RunView
from pages.components.state import reads_pairs

TEXT_FILE = "`your_text.txt` stands for the file that your text is in."
PAIRS_FILE = (
    "`your_pairs.tsv` stands for your table: a sentence, a tab and its translation in each line. "
    "Two files go as `--set source=FILE target=FILE` in the place of `--text`."
)


def command_of(lab: str, config: Config) -> str:
    """Return the command line that runs this config: every setting that is not the default."""
    default = type(config)()
    words = ["python", "-m", "core", lab]
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if value == getattr(default, field.name) or field.name in ("seed", "device", "corpus"):
            continue
        plain = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        words += ["--set", f"{field.name}={plain}"]
    if reads_text(config) and config.corpus == "own":
        words += ["--text", "your_pairs.tsv" if reads_pairs(config) else "your_text.txt"]
    elif reads_text(config) and config.corpus != type(config)().corpus:
        words += ["--set", f"corpus={config.corpus}"]
    words += ["--seed", str(config.seed)]
    if config.device != "auto":
        words += ["--device", config.device]
    return shlex.join(words)


def reproduce_section(view: RunView) -> None:
    """Show the command, the stand-alone script and the signature of the run."""
    st.subheader("Reproduce", anchor="reproduce")
    st.caption("The same lab without a browser, and this run as one file that needs torch alone.")
    st.code(command_of(view.header.lab, view.config), language="bash", wrap_lines=True)
    if reads_text(view.config) and view.config.corpus == "own":
        st.caption(PAIRS_FILE if reads_pairs(view.config) else TEXT_FILE)
    turns = tuple((int(s["step"]), str(s["name"]), float(s["value"])) for s in view.record.settings)
    if turns:
        st.caption(
            "Live settings were changed under way: the script repeats them, not the command."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Script",
            data=lambda: _script(view, turns),
            file_name=f"{view.header.lab}-{view.id[:6]}.py",
            mime="text/x-python",
            icon=":material/download:",
            key="reproduce_script",
            on_click="ignore",
            help="Trains this run again with torch alone and prints its final losses",
        )
        if view.record.result:
            st.caption(f"Signature: {view.record.result['signature']}")


def _script(view: RunView, turns: tuple[tuple[int, str, float], ...]) -> str:
    try:
        return script_of(view.id, turns)
    except SeqScopeError as error:
        return f"# This script could not be written: {error}\n"
