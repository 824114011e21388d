"""A guided demo from a link: shown by keyboard, refreshed in the middle, to its punch line."""

import re

LINK = "guided-demos?demo=beyond-its-lengths"


def wait_until_ready(tab):
    """Wait until what the step waits for is there."""
    tab.wait_for_function(
        "() => document.querySelector('.st-key-demo_wait')?.innerText.includes('Ready')"
    )


def wait_for_step(tab, number):
    tab.get_by_text(f"Step {number} of 5").wait_for()
    assert f"step={number}" in tab.url


def test_a_demo_from_a_link_reaches_its_punch_line_with_real_training(server, browser):
    tab = browser.open(f"{server.url}/{LINK}")
    tab.get_by_role("heading", name="It counts, until it does not").wait_for()
    tab.get_by_text("Step 1 of 5").wait_for()
    tab.get_by_role("button", name="Train it").wait_for()
    tab.keyboard.press("ArrowRight")
    wait_for_step(tab, 2)
    run = re.search(r"[?&]run=([0-9a-f]+)", tab.url).group(1)
    tab.keyboard.press("ArrowLeft")
    wait_for_step(tab, 1)
    tab.keyboard.press("Space")
    wait_for_step(tab, 2)
    assert f"run={run}" in tab.url, "coming back starts no second run"
    tab.reload()
    wait_for_step(tab, 2)
    wait_until_ready(tab)
    tab.keyboard.press("Space")
    wait_for_step(tab, 3)
    tab.keyboard.press("Space")
    wait_for_step(tab, 4)
    wait_until_ready(tab)
    tab.keyboard.press("ArrowRight")
    wait_for_step(tab, 5)
    tab.get_by_text(re.compile("What this run has shown|It did not show this time")).wait_for()
    told = tab.locator(".st-key-demo_punch").inner_text()
    assert "Trained on 50 to 100 steps" in told
    assert re.search(r"\d+ % of the time at 100 and \d+ % at 500", told)
    assert re.fullmatch(r"\d:\d\d\s+of about 1:30", tab.locator(".demo-clock").inner_text())
    assert f"run={run}" in tab.url
    assert server.state(run) == "done"
