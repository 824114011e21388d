"""How progress is kept: under which key, a link to it, files, sign-in, and forgetting it."""

import json
from urllib.parse import urlsplit

import streamlit as st

from core.errors import PracticeError, SeqScopeError
from core.practice.anki import anki_package
from core.practice.clock import now
from core.practice.deck import deck
from core.practice.transfer import export_progress, import_progress
from pages.components import state
from pages.components.cache import key_ring, practice_store

VISITOR_PARAMETER = "visitor"
FILE_MEGABYTES = 20


def taken_over() -> None:
    """Where the link holds another key than this browser's, offer to go on with its progress."""
    token = st.query_params.get(VISITOR_PARAMETER)
    if not token:
        return
    key = key_ring().key(token)
    if key is None:
        st.warning(
            "This link's key is not one of this server's, or it was cut off. Copy the whole link "
            "from the page Progress of the browser that has your progress.",
            icon=":material/link_off:",
        )
    elif key == state.visitor():
        st.success("This browser has this progress now.", icon=":material/check:")
    else:
        with st.container(border=True, key="take_over"):
            st.markdown(
                "**This link opens progress that another browser made.** Go on with it here? "
                "What was rated in this browser so far is added to it."
            )
            with st.container(horizontal=True):
                st.button(
                    "Go on with it here", type="primary", key="take", on_click=_take, args=(key,)
                )
                st.button("No, keep this browser's", key="leave", on_click=_drop_parameter)


def _take(key: str) -> None:
    try:
        practice_store().merge(f"key:{state.visitor()}", f"key:{key}")
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/error:")
    else:
        state.set_visitor(key, chosen=True)
        _drop_parameter()


def _drop_parameter() -> None:
    st.query_params.pop(VISITOR_PARAMETER, None)


def keeping_section(who: str) -> None:
    """Show where this progress is kept, and how to take it along."""
    st.subheader("Keep it", anchor="keep")
    _whose()
    left, middle, right = st.columns(3)
    with left, st.container(border=True, height="stretch"):
        _files(who)
    with middle, st.container(border=True, height="stretch"):
        _cards()
    with right, st.container(border=True, height="stretch"):
        _forgetting(who)


def _whose() -> None:
    address = state.signed_in_address()
    if address:
        st.caption(f"Kept on this server under your address, {address}.")
        st.button("Sign out", key="sign_out", on_click=st.logout)
        return
    st.caption(
        "Kept on this server under an anonymous key that a cookie of this browser holds. To go on "
        "in another browser, or after the cookies were cleared, keep this link; whoever has it "
        "has your progress."
    )
    with st.popover("Link to my progress", icon=":material/key:", key="keep_link"):
        address = urlsplit(st.context.url or "")._replace(query="", fragment="").geturl()
        token = key_ring().token(state.visitor())
        st.code(f"{address}?{VISITOR_PARAMETER}={token}", wrap_lines=True)
    if state.can_sign_in():
        st.button("Sign in", icon=":material/login:", key="sign_in", on_click=st.login)


def _files(who: str) -> None:
    st.markdown("**Progress as a file**")
    st.caption("Everything that was rated, answered and interviewed, as JSON.")
    st.download_button(
        "Export",
        data=lambda: json.dumps(export_progress(practice_store(), who), indent=1),
        file_name=f"seqscope-progress-{now():%Y-%m-%d}.json",
        mime="application/json",
        icon=":material/download:",
        key="export",
        on_click="ignore",
    )
    given = st.file_uploader(
        "Import",
        type="json",
        key="import",
        max_upload_size=FILE_MEGABYTES,
        help="Adds to what is here: nothing that was rated is lost, and nothing counts twice.",
    )
    if given is not None:
        st.button(
            f"Import {given.name}",
            icon=":material/upload:",
            key="import_now",
            on_click=_import,
            args=(who, given.getvalue()),
        )


def _import(who: str, given: bytes) -> None:
    try:
        taken = import_progress(practice_store(), who, _read(given))
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/error:", duration="long")
    else:
        st.toast(f"Imported: {taken}.", icon=":material/check:")


def _read(given: bytes) -> object:
    """Return what a file of progress holds.

    Raises:
        PracticeError: it is no JSON.
    """
    try:
        return json.loads(given.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PracticeError(
            "The file is not JSON. Choose one that 'Export' on this page has written."
        ) from error


def _cards() -> None:
    st.markdown("**Cards for Anki**")
    st.caption(
        f"All {len(deck())} cards with answers, key points and sources. Importing it again later "
        "updates them."
    )
    st.download_button(
        "Anki package",
        data=lambda: anki_package(list(deck().values())),
        file_name="seqscope.apkg",
        mime="application/octet-stream",
        icon=":material/download:",
        key="anki",
        on_click="ignore",
    )


def _forgetting(who: str) -> None:
    st.markdown("**Forget it**")
    st.caption("Removes every rating, interview and answer that is kept here of yours.")
    with st.popover("Forget my progress", icon=":material/delete:", key="forget"):
        st.markdown("This cannot be undone; an export can bring it back.")
        st.button(
            "Forget all of it", type="primary", key="forget_now", on_click=_forget, args=(who,)
        )


def _forget(who: str) -> None:
    try:
        practice_store().forget(who)
    except SeqScopeError as error:
        st.toast(str(error), icon=":material/error:")
    else:
        st.toast("Forgotten.", icon=":material/check:")
