"""What a visitor sees and does on a lab's page, for the tests that drive a browser."""

import re

PLOT = ".live-chart-plot"
HAS_LINE = f"{PLOT} .js-line"


def start_run(tab, preset="Standard"):
    """Choose a preset, press the button that trains, and return the new run's id."""
    before = run_id(tab)
    tab.get_by_role("radio", name=preset).click()
    tab.wait_for_function(
        "name => [...document.querySelectorAll('[role=radio]')].some("
        "e => e.ariaChecked === 'true' && e.innerText.startsWith(name))",
        arg=preset,
    )
    tab.locator(".st-key-train button").click()
    tab.wait_for_function(
        "before => (new URL(location).searchParams.get('run') ?? before) !== before", arg=before
    )
    return run_id(tab)


def run_id(tab):
    found = re.search(r"[?&]run=([0-9a-f]+)", tab.url)
    return found.group(1) if found else ""


def press(tab, name):
    tab.locator(f".st-key-run_{name} button").first.click()


def status(tab):
    return tab.locator(".st-key-run_status").inner_text()


def step(tab):
    return step_in(status(tab))


def step_in(text):
    return int(re.search(r"update ([\d,]+) of", text).group(1).replace(",", ""))


def wait_for_state(tab, word, timeout=None):
    tab.wait_for_function(
        "word => document.querySelector('.st-key-run_status')?.innerText.trim().startsWith(word)",
        arg=word,
        timeout=timeout,
    )


def wait_for_step(tab, least):
    """Wait until the run has made `least` updates; return how many it has made."""
    tab.wait_for_function(
        """least => {
            const said = document.querySelector('.st-key-run_status')?.innerText ?? '';
            const found = said.match(/update ([\\d,]+) of/);
            return found && +found[1].replaceAll(',', '') >= least;
        }""",
        arg=least,
    )
    return step(tab)


def wait_for_chart(tab):
    tab.wait_for_selector(HAS_LINE, state="attached")


def plot_data(tab, card):
    """The traces of a card's chart, as the browser holds them: name, x, y."""
    return tab.evaluate(
        """card => document.querySelector(`.st-key-card_${card} .live-chart-plot`).data
            .map(({name, x, y}) => ({name, x: [...x], y: [...y]}))""",
        card,
    )


def points(tab, card):
    return max(len(trace["y"]) for trace in plot_data(tab, card))


def wait_for_reach(tab, card, update):
    """Wait until a card's chart ends at this update of the run, once it is in sight.

    A chart out of sight still holds what it showed last, be it of another run.
    """
    tab.locator(f".st-key-card_{card}").scroll_into_view_if_needed()
    tab.wait_for_function(
        """([card, update]) => document.querySelector(`.st-key-card_${card} .live-chart-plot`)
            .data?.some(({x}) => x.length && x[x.length - 1] === update)""",
        arg=[card, update],
    )
