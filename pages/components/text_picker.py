"""A text of the visitor's own: pasted or uploaded, with what was kept and dropped of it."""

from collections.abc import Callable

import streamlit as st

from core.errors import TextError
from core.text.corpora import CORPORA
from core.text.uploads import ENDINGS, MAX_BYTES, TextReport, UploadedText, read_pasted, read_upload
from pages.components import state


def corpus_labels() -> dict[str, str]:
    """Return what a language model can be trained on, by the config's name."""
    own = state.own_text()
    mine = f"Your text ({own.report.characters_kept:,} characters)" if own else "Your text"
    return {**{name: source.title for name, source in CORPORA.items()}, "own": mine}


def source_caption(corpus: str) -> None:
    """Show where the text is from and whom to cite."""
    if corpus in CORPORA:
        source = CORPORA[corpus]
        st.caption(f"{source.citation} {source.licence}")
    elif own := state.own_text():
        report = own.report
        st.caption(
            f"Your text: {report.characters_kept:,} characters, {report.vocabulary} different ones."
        )


def text_picker(key: str) -> None:
    """Take a text by paste or upload and keep it for this session; say what became of it."""
    how = st.segmented_control(
        "Your text",
        ["Paste", "Upload"],
        default="Paste",
        required=True,
        key=f"{key}:how",
        persist_state="session",
    )
    refusal = _paste(key) if how == "Paste" else _upload(key)
    if refusal:
        st.error(refusal, icon=":material/error:")
    if own := state.own_text():
        if refusal:
            st.info("Still in use: the text from before.", icon=":material/info:")
        report_view(own.report)
        st.button(
            "Forget this text",
            icon=":material/delete:",
            key=f"{key}:forget",
            on_click=state.forget_own_text,
            help="Removes it from this session; a run that used it keeps its copy",
        )


def _paste(key: str) -> str | None:
    """Ask for a text; return why the one just given cannot be used."""
    with st.form(f"{key}:form", border=False):
        pasted = st.text_area(
            "Text",
            height=180,
            key=f"{key}:pasted",
            placeholder="Paste at least 200 characters.",
            persist_state="session",
        )
        if st.form_submit_button("Use this text", icon=":material/check:", type="primary"):
            return _take(lambda: read_pasted(pasted))
    return None


def _upload(key: str) -> str | None:
    """Ask for a file; return why the one that is there cannot be used."""
    kinds = " or ".join(ENDINGS)
    file = st.file_uploader(
        f"A {kinds} file, up to {MAX_BYTES // 1_000_000} MB",
        type=[ending.removeprefix(".") for ending in ENDINGS],
        key=f"{key}:file",
        help="UTF-8, UTF-16 or an older encoding. It stays on this machine.",
    )
    if file is None:
        return None
    if state.setting(f"{key}:taken", None) != file.file_id:
        refusal = _take(lambda: read_upload(file.getvalue(), file.name))
        state.put_setting(f"{key}:taken", file.file_id, over=True)
        state.put_setting(f"{key}:refusal", refusal, over=True)
    refused: str | None = state.setting(f"{key}:refusal", None)
    return refused


def _take(read: Callable[[], UploadedText]) -> str | None:
    """Keep the text that `read` returns; return why it cannot be used, None if it can."""
    try:
        state.keep_own_text(read())
    except TextError as error:
        return str(error)
    return None


def report_view(report: TextReport) -> None:
    """Show what was kept and dropped of a text."""
    columns = st.columns(5)
    columns[0].metric("Characters kept", f"{report.characters_kept:,}")
    columns[1].metric("Dropped", f"{report.characters_dropped:,}")
    columns[2].metric("Lines", f"{report.lines:,}")
    columns[3].metric("Different characters", f"{report.vocabulary:,}")
    is_pasted = report.encoding == "unicode"  # as a browser hands it over
    columns[4].metric("Encoding", "pasted" if is_pasted else report.encoding)
    for note in report.notes:
        st.caption(f"- {note}")
