"""A real server and a real browser; every tab's errors, and the server's, fail the test."""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from lab_server import Server
from playwright.sync_api import Error, sync_playwright

NO_BROWSER = (
    "No Chromium found: install Debian's package chromium, or run `playwright install chromium`"
)
SKIPPED = f"{NO_BROWSER}; browser tests are skipped."
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
PATIENCE = 90_000  # ms; for machines that do much else
PROBING = re.compile(r"/[^/]+/_stcore/(health|host-config)$")
"""On a link to a page Streamlit's frontend tries the page's own path first and gets a 404."""

LEFT_TAB = re.compile(
    r"Exception in ASGI application\n(?:(?!Exception in|Uncaught).)*?_websocket_endpoint"
    r"(?:(?!Exception in|Uncaught).)*?"
    r"(?:once a close message has been sent|or response already completed)[^\n]*\n",
    re.DOTALL,
)
"""A tab that leaves while the server sends to it: Streamlit closes the connection once more."""


def pytest_collection_modifyitems(items):
    for item in items:
        if is_here(item):
            item.add_marker(pytest.mark.browser)
    items.sort(key=is_here)  # the quick ones first, and without a browser beside them


def is_here(item):
    return Path(__file__).parent in item.path.parents


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    if any(SKIPPED in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(SKIPPED)


@pytest.fixture(scope="session")
def chromium():
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    with sync_playwright() as playwright:
        browser = None
        with suppress(Error):
            browser = playwright.chromium.launch(
                executable_path=next(filter(None, found), None), args=QUIET.split()
            )
        if browser is None and os.environ.get("CI") == "true":
            pytest.fail(f"{NO_BROWSER}.", pytrace=False)
        if browser is None:
            pytest.skip(SKIPPED)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_server(chromium, tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    assert server.close() == 0


@pytest.fixture
def server(shared_server):
    """The server of all tests; what it logs in this one must hold no traceback."""
    before = len(shared_server.said())
    yield shared_server
    assert "Traceback" not in LEFT_TAB.sub("", shared_server.said(before))


class Browser:
    """Opens tabs, each of a visitor of its own, and collects what goes wrong in them."""

    def __init__(self, chromium):
        self.chromium = chromium
        self.contexts = []
        self.faults = []

    def open(self, url, *, before="", watched=True, **settings):
        """Return a new visitor's tab at `url`; the script `before` runs ahead of the page.

        What goes wrong in a tab that is not `watched` is no fault: its server may end.
        """
        context = self.chromium.new_context(
            **{"viewport": {"width": 1280, "height": 800}, **settings}
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        if before:
            context.add_init_script(before)
        tab = context.new_page()
        if watched:
            tab.on("console", self._on_console)
            tab.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
            tab.on("dialog", self._on_dialog)
        tab.goto(url)
        return tab

    def _on_console(self, message):
        is_chart = message.text.startswith("live chart:")
        if message.type != "error" and not is_chart:
            return
        if not PROBING.search(message.location.get("url", "")):
            self.faults.append(f"console: {message.text} {message.location.get('url', '')}")

    def _on_dialog(self, dialog):
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def close(self):
        for context in self.contexts:
            context.close()


@pytest.fixture
def browser(chromium):
    browser = Browser(chromium)
    yield browser
    browser.close()
    assert browser.faults == []
