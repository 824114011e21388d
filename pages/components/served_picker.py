"""What is served where it is not fresh: a model of a sentiment run, or a visitor's own file."""

import base64

import streamlit as st

from core.command_files import take_served_model
from core.errors import SeqScopeError
from core.models.classifiers import CLASSIFIERS
from core.runs.record import open_record
from core.runs.store import RunSummary
from core.serving.onnx_upload import MOST_BYTES, check_bytes
from pages.components import state
from pages.components.cache import EXAMPLE, engine
from pages.components.config_form import Field, SettingsForm
from pages.components.figures.sentiment import classifier_label

MEGABYTE = 1e6
ONNX = ("onnx", "", "")
FIRST = "lstm"
"""What is served first of a run that has it."""
NAME_LENGTH = 24


def run_picker(form: SettingsForm) -> None:
    """Ask for a sentiment run of this visitor and one of its models, and keep what they are."""
    runs = {run.id: run for run in _sentiment_runs()}
    models = {run_id: _models(run_id) for run_id in runs}
    runs = {run_id: run for run_id, run in runs.items() if models[run_id]}
    if not runs:
        st.info(
            "There is no sentiment run on this machine yet that kept its weights: train one in "
            "the sentiment lab, then choose it here.",
            icon=":material/info:",
        )
        return
    if form.value("run") not in runs:
        form.set({"run": next(iter(runs))})
    with st.container(width=300):
        run_id = form.field(
            Field(
                name="run",
                label="Sentiment run",
                kind="choice",
                options=list(runs),
                labels={run.id: _run_label(run) for run in runs.values()},
            ),
            on_change=form.leave_preset,
        )
    if form.value("model") not in models[run_id]:
        form.set({"model": FIRST if FIRST in models[run_id] else models[run_id][0]})
    with st.container(width=200):
        model = form.field(
            Field(
                name="model",
                label="Its model",
                kind="choice",
                options=models[run_id],
                labels={name: classifier_label(name) for name in models[run_id]},
            ),
            on_change=form.leave_preset,
        )
    _keep_model(run_id, model)


def _sentiment_runs() -> list[RunSummary]:
    """Return this visitor's own finished sentiment runs, newest first, then the lab's example."""
    store = engine().store
    runs = [*store.listing(state.visitor()), *store.listing(EXAMPLE)]
    return [run for run in runs if run.lab == "sentiment" and run.state == "done"]


def _models(run_id: str) -> list[str]:
    """Return the models of a run whose weights are stored."""
    try:
        record = open_record(engine().store, run_id)
    except SeqScopeError:
        return []
    found = [each["model"] for each in record.checkpoints]
    return [name for name in CLASSIFIERS if name in found]


def _run_label(run: RunSummary) -> str:
    label = run.label or " · ".join(classifier_label(name) for name in run.config["models"])
    short = label if len(label) <= NAME_LENGTH else f"{label[: NAME_LENGTH - 1]}…"
    return f"{short} ({run.id[:6]})"


def _keep_model(run_id: str, model: str) -> None:
    """Keep what a serving run is given of a model: its settings, texts and place of weights."""
    folder = str(engine().store.folder(run_id))
    try:
        text = take_served_model({"source": "run", "run": folder, "model": model})
    except SeqScopeError as error:
        st.error(str(error), icon=":material/error:")
    else:
        state.keep_served(("run", run_id, model), text)


def onnx_picker(key: str) -> None:
    """Take an ONNX file and keep it for this session; say why where it cannot be taken."""
    file = st.file_uploader(
        f"An ONNX file, up to {MOST_BYTES / MEGABYTE:.0f} MB",
        type=["onnx"],
        key=f"{key}:file",
        help="It stays on this machine. One input of word ids or of numbers, one output of scores.",
    )
    if file is not None and state.setting(f"{key}:taken", None) != file.file_id:
        state.put_setting(f"{key}:taken", file.file_id, over=True)
        state.put_setting(f"{key}:refusal", _take(file.getvalue()), over=True)
    refusal = state.setting(f"{key}:refusal", None)
    if file is not None and refusal:
        st.error(refusal, icon=":material/error:")
    kept = state.served(ONNX)
    if kept is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"A file of {3 * len(kept) / 4 / MEGABYTE:.2f} MB is kept for this session. Whether it "
            "can be served is found out in the run's own process."
        )
        st.button(
            "Forget this file",
            icon=":material/delete:",
            key=f"{key}:forget",
            on_click=state.keep_served,
            args=(ONNX, None),
            help="Removes it from this session; a run that used it keeps its copy",
        )


def _take(data: bytes) -> str | None:
    """Keep the file; return why it cannot be taken."""
    try:
        check_bytes(data)
    except SeqScopeError as error:
        state.keep_served(ONNX, None)
        return str(error)
    state.keep_served(ONNX, base64.b64encode(data).decode("ascii"))
    return None
