"""Labelled texts of the visitor's own: a file or a paste, its columns, and what it cannot show."""

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import TextError
from core.text.labelled import LabelledText, label_rows
from core.text.labelled_report import LabelledReport
from core.text.labelled_table import LabelledTable, read_table_file, read_table_paste
from core.text.uploads import MAX_BYTES
from pages.components import state
from pages.components.figures.labelled import LENGTHS_HEIGHT, lengths_figure
from pages.components.live_chart import live_chart

WAYS = ("Paste", "A file")
FILES = ["csv", "tsv", "txt", "jsonl", "json"]
EXAMPLE = "a moving film\tpositive\nan hour too long\tnegative"
_TEXT, _LABEL = "text_column", "label_column"


def labelled_picker(key: str, *, to_test: bool = False) -> None:
    """Take a table of labelled texts and keep it for this session; say what became of it.

    Args:
        key: what the widgets' keys begin with.
        to_test: whether models of another source are only tested on it.
    """
    how = st.segmented_control(
        "Your labelled texts",
        list(WAYS),
        default="Paste",
        required=True,
        key=f"{key}:how",
        persist_state="session",
    )
    refusal = _paste(key) if how == "Paste" else _file(key)
    table = state.own_table()
    if refusal:
        st.error(refusal, icon=":material/error:")
        if table:
            st.info("Still in use: the table from before.", icon=":material/info:")
    if table:
        if unused := _use(key, table, to_test=to_test):
            st.error(unused, icon=":material/error:")
        if labelled := state.own_labelled():
            _reports(key, labelled)
        st.button(
            "Forget these texts",
            icon=":material/delete:",
            key=f"{key}:forget",
            on_click=state.forget_own_labelled,
            help="Removes them from this session; a run that used them keeps its copy",
        )


def _paste(key: str) -> str | None:
    """Ask for rows; return why those just given cannot be read."""
    with st.form(f"{key}:form", border=False):
        pasted = st.text_area(
            "One text a line: the text, a tab, its label (or a copied table)",
            height=180,
            key=f"{key}:pasted_rows",
            placeholder=EXAMPLE,
            persist_state="session",
        )
        if st.form_submit_button("Use these rows", icon=":material/check:", type="primary"):
            return _take(key, pasted)
    return None


def _file(key: str) -> str | None:
    """Ask for a file; return why the one that is there cannot be read."""
    file = st.file_uploader(
        f"A CSV, TSV or JSON file, up to {MAX_BYTES // 1_000_000} MB",
        type=FILES,
        key=f"{key}:file",
        help="A text and its label in each row. It stays on this machine.",
    )
    if file is None:
        return None
    if state.setting(f"{key}:taken", None) != file.file_id:
        state.put_setting(f"{key}:refusal", _take(key, file), over=True)
        state.put_setting(f"{key}:taken", file.file_id, over=True)
    refusal: str | None = state.setting(f"{key}:refusal", None)
    return refusal


def _take(key: str, given: str | UploadedFile) -> str | None:
    """Keep the table that was given, its columns as guessed; return why it cannot be read."""
    try:
        if isinstance(given, str):
            table = read_table_paste(given)
        else:
            table = read_table_file(given.getvalue(), given.name)
    except TextError as error:
        return str(error)
    state.keep_own_table(table)
    state.put_setting(f"{key}:{_TEXT}", table.text_column, over=True)
    state.put_setting(f"{key}:{_LABEL}", table.label_column, over=True)
    state.put_setting(f"{key}:used", None, over=True)
    return None


def _use(key: str, table: LabelledTable, *, to_test: bool) -> str | None:
    """Ask for the columns and a file to test on; return why the rows cannot be used."""
    text, label = _columns(key, table)
    test = None if to_test else _test_file(key)
    used = (text, label, test.file_id if test else None, to_test)
    if state.setting(f"{key}:used", None) != used:
        unused = _label(table, text, label, test, to_test=to_test)
        state.put_setting(f"{key}:unused", unused, over=True)
        state.put_setting(f"{key}:used", used, over=True)
    found: str | None = state.setting(f"{key}:unused", None)
    return found


def _columns(key: str, table: LabelledTable) -> tuple[str, str]:
    guesses = {_TEXT: table.text_column, _LABEL: table.label_column}
    for name, guess in guesses.items():
        is_there = state.setting(f"{key}:{name}", None) in table.columns
        state.put_setting(f"{key}:{name}", guess, over=not is_there)
    left, right = st.columns(2)
    return (
        left.selectbox(
            "The texts are in", table.columns, key=f"{key}:{_TEXT}", persist_state="session"
        ),
        right.selectbox(
            "Their labels are in", table.columns, key=f"{key}:{_LABEL}", persist_state="session"
        ),
    )


def _test_file(key: str) -> UploadedFile | None:
    return st.file_uploader(
        "A second file to test on, if you have one",
        type=FILES,
        key=f"{key}:test_file",
        help="Without it a part of the rows is held out, another one in each fold.",
    )


def _label(
    table: LabelledTable, text: str, label: str, test: UploadedFile | None, *, to_test: bool
) -> str | None:
    """Keep the labelled texts of the table; return why they, or those to test on, cannot be used.

    Where it is those to test on, the others are kept without them.
    """
    state.keep_own_labelled(None)
    try:
        labelled = label_rows(table, text, label, to_test=to_test)
    except TextError as error:
        return str(error)
    state.keep_own_labelled(labelled)
    if test is None:
        return None
    try:
        state.keep_own_labelled(labelled.with_test(_read_test(test, text, label)))
    except TextError as error:
        return f"The file to test on cannot be used. {error}"
    return None


def _read_test(file: UploadedFile, text: str, label: str) -> LabelledText:
    """Return the rows to test on: of the columns of these names, else of those that are guessed."""
    table = read_table_file(file.getvalue(), file.name)
    if text in table.columns and label in table.columns:
        return label_rows(table, text, label, to_test=True)
    return label_rows(table, to_test=True)


def _reports(key: str, labelled: LabelledText) -> None:
    report_view(labelled.report, key=f"{key}:report")
    if labelled.test_report:
        st.markdown("**To test on**")
        report_view(labelled.test_report, key=f"{key}:test_report")


def report_view(report: LabelledReport, *, key: str) -> None:
    """Show what was kept of labelled texts, their classes and lengths, and what to beware of."""
    columns = st.columns(5)
    columns[0].metric("Rows kept", f"{report.kept:,}")
    columns[1].metric("Dropped", f"{sum(report.dropped.values()):,}")
    columns[2].metric("Classes", f"{len(report.classes)}")
    columns[3].metric("Median length", f"{report.lengths.median:,} words")
    is_pasted = report.encoding == "unicode"  # as a browser hands it over
    columns[4].metric("Encoding", "pasted" if is_pasted else report.encoding)
    for warning in report.warnings:
        st.warning(warning, icon=":material/warning:")
    left, right = st.columns(2)
    with left:
        _class_table(report, key)
    with right:
        live_chart(
            lengths_figure(report.length_bins),
            key=f"{key}:lengths",
            label="How many texts have how many words",
            height=LENGTHS_HEIGHT,
        )
    st.caption(
        f"Half of the texts have up to {report.lengths.median:,} words, 95 % up to "
        f"{report.lengths.percentile_95:,}, the longest {report.lengths.longest:,}."
    )
    for note in report.notes:
        st.caption(f"- {note}")


def _class_table(report: LabelledReport, key: str) -> None:
    counts = list(report.classes.values())
    st.dataframe(
        pd.DataFrame(
            {
                "class": list(report.classes),
                "rows": counts,
                "share": [100 * n / report.kept for n in counts],
            }
        ),
        hide_index=True,
        height=min(LENGTHS_HEIGHT, 38 + 35 * len(counts)),
        key=f"{key}:classes",
        column_config={
            "class": "Class",
            "rows": st.column_config.NumberColumn("Rows", format="localized"),
            "share": st.column_config.ProgressColumn(
                "Share", format="%.0f %%", min_value=0.0, max_value=100.0
            ),
        },
    )
