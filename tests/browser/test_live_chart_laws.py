"""What must never be seen while a run draws: a chart built anew, a blank, a lost zoom, a jump."""

import pytest
from lab_page import start_run, step, wait_for_state, wait_for_step

PROBE = """
window.__seen = {mounts: 0, blank: 0, frames: 0, opacity: 1};
const LIVE = '.live-chart';
const MARKS = '.js-line, .points path, .heatmaplayer image, .barlayer path';
new MutationObserver(changes => {
  const added = changes.flatMap(change => [...change.addedNodes]).filter(node => node.matches);
  for (const node of added)
    window.__seen.mounts += node.matches(LIVE) + node.querySelectorAll(LIVE).length;
}).observe(document, {childList: true, subtree: true});
const watch = () => {
  const plots = [...document.querySelectorAll('.live-chart-plot')];
  if (window.__watching && plots.length) {
    window.__seen.frames++;
    if (plots.some(plot => !plot.querySelector(MARKS))) window.__seen.blank++;
    for (let node = plots[0]; node.parentElement; node = node.parentElement)
      window.__seen.opacity = Math.min(window.__seen.opacity, +getComputedStyle(node).opacity);
  }
  requestAnimationFrame(watch);
};
requestAnimationFrame(watch);
"""
RANGES = """(() => {
  const {xaxis, yaxis} = document.querySelector('.live-chart-plot')._fullLayout;
  return [...xaxis.range, ...yaxis.range].map(edge => +edge.toFixed(3));
})()"""
ALL_DRAWN = """() => [...document.querySelectorAll('.live-chart-plot')].every(plot =>
  plot.querySelector('.js-line, .points path, .heatmaplayer image, .barlayer path'))"""
PARTS = 'h1, h2, h3, .st-key-settings, .st-key-run_bar, [class*="st-key-card_"]'
PLACES = f"""[...document.querySelectorAll('{PARTS}')].map(node => {{
  const {{x, y, width, height}} = node.getBoundingClientRect();
  const key = [...node.classList].find(name => name.startsWith('st-key-')) ?? node.innerText;
  return [key, x, y, width, height].join(' ');
}})"""


@pytest.mark.parametrize("page", ["clipping", "gradient-flow"])
def test_charts_grow_in_place_and_keep_the_zoom_while_a_run_draws(server, browser, page):
    tab = browser.open(f"{server.url}/{page}", before=PROBE)
    start_run(tab, "Standard")
    wait_for_state(tab, "Running")
    wait_for_step(tab, 250)  # every chart has had its first numbers
    tab.wait_for_function(ALL_DRAWN)
    zoom_in(tab)
    zoomed, places, first = tab.evaluate(RANGES), tab.evaluate(PLACES), step(tab)
    tab.evaluate("Object.assign(window.__seen, {mounts: 0}); window.__watching = true")
    tab.wait_for_timeout(6000)
    seen = tab.evaluate("window.__seen")
    assert step(tab) > first
    assert tab.evaluate(RANGES) == zoomed
    assert tab.evaluate(PLACES) == places
    assert seen["frames"] > 20
    assert (seen["mounts"], seen["blank"], seen["opacity"]) == (0, 0, 1)
    tab.locator(".st-key-run_stop button").first.click()
    wait_for_state(tab, "Stopped")


def zoom_in(tab):
    before = tab.evaluate(RANGES)
    tab.locator(".live-chart-plot").first.scroll_into_view_if_needed()
    box = tab.locator(".live-chart-plot .nsewdrag").first.bounding_box()
    tab.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.3)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6, steps=5)
    tab.mouse.up()
    tab.wait_for_timeout(300)
    after = tab.evaluate(RANGES)
    assert after[0] > before[0]
    assert after[3] < before[3]
