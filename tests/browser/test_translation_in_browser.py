"""The translation lab as a visitor meets it: train a pair, look into a sentence, bring a text."""

import numpy as np
import pytest
from kept_runs import keep_run, train_run
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
from test_live_run import wait_for_event

from core.labs.config_json import config_to_json
from core.labs.translation_config import TRANSLATION_EXAMPLE, TranslationConfig
from core.runs.store import read_config
from core.training.events import ArrayEvent

SMALL = {
    "hidden": 32,
    "longest": 12,
    "buckets": (5, 10),
    "pairs": 2000,
    "test_pairs": 16,
    "final_pairs": 32,
    "updates": 250,
    "learning_rate": 0.01,
}
MINUTES = 6_000  # updates; its test stops it
LOOKS = 60
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
CELLS = "document.querySelector('.st-key-card_sentence_attention .live-chart-plot').data[0].z"
CELL = """([row, column]) => {
    const plot = document.querySelector('.st-key-card_sentence_attention .live-chart-plot');
    const {x, y} = plot.getBoundingClientRect(), {xaxis, yaxis} = plot._fullLayout;
    return [x + xaxis._offset + xaxis.l2p(column), y + yaxis._offset + yaxis.l2p(row)];
}"""
CHOSEN = """([label, start]) => document.querySelector(`.st-key-steering [aria-label="${label}"]`)
    ?.value.startsWith(start)"""

CARDS = ("bleu", "progress", "loss", "sentence_attention", "sentence_erasure", "sentence_certainty")
CARDS += ("costs", "swap", "cosine", "probe")
HAS_MARKS = "plot => plot.querySelector('.js-line, .points path, .heatmaplayer image')"
TOO_WIDE = """[document.documentElement, document.querySelector('[data-testid=stMain]')]
    .filter(node => node.scrollWidth > node.clientWidth)
    .map(node => `${node.tagName}: ${node.scrollWidth} > ${node.clientWidth}`)"""
STOPWATCH = """
// From the arrival of a figure's message to the frame in which its picture stands: window.__drawn.
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener('message', ({data}) => {
      if ((data.size ?? data.byteLength) > 100_000) window.__arrived ??= performance.now();
    });
  }
};
let plotly;
Object.defineProperty(window, 'Plotly', {
  configurable: true,
  get: () => plotly,
  set: (library) => {
    const react = library.react;
    library.react = async (plot, data, ...rest) => {
      await react(plot, data, ...rest);
      if (!window.__arrived || data[0].z?.length !== 200) return plot;
      requestAnimationFrame(() => setTimeout(() => {
        window.__drawn = (performance.now() - window.__arrived) / 1000;
      }));
      return plot;
    };
    plotly = library;
  },
});
"""


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
def long_run(server, browser):
    """A tab and a run of minutes, its updates set in the form; stopped if it still lasts."""
    like = keep_run(server, TranslationConfig(**SMALL, looks=LOOKS))
    tab = browser.open(f"{server.url}/translation?run={like}")
    wait_for_state(tab, "Done")
    tab.get_by_role("button", name="More settings").click()
    updates = tab.locator(".st-key-translation-updates input")
    updates.fill(str(MINUTES))
    updates.press("Enter")
    tab.keyboard.press("Escape")
    updates.wait_for(state="hidden")
    started = train(tab)
    wait_for_state(tab, "Running")
    yield tab, started
    if server.state(started) in ("running", "paused"):
        press(tab, "stop")
        wait_for_state(tab, "Stopped")


def test_both_curves_move_while_the_pair_trains_and_the_run_is_steered(server, long_run):
    tab, run = long_run
    wanted = TranslationConfig(**SMALL | {"updates": MINUTES}, looks=LOOKS)
    assert read_config(server.folder(run)) == config_to_json(wanted)
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

    dial = tab.locator(".st-key-dials input[type=range]:enabled").first
    dial.focus()
    dial.press("ArrowLeft")
    turned = wait_for_event(server, run, "setting", lambda event: event["name"] == "learning_rate")
    assert turned["value"] == pytest.approx(0.005)

    tab.reload()
    wait_for_state(tab, "Running")
    assert run_id(tab) == run
    wait_for_plot(tab, "bleu", HAS_CURVES, CURVES)
    press(tab, "stop")
    wait_for_state(tab, "Stopped")
    assert server.state(run) == "stopped"
    wait_for_plot(tab, "bleu", HAS_CURVES, CURVES)


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
    return tab.evaluate(CELLS)


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


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_every_picture_is_drawn_in_both_themes_without_sideways_scrolling(
    server, browser, small_run, width, scheme
):
    tab = browser.open(
        f"{server.url}/translation?run={small_run}",
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
    )
    wait_for_state(tab, "Done")
    for card in CARDS:
        wait_for_plot(tab, card, HAS_MARKS)
        assert tab.evaluate(TOO_WIDE) == [], card
    background = tab.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    )
    assert (background == "rgb(16, 21, 28)") == (scheme == "dark")


def test_a_heatmap_of_200_by_200_is_drawn_within_a_second(server, browser):
    words = [f"word{n}" for n in range(198)] + ["incomprehensibilities", "שלום"]
    rng = np.random.default_rng(0)
    array = rng.dirichlet([0.1] * 200, size=(4, 200)).astype(np.float32)
    labels = {"source": words, "target": words, "map": [f"head {n}" for n in range(1, 5)]}
    maps = ArrayEvent(name="attention", model="attention", step=1, array=array, labels=labels)
    run = keep_run(server, TRANSLATION_EXAMPLE, [maps])
    tab = browser.open(f"{server.url}/translation?run={run}", before=STOPWATCH)
    wait_for_plot(tab, "attention", HOLDS_CELLS)
    seconds = []
    for head in range(2, 5):
        tab.evaluate("window.__arrived = window.__drawn = undefined")
        choose(tab, "Map", f"head {head}")
        wait_for_plot(tab, "attention", "() => window.__drawn")
        seconds.append(tab.evaluate("window.__drawn"))
        shown = tab.evaluate(CELLS.replace("sentence_", ""))
        assert np.allclose(shown, array[head - 1], atol=1e-3)
    assert min(seconds) < 1, f"the quickest of {seconds} s"


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
