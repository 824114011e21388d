"""The translation lab as a visitor meets it: train a pair, look into a sentence, bring a text."""

import json

import pytest
from kept_runs import train_run
from lab_page import (
    choose,
    plot_data,
    press,
    run_id,
    train,
    wait_for_plot,
    wait_for_state,
)
from playwright.sync_api import TimeoutError as TookTooLong
from test_live_run import DIAL, wait_for_event

from core.labs.translation_config import TRANSLATION_EXAMPLE

SMALL = {
    "hidden": 32,
    "longest": 12,
    "buckets": "5,10",
    "pairs": 2000,
    "test_pairs": 16,
    "final_pairs": 32,
    "updates": 250,
    "learning_rate": 0.01,
    "looks": 20,
}
MINUTES = 10_000  # updates; its tests stop it
CURVES = ("Plain", "Attention")
HAS_CURVES = """(plot, names) => names.every(name =>
    plot.data.some(trace => trace.name === name && trace.y.some(y => y !== null)))"""
HAS_MOVED = """(plot, before) => before.every(({name, y}) =>
    JSON.stringify([...plot.data.find(trace => trace.name === name).y]) !== JSON.stringify(y))"""
SAID = """(() => {
    const said = {}, box = document.querySelector('.st-key-sentence_text');
    let name;
    for (const part of box?.querySelectorAll('[data-testid=stCaptionContainer], .stText') ?? [])
        if (part.matches('.stText')) said[name] = part.innerText;
        else name = part.innerText;
    return said;
})()"""
HOLDS_CELLS = (
    "plot => plot.data[0]?.type === 'heatmap' && plot.querySelector('.heatmaplayer image')"
)
CELL = """([row, column]) => {
    const plot = document.querySelector('.st-key-card_sentence_attention .live-chart-plot');
    const {x, y} = plot.getBoundingClientRect(), {xaxis, yaxis} = plot._fullLayout;
    return [x + xaxis._offset + xaxis.l2p(column), y + yaxis._offset + yaxis.l2p(row)];
}"""
CHOSEN = """([label, start]) => document.querySelector(`.st-key-steering [aria-label="${label}"]`)
    ?.value.startsWith(start)"""


@pytest.fixture(scope="module")
def small_run(shared_server):
    """A small pair that was trained from the command line: its form starts small too."""
    return train_run(shared_server, **SMALL)


@pytest.fixture
def tab(server, browser, small_run):
    tab = browser.open(f"{server.url}/translation?run={small_run}")
    wait_for_state(tab, "Done")
    return tab


@pytest.fixture
def long_run(server, tab):
    """A run of minutes, its updates set in the form; stopped at the end if it still lasts."""
    tab.get_by_role("button", name="More settings").click()
    updates = tab.locator(".st-key-translation-updates input")
    updates.fill(str(MINUTES))
    updates.press("Enter")
    tab.keyboard.press("Escape")
    updates.wait_for(state="hidden")
    started = train(tab)
    wait_for_state(tab, "Running")
    yield started
    if server.state(started) in ("running", "paused"):
        press(tab, "stop")
        wait_for_state(tab, "Stopped")


def test_both_curves_move_while_the_pair_trains_and_the_run_is_steered(
    server, tab, small_run, long_run
):
    assert config(server, long_run) == {**config(server, small_run), "updates": MINUTES}
    wait_for_plot(tab, "bleu", HAS_CURVES, CURVES)
    tab.evaluate("document.querySelector('.st-key-card_bleu .live-chart-plot').isTheSame = true")
    before = [trace for trace in plot_data(tab, "bleu") if trace["name"] in CURVES]
    assert [trace["x"] for trace in before] == [[5, 10]] * 2
    wait_for_plot(tab, "bleu", HAS_MOVED, before)
    wait_for_plot(tab, "bleu", "plot => plot.isTheSame")
    wait_for_plot(
        tab,
        "progress",
        """(plot, names) => names.every(name =>
            plot.data.find(trace => trace.name === name)?.x.length > 2)""",
        CURVES,
    )

    dial = tab.locator(DIAL).first
    dial.focus()
    dial.press("ArrowLeft")
    turned = wait_for_event(
        server, long_run, "setting", lambda event: event["name"] == "learning_rate"
    )
    assert turned["value"] == pytest.approx(0.005)

    tab.reload()
    wait_for_state(tab, "Running")
    assert run_id(tab) == long_run
    wait_for_plot(tab, "bleu", HAS_CURVES, CURVES)
    press(tab, "stop")
    wait_for_state(tab, "Stopped")
    assert server.state(long_run) == "stopped"
    wait_for_plot(tab, "bleu", HAS_CURVES, CURVES)


def config(server, run):
    return json.loads((server.folder(run) / "config.json").read_text())["config"]


def test_a_position_is_clicked_forced_and_freed_again(tab):
    wait_for_plot(tab, "sentence_attention", HOLDS_CELLS)
    wait_for_plot(tab, "sentence_erasure", HOLDS_CELLS)
    before, weights = tab.evaluate(SAID), cells(tab)
    assert len(weights) == len(before["Hypothesis"].split())
    assert {len(row) for row in weights} == {len(before["Source"].split())}
    assert [sum(row) for row in weights] == pytest.approx([1] * len(weights), abs=1e-3)

    forced = 0
    while forced < 6 and (forced == 0 or tab.evaluate(SAID)["Hypothesis"] == before["Hypothesis"]):
        row = forced % len(weights)
        column = min(range(len(weights[row])), key=weights[row].__getitem__)
        click_cell(tab, row, column)
        tab.get_by_role("button", name="Force").click()
        forced += 1
        wait_for_plot(
            tab,
            "sentence_attention",
            "(plot, [row, column, edits]) => plot.data[0].z[row]?.[column] > 0.999"
            " && plot.layout.shapes.length === edits",
            [row, column, forced],
        )
    edited = tab.evaluate(SAID)
    assert edited["Hypothesis"] != before["Hypothesis"]
    assert edited["Without your edits"] == before["Hypothesis"]

    for left in reversed(range(forced)):
        tab.get_by_role("button", name="Undo", exact=True).click()
        wait_for_plot(
            tab,
            "sentence_attention",
            "(plot, left) => plot.layout.shapes.length === left",
            left,
        )
    tab.wait_for_function(f"!('Without your edits' in {SAID})")
    assert tab.evaluate(SAID) == before
    assert cells(tab) == weights


def cells(tab):
    """The weights that the sentence's heatmap shows."""
    return tab.evaluate(
        "document.querySelector('.st-key-card_sentence_attention .live-chart-plot').data[0].z"
    )


def click_cell(tab, row, column):
    """Click a cell of the heatmap until the two lists beside the buttons stand at it."""
    for _ in range(5):
        wait_for_plot(tab, "sentence_attention", HOLDS_CELLS)
        tab.mouse.move(*tab.evaluate(CELL, [row, column]), steps=4)
        tab.wait_for_selector(".st-key-card_sentence_attention .hoverlayer .hovertext")
        tab.mouse.click(*tab.evaluate(CELL, [row, column]))
        try:
            tab.wait_for_function(CHOSEN, arg=["Target word", f"{row + 1}:"], timeout=10_000)
            tab.wait_for_function(CHOSEN, arg=["Source word", f"{column + 1}:"], timeout=10_000)
        except TookTooLong:
            continue
        return
    raise AssertionError(f"a click on cell {row}, {column} chose nothing")


def test_a_typed_sentence_is_searched_with_a_beam_by_either_model(tab):
    wait_for_plot(tab, "sentence_attention", HOLDS_CELLS)
    tab.get_by_role("radio", name="Type one").click()
    typed = tab.get_by_role("textbox", name="Source sentence")
    typed.fill("the dog finds a small house")
    typed.press("Enter")
    tab.wait_for_function(f"{SAID}.Source?.startsWith('the dog finds a small house')")
    assert "Reference" not in tab.evaluate(SAID)
    wait_for_plot(tab, "sentence_attention", HOLDS_CELLS)
    assert {len(row) for row in cells(tab)} == {7}, "six words and the end of the sentence"

    assert tab.locator(".st-key-card_sentence_beam").count() == 0
    beam = tab.locator(".st-key-sentence-beam input[type=range]")
    beam.focus()
    beam.press("ArrowRight")
    beam.press("ArrowRight")
    wait_for_plot(
        tab, "sentence_beam", "plot => plot.data.filter(({x}) => x.length > 3).length > 1"
    )

    choose(tab, "Model", "Plain")
    tab.get_by_text("This model has no attention to look at.").wait_for()
    assert tab.evaluate(SAID)["Source"].startswith("the dog finds a small house")
    wait_for_plot(tab, "sentence_beam", "plot => plot.data.some(({x}) => x.length > 3)")


def test_the_labs_example_was_made_and_is_drawn(server, browser):
    tab = browser.open(f"{server.url}/translation")
    wait_for_state(tab, "Example · Done", timeout=240_000)  # the first tab had it begun
    assert "run=" not in tab.url
    wait_for_plot(tab, "bleu", HAS_CURVES, CURVES)
    curves = [trace["x"] for trace in plot_data(tab, "bleu") if trace["name"] in CURVES]
    assert curves == [list(TRANSLATION_EXAMPLE.buckets)] * 2
    wait_for_plot(tab, "sentence_attention", HOLDS_CELLS)
    stop = tab.locator(".st-key-run_stop button").first
    assert stop.is_disabled(), "everybody's example stays as it is"
