"""What a first visitor meets: quickly a title, soon a chart, on any screen and in the dark."""

from pathlib import Path

import pytest
from lab_page import HAS_LINE, wait_for_chart

PAGES = ("", "gradient-flow", "clipping", "your-text", "runs")
WITH_CHARTS = ("", "gradient-flow", "clipping")


def test_the_first_page_shows_its_title_and_draws_a_live_chart(server, browser):
    tab = browser.open(server.url)
    tab.get_by_role("heading", name="SeqScope").wait_for()
    wait_for_chart(tab)
    tab.get_by_role("link", name="Gradient flow").first.wait_for()


def test_the_server_has_not_imported_torch(server, browser):
    maps = Path(f"/proc/{server.process.pid}/maps")
    if not maps.exists():
        pytest.skip("this system has no /proc")
    tab = browser.open(f"{server.url}/gradient-flow")
    wait_for_chart(tab)
    assert "libtorch" not in maps.read_text()


@pytest.mark.parametrize("page", PAGES)
def test_a_link_opens_its_page_at_once(server, browser, page):
    tab = browser.open(f"{server.url}/{page}")
    tab.locator("h1").wait_for()
    assert tab.locator("h1").count() == 1
    assert tab.get_by_role("dialog").count() == 0
    assert tab.get_by_text("Page not found").count() == 0


@pytest.mark.parametrize("page", PAGES)
def test_a_narrow_dark_screen_shows_all_without_sideways_scrolling(server, browser, page):
    tab = browser.open(
        f"{server.url}/{page}", color_scheme="dark", viewport={"width": 390, "height": 844}
    )
    tab.locator("h1").wait_for()
    if page in WITH_CHARTS:
        wait_for_chart(tab)
    tab.wait_for_timeout(500)
    color = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    assert tab.evaluate(color) == "rgb(16, 21, 28)"
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    main = "document.querySelector('[data-testid=stMain]')"
    assert tab.evaluate(f"{main}.scrollWidth - {main}.clientWidth") <= 0
    for line in tab.locator(HAS_LINE).all()[:1]:
        box = line.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 391
