"""What a visitor sees and does on a lab's page, for the tests that drive a browser."""

import re
from contextlib import suppress

from playwright.sync_api import TimeoutError as TookTooLong

PLOT = ".live-chart-plot"
HAS_LINE = f"{PLOT} .js-line"


def start_run(tab, preset="Standard"):
    """Choose a preset, press the button that trains, and return the new run's id."""
    tab.get_by_role("radio", name=preset).click()
    tab.wait_for_function(
        "name => [...document.querySelectorAll('[role=radio]')].some("
        "e => e.ariaChecked === 'true' && e.innerText.startsWith(name))",
        arg=preset,
    )
    return train(tab)


def train(tab):
    """Press the button that trains, and return the new run's id."""
    before = run_id(tab)
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


def wait_for_plot(tab, card, condition, arg=None):
    """Wait until the JavaScript function `condition` holds of a card's chart, kept in sight.

    It is given the plot and `arg`.
    """
    tab.wait_for_function(
        f"""([card, arg]) => {{
            const plot = document.querySelector(`.st-key-card_${{card}} .live-chart-plot`);
            plot?.scrollIntoView({{block: "nearest"}});
            return plot?.data && ({condition})(plot, arg);
        }}""",
        arg=[card, arg],
    )


def choose(tab, label, option):
    """Choose an option of the list called `label`; a scroll, or the page drawn anew, closes it.

    A choice that came through too late to be seen is not made again: the list would not open.
    """
    field = tab.get_by_role("combobox", name=label, exact=True)
    for patience in (3_000, 6_000, 12_000, 24_000):
        with suppress(TookTooLong):
            field.evaluate("field => field.scrollIntoView({block: 'center'})", timeout=patience)
            is_open = field.get_attribute("aria-expanded", timeout=patience) == "true"
            if not is_open and field.input_value(timeout=patience) == option:
                return
            field.fill(option, timeout=patience)
            tab.get_by_role("option", name=option, exact=True).click(timeout=patience)
            tab.wait_for_function(
                "([field, option]) => field.isConnected && field.value === option",
                arg=[field.element_handle(), option],
                timeout=patience,
            )
            return
    raise AssertionError(f"{option} could not be chosen")
