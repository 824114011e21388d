// One living chart: Plotly.react on a div that is never rebuilt, so that zoom, hover and the eye
// keep their place while numbers stream in. Python sends a figure with colour tokens ("@text");
// what depends on the browser (theme, width, a hidden tab) is decided here.

import { legible, resolve, themeOf } from "./theme.js";

const NARROW = 400; // pixels: below it labels at the line's end become a legend on top
const SAVED_WIDTH = 800;
const SENTENCE = "This picture could not be drawn. The table holds the same numbers.";
const AXES = ["xaxis", "yaxis"];
const touched = matchMedia("(pointer: coarse)").matches;
const CONFIG = {
  displaylogo: false,
  displayModeBar: touched ? false : "hover",
  scrollZoom: false,
  doubleClick: false, // plotly's own goes back to the first range it ever had: see showAll
  responsive: false,
};

const charts = new WeakMap(); // parent element -> chart
let library;

// Called for the first data, for every change of data and for every change of theme.
export async function mount(component, plotlyUrl) {
  const parent = component.parentElement;
  const chart = charts.get(parent) ?? build(parent, component);
  chart.component = component;
  reserve(chart);
  try {
    library ??= load(plotlyUrl);
    await library;
    draw(chart); // with the newest data, whichever call waited longest
  } catch (error) {
    library = window.Plotly ? library : undefined; // a later update may fetch it again
    fail(chart, error);
  }
  // Streamlit also calls this when newer data overtook this call: then the chart lives on.
  return () => parent.isConnected || unmount(chart);
}

// plotly.js carries no expiry date, so a browser would fetch its megabytes on every visit:
// "force-cache" takes the copy it has, and the version in the address keeps that copy right.
async function load(url) {
  if (window.Plotly) return;
  const answer = await fetch(url, { cache: "force-cache" });
  if (!answer.ok) throw new Error(`plotly.js: ${answer.status}`);
  const source = URL.createObjectURL(new Blob([await answer.blob()], { type: "text/javascript" }));
  await new Promise((done, failed) => {
    const script = document.createElement("script");
    script.onload = done;
    script.onerror = () => failed(new Error("plotly.js did not start"));
    script.src = source;
    document.head.append(script);
  });
  URL.revokeObjectURL(source);
}

function build(parent, component) {
  const root = element("div", "live-chart");
  const plot = element("div", "live-chart-plot");
  plot.setAttribute("role", "img");
  root.append(plot);
  parent.append(root);
  const chart = { parent, root, plot, component, drawn: "", resets: 0, listens: false, held: false,
    gone: false, near: true };
  chart.again = () => requestAnimationFrame(() => attempt(chart));
  chart.observer = new ResizeObserver(chart.again);
  chart.observer.observe(plot);
  // A chart that is scrolled away is drawn when it comes near: drawing nine at once costs a core.
  chart.sight = new IntersectionObserver(([{ isIntersecting }]) => {
    chart.near = isIntersecting;
    if (chart.near) chart.again();
  }, { rootMargin: "150px" });
  chart.sight.observe(plot);
  document.addEventListener("visibilitychange", chart.again);
  plot.onpointerdown = () => { // new data must not end a drag
    chart.held = true;
    const release = () => chart.again(chart.held = false);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, release, { once: true });
  };
  charts.set(parent, chart);
  return chart;
}

// The chart's place and name, or the buttons that save it, stand before plotly.js arrives.
function reserve({ root, plot, component }) {
  const { height, label, filename } = component.data;
  if (!filename) {
    plot.setAttribute("aria-label", label);
    if (!plot.style.height) plot.style.height = `${height}px`;
  } else if (root.contains(plot)) {
    const bar = element("div", "live-chart-buttons");
    for (const format of ["png", "svg"]) {
      const button = element("button", "live-chart-button", format.toUpperCase());
      button.type = "button";
      button.setAttribute("aria-label", `Download the picture as ${format.toUpperCase()}`);
      button.onclick = () => save(charts.get(component.parentElement), format);
      bar.append(button);
    }
    plot.replaceWith(bar);
  }
}

function attempt(chart) {
  if (chart.gone || !window.Plotly) return;
  try {
    draw(chart);
  } catch (error) {
    fail(chart, error);
  }
}

function draw(chart) {
  const { plot, component } = chart;
  chart.config ??= { ...CONFIG, modeBarButtons: [[{
    name: "all", title: "Show all", icon: window.Plotly.Icons.home, click: () => showAll(chart),
  }]] };
  const width = plot.clientWidth;
  if (chart.gone || !width || document.hidden || chart.held) return; // drawn when it can be seen
  if (chart.drawn && !chart.near) return;
  const theme = themeOf(plot);
  const wanted = [component.data.version, width, component.data.height, theme.key].join();
  if (chart.drawn === wanted) return;
  chart.root.querySelector(".live-chart-note")?.remove();
  const zoomed = AXES.filter((name) => isZoomed(chart, name));
  const { data, layout, legend } = fitted(component.data, width, theme, zoomed.length > 0);
  // plotly lets a range that Python changed win over the reader's zoom: so show it the old one.
  for (const name of zoomed) if (chart.asked[name]) layout[name].range = [...chart.asked[name]];
  chart.asked = Object.fromEntries(AXES.map((name) => [name, layout[name].range?.slice()]));
  layout.height -= showLegend(chart, legend);
  layout.showlegend = false; // only a saved picture has plotly's own
  for (const name of zoomed) keepTicks(layout[name], plot._fullLayout[name]);
  layout.uirevision = `zoom ${chart.resets}`;
  window.Plotly.react(plot, data, layout, chart.config);
  chart.drawn = wanted;
  if (!chart.listens) listen(chart);
}

// Whether the reader looks at a part: then the lines' ends, and their labels, may be out of sight.
function isZoomed({ plot, asked }, name) {
  if (!asked || !plot._fullLayout) return false;
  const { range, autorange } = plot._fullLayout[name];
  const moved = (edge, i) => Math.abs(edge - range[i]) > 1e-6 * Math.abs(range[1] - range[0]);
  return asked[name] ? asked[name].some(moved) : !autorange;
}

// The ticks of a log10_axis lie too far apart for a deep zoom: then plotly sets its own.
function keepTicks(axis, shown) {
  if (axis.exponentformat !== "power") return; // other ticks are names
  const [low, high] = shown.range;
  if (axis.tickvals.filter((tick) => low <= tick && tick <= high).length > 1) return;
  Object.assign(axis, { tickmode: "auto", tickprefix: "10<sup>", ticksuffix: "</sup>" });
}

function showAll(chart) {
  Object.assign(chart, { resets: chart.resets + 1, asked: undefined, drawn: "" });
  chart.again();
}

function listen(chart) {
  chart.listens = true;
  chart.plot.on("plotly_doubleclick", () => showAll(chart));
  chart.plot.on("plotly_relayout", () => {
    chart.drawn = "";
    chart.again();
  });
  chart.plot.on("plotly_click", ({ points }) => {
    if (!chart.component.data.clickable || !points.length) return;
    const { x, y, z, customdata, data } = points[0];
    chart.component.setTriggerValue("clicked", { x, y, z, customdata, name: data.name });
  });
}

// The figure as this width and this theme want it.
function fitted({ figure, height }, width, theme, part = false) {
  const { data, layout: given } = resolve(JSON.parse(figure), theme);
  const layout = { ...given, width, height };
  layout.font = { ...layout.font, family: theme.font };
  layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: theme.muted, activecolor: theme.text };
  const labels = layout.annotations.filter(({ name }) => name === "direct");
  for (const { font } of labels) font.color = legible(font.color, theme, 4.5);
  for (const trace of data) {
    for (const part of [trace.line, trace.marker]) {
      if (typeof part?.color === "string") part.color = legible(part.color, theme, 3);
      else if (typeof part?.color?.[0] === "string") // one a point
        part.color = part.color.map((color) => legible(color, theme, 3));
    }
  }
  const named = data.filter(({ name, showlegend }) => name && showlegend !== false);
  const crowded = (width < NARROW || part) && labels.length;
  const legend = layout.showlegend || crowded ? named : [];
  if (legend.length) {
    layout.annotations = layout.annotations.filter(({ name }) => name !== "direct");
    if (width < NARROW) layout.margin = { ...layout.margin, r: 12 };
  }
  titleOnTop(layout, theme);
  if (touched) { // a finger scrolls the page, it does not zoom
    layout.dragmode = false;
    layout.xaxis.fixedrange = layout.yaxis.fixedrange = true;
  }
  return { data, layout, legend };
}

// A list that wraps like text (plotly's own legend pushes a small plot aside); returns its height.
function showLegend({ root, plot, component }, traces) {
  root.querySelector(".live-chart-legend")?.remove();
  if (traces.length) {
    const list = element("ul", "live-chart-legend");
    for (const { name, line, marker, opacity = 1 } of traces) {
      const item = element("li", "", name), sign = element("i", "");
      const style = line ? (line.dash ? "dashed" : "solid") : "dotted";
      sign.style.borderTop = `${line ? 2 : 4}px ${style} ${(line ?? marker).color}`;
      sign.style.opacity = opacity;
      item.prepend(sign);
      list.append(item);
    }
    plot.before(list);
  }
  const height = root.querySelector(".live-chart-legend")?.offsetHeight ?? 0;
  plot.style.height = `${component.data.height - height}px`;
  return height;
}

// The title of the vertical axis reads upright above it, and costs no width.
function titleOnTop(layout, theme) {
  const { title, ...axis } = layout.yaxis;
  if (!title?.text) return;
  layout.yaxis = axis;
  layout.annotations.push({
    text: title.text, xref: "paper", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "bottom",
    xshift: 4 - layout.margin.l, yshift: 6, showarrow: false, font: { color: theme.muted, size: 12 },
  });
}

function save({ root, component }, format) {
  const theme = themeOf(root);
  const { data, layout } = fitted(component.data, SAVED_WIDTH, theme);
  layout.paper_bgcolor = theme.background;
  const { filename, height } = component.data;
  const options = { format, filename, width: SAVED_WIDTH, height, scale: format === "png" ? 2 : 1 };
  window.Plotly?.downloadImage({ data, layout }, options);
}

function fail(chart, error) {
  console.warn("live chart:", error);
  if (chart.gone || chart.root.querySelector(".live-chart-note")) return;
  Object.assign(chart, { drawn: "", listens: false });
  window.Plotly?.purge(chart.plot);
  chart.root.append(element("p", "live-chart-note", SENTENCE));
}

function unmount(chart) {
  chart.gone = true;
  chart.observer.disconnect();
  chart.sight.disconnect();
  document.removeEventListener("visibilitychange", chart.again);
  charts.delete(chart.parent);
  window.Plotly?.purge(chart.plot);
  chart.root.remove();
}

function element(tag, name, text = "") {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return node;
}
