"""A parallel text of the visitor's own: a table, two files, or a paste; with what was kept."""

from collections.abc import Callable

import streamlit as st

from core.errors import TextError
from core.text.parallel import (
    ParallelText,
    read_parallel_file,
    read_parallel_files,
    read_parallel_paste,
)
from core.text.parallel_report import ParallelReport
from core.text.uploads import MAX_BYTES
from pages.components import state

WAYS = ("Paste", "A table", "Two files")
TABLES = ["tsv", "csv", "txt"]
TEXTS = ["txt", "md"]
EXAMPLE = "the dog sleeps\tle chien dort\na small house\tune petite maison"


def parallel_picker(key: str) -> None:
    """Take a parallel text and keep it for this session; say what became of it."""
    how = st.segmented_control(
        "Your parallel text",
        list(WAYS),
        default="Paste",
        required=True,
        key=f"{key}:how",
        persist_state="session",
    )
    take = {"Paste": _paste, "A table": _table, "Two files": _two_files}[how]
    refusal = take(key)
    if refusal:
        st.error(refusal, icon=":material/error:")
    if pairs := state.own_pairs():
        if refusal:
            st.info("Still in use: the text from before.", icon=":material/info:")
        report_view(pairs.report)
        st.button(
            "Forget this text",
            icon=":material/delete:",
            key=f"{key}:forget",
            on_click=state.forget_own_pairs,
            help="Removes it from this session; a run that used it keeps its copy",
        )


def _paste(key: str) -> str | None:
    """Ask for lines of two columns; return why those just given cannot be used."""
    with st.form(f"{key}:form", border=False):
        pasted = st.text_area(
            "One pair a line: source, a tab, translation",
            height=180,
            key=f"{key}:pasted_pairs",
            placeholder=EXAMPLE,
            persist_state="session",
        )
        if st.form_submit_button("Use these pairs", icon=":material/check:", type="primary"):
            return _take(lambda: read_parallel_paste(pasted))
    return None


def _table(key: str) -> str | None:
    """Ask for a file of two columns; return why the one that is there cannot be used."""
    file = st.file_uploader(
        f"A TSV or CSV file with two columns, up to {MAX_BYTES // 1_000_000} MB",
        type=TABLES,
        key=f"{key}:file",
        help="Source and translation in each line. It stays on this machine.",
    )
    if file is None:
        return None
    return _once(key, file.file_id, lambda: read_parallel_file(file.getvalue(), file.name))


def _two_files(key: str) -> str | None:
    """Ask for two files of equally many lines; return why those there cannot be used."""
    left, right = st.columns(2)
    source = left.file_uploader("Source sentences, one a line", type=TEXTS, key=f"{key}:source")
    target = right.file_uploader(
        "Their translations, line by line", type=TEXTS, key=f"{key}:target"
    )
    if source is None or target is None:
        return None
    return _once(
        key,
        f"{source.file_id} {target.file_id}",
        lambda: read_parallel_files(source.getvalue(), source.name, target.getvalue(), target.name),
    )


def _once(key: str, taken: str, read: Callable[[], ParallelText]) -> str | None:
    """Read what was uploaded once, not at every draw; return why it cannot be used."""
    if state.setting(f"{key}:taken", None) != taken:
        state.put_setting(f"{key}:refusal", _take(read), over=True)
        state.put_setting(f"{key}:taken", taken, over=True)
    refusal: str | None = state.setting(f"{key}:refusal", None)
    return refusal


def _take(read: Callable[[], ParallelText]) -> str | None:
    try:
        state.keep_own_pairs(read())
    except TextError as error:
        return str(error)
    return None


def report_view(report: ParallelReport) -> None:
    """Show what was kept and dropped of a parallel text, and how long its sentences are."""
    columns = st.columns(5)
    columns[0].metric("Pairs kept", f"{report.kept:,}")
    columns[1].metric("Dropped", f"{sum(report.dropped.values()):,}")
    columns[2].metric("Source words", f"{report.source_vocabulary:,}", help="Different ones")
    columns[3].metric("Target words", f"{report.target_vocabulary:,}", help="Different ones")
    is_pasted = report.encoding == "unicode"  # as a browser hands it over
    columns[4].metric("Encoding", "pasted" if is_pasted else report.encoding)
    for side, lengths in (("Source", report.source_lengths), ("Target", report.target_lengths)):
        st.caption(
            f"{side}: half of the sentences have up to {lengths.median} words, 95 % up to "
            f"{lengths.percentile_95}, the longest {lengths.longest}."
        )
    for note in report.notes:
        st.caption(f"- {note}")
