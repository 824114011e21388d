"""What a visitor waits for, in a headless Chromium against the app's own server."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.measure import Row
from core.runs.record import RunRecord

ROOT = Path(__file__).parents[1]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FIRST_POINT = """() => new Promise(done => {
  const button = document.querySelector('.st-key-train button');
  const points = () => [...document.querySelectorAll('.live-chart-plot')]
    .flatMap(plot => plot.data || []).find(trace => trace.name === 'before clipping')?.x.length;
  const before = location.search, shown = points(), started = performance.now();
  const look = () => location.search !== before && points() && points() !== shown
    ? done((performance.now() - started) / 1000) : requestAnimationFrame(look);
  button.click();
  requestAnimationFrame(look);
})"""
"""Seconds from the click until the chart shows the new run: another number of points."""


@contextmanager
def server(home: str) -> Iterator[tuple[str, int]]:
    """Start the app on a free port; give its address and process id; end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SEQSCOPE_HOME": home}
    command = [sys.executable, "app.py", "--server.port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as process:
        address = f"http://localhost:{port}"
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{address}/_stcore/health").close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield address, process.pid
        finally:
            process.terminate()


def rows() -> Iterator[Row]:
    """Measure first paint, click to first point, and what watching costs a run."""
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as home,
        server(home) as (address, process),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        for lab in ("gradient-flow", "clipping"):  # their examples are trained at the first visit
            page.goto(f"{address}/{lab}")
            page.wait_for_selector(".live-chart-plot .js-line", state="attached", timeout=90_000)
            page.wait_for_function("document.body.innerText.includes('Done')", timeout=90_000)
        yield _first_paint(browser, address)
        yield _torch_in_server(process)
        yield _first_point(page)
        page.close()
        for lab in ("gradient-flow", "clipping"):
            yield _watching(browser, address, home, lab)
        browser.close()


def _first_paint(browser, address: str) -> Row:  # type: ignore[no-untyped-def]
    seconds = []
    for _ in range(5):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        started = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector("h1")
        seconds.append(time.perf_counter() - started)
        context.close()
    return Row(
        name="first paint, a new visitor",
        kind="value",
        measured=median(seconds),
        unit="s",
        sense="at most",
        limit=1.5,
    )


def _torch_in_server(process: int) -> Row:
    maps = Path(f"/proc/{process}/maps")
    loaded = float("libtorch" in maps.read_text()) if maps.exists() else float("nan")
    return Row(
        name="torch in the server's memory",
        kind="value",
        measured=loaded,
        unit="",
        sense="at most",
        limit=0,
    )


def _first_point(page) -> Row:  # type: ignore[no-untyped-def]
    page.get_by_role("radio", name="Standard").click()
    page.wait_for_timeout(1500)
    seconds = []
    for _ in range(5):
        seconds.append(page.evaluate(FIRST_POINT))
        page.locator(".st-key-run_stop button").first.click()
        page.wait_for_function("document.body.innerText.includes('Stopped')", timeout=30_000)
        page.wait_for_timeout(1500)
    return Row(
        name="click to first point, warm",
        kind="value",
        measured=median(seconds),
        unit="s",
        sense="at most",
        limit=1.0,
    )


def _watching(browser, address: str, home: str, lab: str) -> Row:  # type: ignore[no-untyped-def]
    """Compare one run's speed with its page open and closed, in turns."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/{lab}")
    page.get_by_role("button", name="More settings").click()
    page.get_by_label("Updates", exact=True).fill("20000")
    page.keyboard.press("Enter")
    page.wait_for_timeout(1500)
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    before = page.url
    page.locator(".st-key-train button").first.click()
    page.wait_for_function("before => location.href !== before", arg=before)
    link = page.url
    record = RunRecord(Path(home) / "runs" / link.split("run=")[1])
    page.wait_for_timeout(3000)
    ratios = []
    for _ in range(5):
        watched = _speed(record)
        page.goto("about:blank")
        time.sleep(1.0)
        unwatched = _speed(record)
        ratios.append(watched / unwatched)
        page.goto(link)
        page.wait_for_selector(".live-chart-plot .js-line", state="attached", timeout=90_000)
        page.wait_for_timeout(2500)
    page.locator(".st-key-run_stop button").first.click()
    page.wait_for_timeout(1500)
    context.close()
    return Row(
        name=f"{lab}: updates/s watched / unwatched",
        kind="ratio",
        measured=median(ratios),
        unit="x speed",
        sense="at least",
        limit=0.85,
    )


def _speed(record: RunRecord, seconds: float = 3.0) -> float:
    """Return the updates a second over the next seconds, by the worker's own clock."""
    first = _progress(record)
    time.sleep(seconds)
    last = _progress(record)
    return (last[1] - first[1]) / (last[0] - first[0])


def _progress(record: RunRecord) -> tuple[float, int]:
    """Return when the run last told its progress, and the update it had done then."""
    while True:
        record.refresh()
        if record.looks:
            return record.looks[-1]
        time.sleep(0.1)
