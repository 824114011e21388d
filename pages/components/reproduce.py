"""The end of a lab page: the command and the script that make this run again."""

import dataclasses
import shlex

import streamlit as st

from core.errors import SeqScopeError
from core.labs.config import Config
from core.labs.sentiment_config import SentimentConfig
from core.labs.serving_config import ServingConfig
from core.labs.sources import reads_text
from pages.components.cache import script_of
from pages.components.run_view import RunView
from pages.components.state import reads_labelled, reads_pairs

OWN_FILES = {"source": "train", "test_source": "test"}
"""What names a visitor's own labelled texts on a command line, by the setting it stands for."""
TEXT_FILE = "`your_text.txt` stands for the file that your text is in."
LABELLED_FILE = (
    "`your_rows.csv` stands for your table: a text and its label in each row. A second table to "
    "test on goes beside it as `test=FILE`."
)
PAIRS_FILE = (
    "`your_pairs.tsv` stands for your table: a sentence, a tab and its translation in each line. "
    "Two files go as `--set source=FILE target=FILE` in the place of `--text`."
)
MODEL_FILE = "`your_model.onnx` stands for your file."
RUN_FOLDER = "`runs/...` stands for the folder in which the sentiment run is kept."


def command_of(lab: str, config: Config) -> str:
    """Return the command line that runs this config: every setting that is not the default."""
    default = type(config)()
    words = ["python", "-m", "core", lab]
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        is_told_below = field.name in ("seed", "device", "corpus")
        is_file = field.name in OWN_FILES and value == "own"
        if value == getattr(default, field.name) or is_told_below or is_file:
            continue
        if isinstance(config, ServingConfig) and field.name in ("source", "run"):
            continue
        plain = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        words += ["--set", f"{field.name}={plain}"]
    words += [*_text_of(config), "--seed", str(config.seed)]
    if config.device != "auto":
        words += ["--device", config.device]
    return shlex.join(words)


def _text_of(config: Config) -> list[str]:
    """Return the part of the command that says which text or model is read."""
    if isinstance(config, ServingConfig):
        models = {"onnx": "file=your_model.onnx", "run": f"run=runs/{config.run}"}
        return ["--set", models[config.source]] if config.source in models else []
    if isinstance(config, SentimentConfig):
        files = [file for name, file in OWN_FILES.items() if getattr(config, name) == "own"]
        return [word for file in files for word in ("--set", f"{file}=your_rows.csv")]
    if not reads_text(config):
        return []
    if config.corpus == "own":
        return ["--text", "your_pairs.tsv" if reads_pairs(config) else "your_text.txt"]
    is_usual = config.corpus == type(config)().corpus
    return [] if is_usual else ["--set", f"corpus={config.corpus}"]


def _about_file(config: Config) -> str:
    if isinstance(config, ServingConfig):
        return MODEL_FILE if config.source == "onnx" else RUN_FOLDER
    if reads_labelled(config):
        return LABELLED_FILE
    return PAIRS_FILE if reads_pairs(config) else TEXT_FILE


def reproduce_section(view: RunView) -> None:
    """Show the command, the stand-alone script and the signature of the run.

    What only measures this machine has no script.
    """
    st.subheader("Reproduce", anchor="reproduce")
    has_script = not isinstance(view.config, ServingConfig)
    alone = ", and this run as one file that needs torch alone" if has_script else ""
    st.caption(f"The same lab without a browser{alone}.")
    st.code(command_of(view.header.lab, view.config), language="bash", wrap_lines=True)
    if reads_text(view.config) and view.config.corpus == "own":
        st.caption(_about_file(view.config))
    turns = tuple((int(s["step"]), str(s["name"]), float(s["value"])) for s in view.record.settings)
    if turns:
        st.caption(
            "Live settings were changed under way: the script repeats them, not the command."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if has_script:
            _script_button(view, turns)
        if view.record.result:
            st.caption(f"Signature: {view.record.result['signature']}")


def _script_button(view: RunView, turns: tuple[tuple[int, str, float], ...]) -> None:
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


def _script(view: RunView, turns: tuple[tuple[int, str, float], ...]) -> str:
    try:
        return script_of(view.id, turns)
    except SeqScopeError as error:
        return f"# This script could not be written: {error}\n"
